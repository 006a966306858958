from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from callaudit.reports.units import moment


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 20, 6, 3, 7, tzinfo=UTC),
        datetime(2026, 11, 20, 14, 3, 7, 999_999, tzinfo=timezone(timedelta(hours=8))),
        datetime(2026, 11, 20, 1, 3, 7, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_a_moment_is_told_in_chinas_time_with_its_offset(at: datetime) -> None:
    assert moment(at) == "2026-11-20 14:03:07+08:00"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31 23:59:59+00:00"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))), "0001-01-01 00:00:00+09:00"),
    ],
)
def test_the_ends_of_the_calendar_are_told_as_they_are(at: datetime, told: str) -> None:
    assert moment(at) == told
