"""Times as switches write them, to aware datetimes with what they may be off by."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Zone of a time that names none. Fixed: China has had no summer time since 1991, so no zone database is needed."""

WHOLE_SECONDS_MS = 1000
"""Uncertainty of a time in whole seconds, cut off by the switch."""
FRACTIONS_MS = 200
"""Uncertainty of a finer time: what the clocks of switch and recorder may differ by."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""What lies outside is of another unit, or no time of a call."""
TIME_PROBLEM = f"not a time of day with a date, to the second, from {EARLIEST.year} to {LATEST.year - 1}"
"""What is wrong with a text that `parse_time` refuses."""

_NEVER = re.compile(r"0(\.0+)?|0000-00-00.*|0001-01-01.*|1970-01-01.*")

_EPOCH = re.compile(r"(\d{10}|\d{13}|\d{16})(\.\d+)?")
_EPOCH_UNITS_PER_S = {10: 1, 13: 1_000, 16: 1_000_000}
_COMPACT = re.compile(r"\d{14}")
_CALENDAR = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}:\d{2}:\d{2})([.,]\d{1,9})?\s*"
    r"(Z|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)


def parse_time(text: str, zone: tzinfo = CHINA) -> tuple[datetime, int]:
    """Read one time of day and date.

    Understood are ISO-8601 (`2026-03-02T09:15:20.350+08:00`, with a blank for the T and slashes for the dashes too),
    fourteen digits (`20260302091520`) and seconds, milliseconds or microseconds since 1970.

    Args:
        text: the time as the file has it.
        zone: zone of a time that names none.

    Returns:
        The time and its uncertainty in ms: 1000 where it is given in whole seconds, be it with zeros behind, else 200.

    Raises:
        ValueError: not a time, a date without one, or not of this century.

    >>> parse_time("2026/3/2 9:15:20")[0].isoformat()
    '2026-03-02T09:15:20+08:00'
    """
    text = text.strip()
    if epoch := _EPOCH.fullmatch(text):
        moment = _from_epoch(epoch)
    elif _COMPACT.fullmatch(text):
        moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone)
    elif calendar := _CALENDAR.fullmatch(text):
        moment = _from_calendar(calendar, zone)
    else:
        raise ValueError(TIME_PROBLEM)
    if not EARLIEST <= moment < LATEST:
        raise ValueError(TIME_PROBLEM)
    return moment, FRACTIONS_MS if moment.microsecond else WHOLE_SECONDS_MS


def is_never(text: str) -> bool:
    """Whether a system wrote the zero of its calendar, as they do for what did not happen.

    >>> [is_never(text) for text in ("0", "0000-00-00 00:00:00", "1970-01-01 08:00:00", "2026-03-02 09:15:20")]
    [True, True, True, False]
    """
    return bool(_NEVER.fullmatch(text.strip()))


def _from_epoch(epoch: re.Match[str]) -> datetime:
    digits, fraction = epoch.groups()
    per_s = _EPOCH_UNITS_PER_S[len(digits)]
    whole_s, rest = divmod(int(digits), per_s)
    fraction_s = rest / per_s + float(fraction or 0) / per_s
    return datetime.fromtimestamp(whole_s, UTC) + timedelta(seconds=fraction_s)


def _from_calendar(calendar: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day, clock, fraction, offset = calendar.groups()
    iso = f"{year}-{int(month):02}-{int(day):02}T{clock.rjust(8, '0')}"
    moment = datetime.fromisoformat(iso + (offset or "").upper())
    if fraction:
        moment += timedelta(seconds=float("0." + fraction[1:]))
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
