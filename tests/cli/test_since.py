from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
import typer

from callaudit.cli.since import moment_of

NOW = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


@pytest.fixture
def china(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24h", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("90m", datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
        (" 7D ", datetime(2026, 2, 23, 0, 30, tzinfo=UTC)),
        ("2w", datetime(2026, 2, 16, 0, 30, tzinfo=UTC)),
        ("2026-03-01T18:00+00:00", datetime(2026, 3, 1, 18, 0, tzinfo=UTC)),
        ("2026-03-01T18:00Z", datetime(2026, 3, 1, 18, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_may_be_told_by_how_long_ago_it_is_or_by_its_time(text, moment):
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", datetime(2026, 2, 28, 16, 0, tzinfo=UTC)),
        ("2026-03-01 18:00", datetime(2026, 3, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_date_is_that_of_this_machine(china, text, moment):
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "h", "24", "24x", "-1d", "1.5d", "yesterday", "2026-02-30", "999999w", "999999d", "0000-01-01"]
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(typer.BadParameter):
        moment_of(text, NOW)


@pytest.mark.parametrize("text", ["2026-03-03", "2026-03-02T00:31+00:00"])
def test_the_future_is_refused(text):
    with pytest.raises(typer.BadParameter, match="future"):
        moment_of(text, NOW)
