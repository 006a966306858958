"""Stretches in which the customer does not hear the agent although the call goes on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.spans import TimeSpan


class HoldSource(StrEnum):
    """What says that the customer does not hear the agent."""

    RECORD_HOLD = "record_hold"
    """The switch's own record: the customer is on hold (保持)."""
    RECORD_MUTE = "record_mute"
    """The switch's own record: the agent's microphone is muted (静音)."""
    MUSIC = "music"
    """Hold music (等待音乐) where the customer would be heard."""


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """A stretch in which the customer surely does not hear the agent: narrowed by what its ends are uncertain by."""

    span: TimeSpan
    source: HoldSource
    uncertainty_ms: int
    """What was taken off both ends."""

    @classmethod
    def surely(cls, span: TimeSpan, source: HoldSource, uncertainty_ms: int) -> Hold | None:
        """What of a stretch is surely a hold; None where nothing is left.

        >>> Hold.surely(TimeSpan(0, 900), HoldSource.MUSIC, 500) is None
        True
        """
        start_ms, end_ms = span.start_ms + uncertainty_ms, span.end_ms - uncertainty_ms
        return cls(TimeSpan(start_ms, end_ms), source, uncertainty_ms) if start_ms < end_ms else None
