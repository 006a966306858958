"""Stretches of time and of text.

Time is integer milliseconds from the start of the recording and text positions are code points of the raw utterance;
both are half-open, so neighbours touch without sharing anything.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """Half-open stretch `[start_ms, end_ms)` of a recording.

    >>> TimeSpan(0, 500).overlaps(TimeSpan(500, 900))
    False
    >>> TimeSpan(0, 500).gap_ms(TimeSpan(700, 900))
    200
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.start_ms < 0 or self.end_ms < self.start_ms:
            raise ValueError(f"not a time span: {self.start_ms}..{self.end_ms} ms")

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds."""
        return self.end_ms - self.start_ms

    def overlaps(self, other: TimeSpan) -> bool:
        """Whether the two share at least one millisecond."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms

    def overlap_ms(self, other: TimeSpan) -> int:
        """How many milliseconds the two share."""
        return max(0, min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms))

    def gap_ms(self, other: TimeSpan) -> int:
        """Milliseconds between the two; 0 where they touch or overlap."""
        return max(0, max(self.start_ms, other.start_ms) - min(self.end_ms, other.end_ms))

    def clip(self, other: TimeSpan) -> TimeSpan:
        """This span cut to `other`; empty at the nearer edge where they do not meet.

        >>> TimeSpan(0, 500).clip(TimeSpan(200, 300))
        TimeSpan(start_ms=200, end_ms=300)
        """
        start_ms = min(max(self.start_ms, other.start_ms), other.end_ms)
        return TimeSpan(start_ms, max(start_ms, min(self.end_ms, other.end_ms)))

    def shift(self, by_ms: int) -> TimeSpan:
        """The same length, `by_ms` later."""
        return TimeSpan(self.start_ms + by_ms, self.end_ms + by_ms)

    def widen(self, by_ms: int, limit_ms: int) -> TimeSpan:
        """Grown by `by_ms` on both sides, within `[0, limit_ms)`."""
        start_ms = max(0, self.start_ms - by_ms)
        return TimeSpan(start_ms, max(start_ms, min(limit_ms, self.end_ms + by_ms)))

    def cover(self, other: TimeSpan) -> TimeSpan:
        """The shortest span that holds both."""
        return TimeSpan(min(self.start_ms, other.start_ms), max(self.end_ms, other.end_ms))


@dataclass(frozen=True, slots=True, order=True)
class CharSpan:
    """Half-open stretch `[start, end)` of an utterance's raw text, in code points.

    >>> CharSpan(1, 3).cut("不要脸")
    '要脸'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start < 0 or self.end < self.start:
            raise ValueError(f"not a text span: {self.start}..{self.end}")

    @property
    def length(self) -> int:
        """Length in code points."""
        return self.end - self.start

    def overlaps(self, other: CharSpan) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def cut(self, text: str) -> str:
        """The stretch of `text` this span names."""
        return text[self.start : self.end]
