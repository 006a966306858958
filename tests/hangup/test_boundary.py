from __future__ import annotations

import pytest

from callaudit.domain.findings import Phase
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.boundary import is_after, is_surely_after, phase_of
from tests.builders import make_hangup


@pytest.mark.parametrize("uncertainty_ms", [0, 300, 1000, 5000])
@pytest.mark.parametrize(
    ("start_ms", "end_ms", "after"),
    [
        (19_100, 22_000, False),
        (19_400, 26_000, False),
        (19_600, 20_100, False),
        (19_600, 20_500, True),
        (20_000, 21_000, True),
        (17_000, 19_000, False),
    ],
    ids=["begun before", "cut off", "middle before", "padded", "after", "before"],
)
def test_uncertainty_does_not_move_the_boundary(start_ms: int, end_ms: int, after: bool, uncertainty_ms: int) -> None:
    hangup = make_hangup(20_000, uncertainty_ms=uncertainty_ms)
    span = TimeSpan(start_ms, end_ms)
    assert is_after(span, hangup) is after
    assert phase_of(span, hangup) is (Phase.AFTER_HANGUP if after else Phase.BEFORE_HANGUP)


@pytest.mark.parametrize(
    ("start_ms", "uncertainty_ms", "surely"),
    [(20_300, 300, True), (20_300, 1000, False), (21_500, 1000, True), (19_000, 0, False)],
)
def test_speech_close_to_an_uncertain_hangup_is_not_surely_after_it(
    start_ms: int, uncertainty_ms: int, surely: bool
) -> None:
    span = TimeSpan(start_ms, start_ms + 3000)
    assert is_surely_after(span, make_hangup(20_000, uncertainty_ms=uncertainty_ms)) is surely


def test_without_a_hangup_nothing_is_after_it() -> None:
    assert not is_after(TimeSpan(0, 1000), None)
    assert not is_surely_after(TimeSpan(0, 1000), None)
