from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch.settling import Clocks, Settling

CALL = Path("one.wav")
HOUR_S = 3600.0


class Time:
    """Both clocks, under control."""

    def __init__(self):
        self.monotonic_s = 100.0
        self.wall_s = 1_000_000.0

    def passes(self, seconds):
        self.monotonic_s += seconds
        self.wall_s += seconds

    def clocks(self):
        return Clocks(lambda: self.monotonic_s, lambda: self.wall_s)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def settling(time):
    return Settling(5.0, time.clocks())


def test_a_recording_written_long_ago_is_whole_at_first_sight(settling, time):
    assert settling.until_s(CALL, "a", time.wall_s - 5) is None


def test_a_recording_just_written_is_looked_at_again(settling, time):
    until_s = settling.until_s(CALL, "a", time.wall_s - 4)
    time.passes(5)

    assert until_s == time.monotonic_s
    assert settling.until_s(CALL, "a", time.wall_s - 9) is None


def test_to_ask_early_is_no_use(settling, time):
    until_s = settling.until_s(CALL, "a", time.wall_s)
    time.passes(4.9)

    assert settling.until_s(CALL, "a", time.wall_s) == until_s


def test_a_recording_that_changes_is_never_whole(settling, time):
    for size in range(20):
        assert settling.until_s(CALL, size, time.wall_s) == time.monotonic_s + 5
        time.passes(5)


def test_a_recording_that_looked_old_and_changes_is_waited_for(settling, time):
    assert settling.until_s(CALL, "a", time.wall_s - HOUR_S) is None
    assert settling.until_s(CALL, "b", time.wall_s - HOUR_S) == time.monotonic_s + 5


def test_a_time_in_the_future_costs_one_wait(settling, time):
    assert settling.until_s(CALL, "a", time.wall_s + HOUR_S) is not None
    time.passes(5)

    assert settling.until_s(CALL, "a", time.wall_s + HOUR_S) is None


def test_without_a_time_a_recording_is_looked_at_twice(settling, time):
    assert settling.until_s(CALL, "a", None) is not None
    time.passes(5)

    assert settling.until_s(CALL, "a", None) is None


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_a_clock_that_is_set_makes_no_recording_old(settling, time, step_s):
    written_s = time.wall_s  # a moment ago, and still being written
    time.wall_s += step_s

    assert settling.until_s(CALL, "a", written_s) is not None


@pytest.mark.parametrize("step_s", [HOUR_S, -HOUR_S])
def test_a_clock_that_is_set_does_not_prolong_the_wait(settling, time, step_s):
    settling.until_s(CALL, "a", time.wall_s)
    time.wall_s += step_s
    time.passes(5)

    assert settling.until_s(CALL, "a", time.wall_s) is None


def test_a_clock_set_some_time_ago_is_relied_on_again(settling, time):
    time.wall_s += HOUR_S
    settling.until_s(Path("other.wav"), "a", None)
    time.passes(5)

    assert settling.until_s(CALL, "a", time.wall_s - 6) is None


def test_without_a_settling_time_nothing_waits(time):
    assert Settling(0.0, time.clocks()).until_s(CALL, "a", time.wall_s) is None


def test_what_is_unsettled_waits_although_it_is_old(settling, time):
    settling.until_s(CALL, "a", time.wall_s - HOUR_S)
    until_s = settling.unsettle(CALL, "a")

    assert settling.until_s(CALL, "a", time.wall_s - HOUR_S) == until_s == time.monotonic_s + 5
    time.passes(5)
    assert settling.until_s(CALL, "a", time.wall_s - HOUR_S) is None


def test_what_is_forgotten_is_seen_for_the_first_time(settling, time):
    settling.until_s(CALL, "a", time.wall_s)
    settling.forget(CALL)
    time.passes(4)

    assert settling.until_s(CALL, "b", time.wall_s - 5) is None
