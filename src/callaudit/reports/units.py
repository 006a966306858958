"""Numbers as reviewers read them; seconds appear here and nowhere below."""

from __future__ import annotations

from datetime import datetime

from callaudit.calls.times import CHINA
from callaudit.reports.wording.labels import Lang


def moment(at: datetime) -> str:
    """Date and time of day in China, whatever the zone of the machine or of a call record, with the offset.

    >>> from datetime import UTC
    >>> moment(datetime(2026, 3, 2, 1, 15, 20, 350_000, tzinfo=UTC))
    '2026-03-02 09:15:20+08:00'
    """
    try:
        there = at.astimezone(CHINA)
    except OverflowError:  # the first or last hours of the calendar, which switches write for "never"
        there = at
    return there.isoformat(sep=" ", timespec="seconds")


def clock(ms: int) -> str:
    """Position in a recording.

    >>> clock(83_250), clock(3_783_000)
    ('1:23.2', '1:03:03.0')
    """
    tenths = ms // 100
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    second = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{second}" if hours else f"{minutes}:{second}"


def axis_clock(ms: int) -> str:
    """Position in whole seconds, for a time axis.

    >>> axis_clock(83_250)
    '1:23'
    """
    return clock(ms).rpartition(".")[0]


def seconds(ms: int, lang: Lang) -> str:
    """A length of time up to some minutes.

    >>> seconds(3_240, "en")
    '3.2 s'
    """
    return f"{ms / 1000:.1f} {'秒' if lang == 'zh' else 's'}"


def give_or_take(ms: int, lang: Lang) -> str:
    """An uncertainty."""
    return f"±{seconds(ms, lang)}"


def hours(ms: int, lang: Lang) -> str:
    """A length of time of many calls together."""
    if ms < 3_600_000:
        return f"{ms / 60_000:.1f} {'分钟' if lang == 'zh' else 'min'}"
    return f"{ms / 3_600_000:.1f} {'小时' if lang == 'zh' else 'h'}"


def percent(share: float) -> str:
    """A share of 1.

    >>> percent(0.954)
    '95%'
    """
    return f"{share:.0%}"
