"""Fields of other systems' records to text, numbers and times, with errors that name the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from callaudit.calls.fields import FieldError, text_of
from callaudit.calls.times import (
    EARLIEST,
    FRACTIONS_MS,
    LATEST,
    TIME_PROBLEM,
    WHOLE_SECONDS_MS,
    is_never,
    parse_time,
)
from callaudit.domain.calls import ClockSpan

SECONDS, MILLISECONDS, MICROSECONDS = 1, 1_000, 1_000_000
"""Units of a time since 1970, in what one second has of them."""

MOST_DIGITS = 16
"""Microseconds since 1970 have no more until the year 2286."""

_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("", "false", "f", "no", "n", "off", "0"), False),
}
"""Words for true and false; FreeSWITCH has the most."""

_UNIT_NAMES = {SECONDS: "seconds", MILLISECONDS: "milliseconds", MICROSECONDS: "microseconds"}
_MOST_S = (LATEST - EARLIEST).total_seconds()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on the switch's clock, and what it may be off by."""

    at: datetime
    uncertainty_ms: int

    def later(self, seconds: float, uncertainty_ms: int = 0) -> Moment:
        """The moment some seconds later (earlier, where negative), less certain by what the seconds are rounded."""
        return Moment(self.at + timedelta(seconds=seconds), self.uncertainty_ms + uncertainty_ms)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one record, or of a part of it; a field that is null or empty is absent."""

    values: Mapping[str, object]
    zone: tzinfo
    prefix: str = ""
    """Where the part stands in its record, such as `participants[1].`."""

    def has(self, *names: str) -> bool:
        """Whether any of these fields is there, empty or not."""
        return any(name in self.values for name in names)

    def text(self, *names: str) -> str | None:
        """The first of some fields that holds anything, as text."""
        for name in names:
            value = self.values.get(name)
            try:
                text = text_of(value)
            except TypeError as error:
                raise self.error(name, str(error), value) from error
            if text is not None:
                return text
        return None

    def required(self, name: str) -> str:
        """The text of a field without which the record cannot be used."""
        text = self.text(name)
        if text is None:
            raise self.error(name, "missing", self.values.get(name, ""))
        return text

    def flag(self, name: str) -> bool:
        """Whether a field says true; an absent one says false."""
        value = self.values.get(name)
        word = str(value).lower() if isinstance(value, bool) else (self.text(name) or "").lower()
        if word not in _FLAGS:
            raise self.error(name, "neither true nor false", value)
        return _FLAGS[word]

    def number(self, name: str) -> float | None:
        """A number, such as a length in seconds, that is not negative, nor longer than the calendar of calls."""
        text = self.text(name)
        if text is None:
            return None
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number < _MOST_S:
            raise self.error(name, "not a number of 0 or more that can be a length of time", text)
        return number

    def epoch(self, name: str, unit: int) -> Moment | None:
        """A time since 1970 in the unit that the system documents; 0 is absent, as systems write it for never.

        A finer unit in whole seconds is taken for a time cut off to the second.
        """
        text = self.text(name)
        if text is None or is_never(text):
            return None
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
        if not EARLIEST.timestamp() * unit <= number < LATEST.timestamp() * unit:
            raise self.error(name, f"not {_UNIT_NAMES[unit]} since 1970", text)
        whole_s, rest = divmod(number, unit)
        at = datetime.fromtimestamp(whole_s, UTC) + timedelta(microseconds=rest * MICROSECONDS // unit)
        return Moment(at, FRACTIONS_MS if rest else WHOLE_SECONDS_MS)

    def clock(self, name: str) -> Moment | None:
        """A time as text, with date; without a zone it is in that of the file."""
        text = self.text(name)
        if text is None or is_never(text):
            return None
        try:
            return Moment(*parse_time(text, self.zone))
        except (ValueError, OverflowError):
            raise self.error(name, TIME_PROBLEM, text) from None

    def part(self, name: str) -> Fields:
        """An object within the record; without fields where it is absent."""
        value = self.values.get(name)
        if value is None or value == "":
            value = {}
        if not isinstance(value, Mapping):
            raise self.error(name, "not an object", value)
        return Fields(value, self.zone, f"{self.prefix}{name}.")

    def parts(self, name: str) -> tuple[Fields, ...]:
        """The objects of a list within the record; none where it is absent."""
        value = self.values.get(name)
        if value is None or value == "":
            return ()
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.error(name, "not a list of objects", value)
        return tuple(Fields(item, self.zone, f"{self.prefix}{name}[{n}].") for n, item in enumerate(value))

    def span(self, name: str, start: Moment, end: Moment) -> ClockSpan:
        """The stretch between two moments; `name` is the field to blame where the second lies before the first."""
        if end.at < start.at:
            raise self.error(name, "ends before it starts", end.at.isoformat())
        return ClockSpan(start.at, end.at)

    def error(self, name: str, problem: str, value: object) -> FieldError:
        """The error of a field."""
        return FieldError(f"{self.prefix}{name}", problem, value, "field")


def at(moment: Moment | None) -> datetime | None:
    """The time of a moment that may be unknown."""
    return moment.at if moment else None


def uncertainty_of(*moments: Moment | None) -> int:
    """What the least certain of some moments may be off by, in ms."""
    return max((moment.uncertainty_ms for moment in moments if moment), default=WHOLE_SECONDS_MS)


def distinct(*moments: Moment | None) -> tuple[datetime, ...]:
    """The times of those that are known, each once, in order."""
    return tuple(sorted({moment.at for moment in moments if moment}))


def in_order(*moments: Moment | None) -> bool:
    """Whether those that are known follow one another, within what the clock may be off by."""
    told = [moment for moment in moments if moment]
    slack = timedelta(milliseconds=uncertainty_of(*told))
    return all(later.at - earlier.at >= -slack for earlier, later in pairwise(told))


def known(*names: str | None) -> tuple[str, ...]:
    """The ids that are there, each once."""
    return tuple(dict.fromkeys(name for name in names if name))


def seconds_between(start: Moment | None, end: Moment | None) -> float | None:
    """Time from one moment to another; None where either is unknown."""
    return (end.at - start.at).total_seconds() if start and end else None


def last_part(names: Iterable[str | None]) -> str:
    """File name of the first path or address that is there; empty where none is.

    >>> last_part([None, "https://host/records/1042.mp3?sign=a/b"])
    '1042.mp3'
    """
    for name in names:
        if name:
            return name.partition("?")[0].partition("#")[0].replace("\\", "/").rstrip("/").rpartition("/")[2]
    return ""
