from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.calls.times import CHINA, parse_time

NINE = datetime(2026, 3, 2, 9, 15, 20, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "moment", "uncertainty_ms"),
    [
        ("2026-03-02T09:15:20+08:00", NINE, 1000),
        ("2026-03-02T01:15:20Z", NINE, 1000),
        ("2026-03-02T01:15:20z", NINE, 1000),
        ("2026-03-02T06:45:20+0530", NINE, 1000),
        ("2026-03-02T09:15:20", NINE, 1000),
        ("2026-03-02 09:15:20", NINE, 1000),
        ("2026/3/2 9:15:20", NINE, 1000),
        ("20260302091520", NINE, 1000),
        (" 2026-03-02 09:15:20 ", NINE, 1000),
        ("2026-03-02T09:15:20.350+08:00", NINE + timedelta(milliseconds=350), 200),
        ("2026-03-02 09:15:20,350", NINE + timedelta(milliseconds=350), 200),
        ("2026-03-02T09:15:20.000", NINE, 1000),
        ("1772414120000", NINE, 1000),
        ("1772414120.0", NINE, 1000),
        ("2026-03-02 01:15:20.350+00", NINE + timedelta(milliseconds=350), 200),
        ("1772414120", NINE, 1000),
        ("1772414120.350", NINE + timedelta(milliseconds=350), 200),
        ("1772414120350", NINE + timedelta(milliseconds=350), 200),
        ("1772414120350000", NINE + timedelta(milliseconds=350), 200),
    ],
)
def test_a_time_is_read_with_its_precision(text: str, moment: datetime, uncertainty_ms: int) -> None:
    assert parse_time(text) == (moment, uncertainty_ms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-03-02",
        "09:15:20",
        "2026-13-02 09:15:20",
        "2026-03-02 25:15:20",
        "2026-03-02 09:15",
        "17724141",
        "9999-12-31 23:59:59",
        "1969-12-31 19:00:00",
        "0000000000",
        "2026-03-02 09:15:20 CST",
        "2026-03-02 09:15:20 PM",
        "02/03/2026 09:15:20",
    ],
)
def test_what_is_no_time_to_the_second_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_time(text)


def test_a_time_without_zone_takes_the_declared_one() -> None:
    assert parse_time("2026-03-02 09:15:20", UTC)[0] == datetime(2026, 3, 2, 9, 15, 20, tzinfo=UTC)


@given(
    st.datetimes(
        min_value=datetime(2002, 1, 1),
        max_value=datetime(2099, 1, 1),
        timezones=st.sampled_from([UTC, CHINA, timezone(timedelta(hours=-5))]),
    ).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
)
def test_every_way_to_write_a_moment_gives_the_same_moment(moment: datetime) -> None:
    since_1970_ms = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    for text in (moment.isoformat(), str(since_1970_ms)):
        assert abs(parse_time(text)[0] - moment) < timedelta(milliseconds=1)
