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

_EPOCH = re.compile(r"(\d{10}|\d{13}|\d{16})(\.\d+)?")
_EPOCH_UNITS_PER_S = {10: 1, 13: 1_000, 16: 1_000_000}
_COMPACT = re.compile(r"\d{14}")
_CALENDAR = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}:\d{2}:\d{2})([.,]\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)


def parse_time(text: str, zone: tzinfo = CHINA) -> tuple[datetime, int]:
    """Read one time of day and date.

    Understood are ISO-8601 (`2026-03-02T09:15:20.350+08:00`, with a blank for the T and slashes for the dashes too),
    fourteen digits (`20260302091520`) and seconds, milliseconds or microseconds since 1970.

    Args:
        text: the time as the file has it.
        zone: zone of a time that names none.

    Returns:
        The time and its uncertainty in ms: 1000 where it is given in whole seconds, else 200.

    Raises:
        ValueError: not a time, or a date without one.

    >>> parse_time("2026/3/2 9:15:20")[0].isoformat()
    '2026-03-02T09:15:20+08:00'
    """
    text = text.strip()
    if epoch := _EPOCH.fullmatch(text):
        return _from_epoch(epoch)
    if _COMPACT.fullmatch(text):
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=zone), WHOLE_SECONDS_MS
    calendar = _CALENDAR.fullmatch(text)
    if calendar is None:
        raise ValueError("not a time")
    return _from_calendar(calendar, zone)


def _from_epoch(epoch: re.Match[str]) -> tuple[datetime, int]:
    digits, fraction = epoch.groups()
    per_s = _EPOCH_UNITS_PER_S[len(digits)]
    whole_s, rest = divmod(int(digits), per_s)
    fraction_s = rest / per_s + float(fraction or 0) / per_s
    moment = datetime.fromtimestamp(whole_s, UTC) + timedelta(seconds=fraction_s)
    is_whole = per_s == 1 and fraction is None
    return moment, WHOLE_SECONDS_MS if is_whole else FRACTIONS_MS


def _from_calendar(calendar: re.Match[str], zone: tzinfo) -> tuple[datetime, int]:
    year, month, day, clock, fraction, offset = calendar.groups()
    iso = f"{year}-{int(month):02}-{int(day):02}T{clock.rjust(8, '0')}"
    moment = datetime.fromisoformat(iso + (offset or "").upper())
    if fraction:
        moment += timedelta(seconds=float("0." + fraction[1:]))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment, FRACTIONS_MS if fraction else WHOLE_SECONDS_MS
