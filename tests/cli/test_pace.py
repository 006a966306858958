from __future__ import annotations

import pytest

from callaudit.cli.pace import FEWEST, STEP_S, WINDOW_S, Pace


def paced(notes, begun_s=1000.0):
    pace = Pace(begun_s)
    for after_s, worked in notes:
        pace.note(begun_s + after_s, worked)
    return pace


def test_what_is_left_takes_as_long_as_what_is_done_took():
    assert paced([(30, 3), (60, 6)]).remaining_s(12) == pytest.approx(120)


def test_nothing_left_takes_no_time():
    assert Pace(0.0).remaining_s(0) == 0


@pytest.mark.parametrize("notes", [[], [(600, 0)], [(STEP_S / 2, 3)]])
def test_nobody_can_tell_before_anything_is_done_or_any_time_is_gone(notes):
    assert paced(notes).remaining_s(10) is None


def test_recordings_that_were_skipped_at_once_do_not_promise_that_the_rest_is_quick():
    pace = paced([(1, 0), (60, 0), (120, 2)])  # thousands were skipped before

    assert pace.remaining_s(10) == pytest.approx(600)


def test_the_pace_is_that_of_the_last_minutes():
    quick = [(step * 10, step * 10) for step in range(1, 31)]  # one a second for five minutes
    slow = [(300 + step * 100, 300 + step) for step in range(1, 31)]  # one in a hundred seconds from then on
    pace = paced(quick + slow)

    assert pace.remaining_s(10) == pytest.approx(1000, rel=0.1)


def test_slow_calls_are_averaged_over_more_than_the_last_minutes():
    pace = paced([(step * WINDOW_S, step) for step in range(1, 101)])
    expected_s = 10 * WINDOW_S

    assert pace.remaining_s(10) == pytest.approx(expected_s)


def test_a_night_of_notes_takes_little_memory():
    pace = Pace(0.0)
    for second in range(8 * 3600):
        pace.note(float(second), second * 3)

    assert len(pace._notes) <= WINDOW_S / STEP_S + FEWEST
