"""What the line itself tells, speech aside: signals of the exchange, music, and channels that change for good."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.spans import TimeSpan


class ToneKind(StrEnum):
    """Signals of the telephone exchange that callaudit knows."""

    BUSY = "busy"
    """忙音: the far end has hung up (China: 450 Hz, 0.35 s on, 0.35 s off)."""
    CONGESTION = "congestion"
    """拥塞音: as the busy tone, slower or faster by country (China: 0.7 s on, 0.7 s off)."""
    DIAL = "dial"
    """拨号音: the line has been given back to whoever is left (China: 450 Hz without a pause)."""
    HOWLER = "howler"
    """催挂音: the handset lies beside the telephone (China: 950 Hz, louder and louder)."""
    RINGBACK = "ringback"
    """回铃音: somebody is being called (China: 450 Hz, 1 s on, 4 s off)."""

    @property
    def ends_the_call(self) -> bool:
        """Whether the exchange sends it to whoever is left on the line (挂机信号)."""
        return self is not ToneKind.RINGBACK

    @property
    def is_continuous(self) -> bool:
        """Whether it sounds without pauses."""
        return self in {ToneKind.DIAL, ToneKind.HOWLER}


@dataclass(frozen=True, slots=True, order=True)
class Tone:
    """A run of a call-progress tone on one channel."""

    span: TimeSpan
    channel: int
    kind: ToneKind
    cycles: int
    """Complete on-off cycles heard; 0 for a tone without pauses."""
    frequency_hz: float
    """Measured frequency; the middle of two that sound together."""
    is_cut_in: bool = False
    """Whether it begins in the midst of a burst: switched on at just that moment, not a silent half before."""


class LineChangeKind(StrEnum):
    """How a channel changed for good."""

    DIGITAL_SILENCE = "digital_silence"
    """Its samples stay at one value from here on: nothing is sent any more."""
    FLOOR = "floor"
    """Its background noise is another from here on: comfort noise stopped, or another piece of line is heard."""


@dataclass(frozen=True, slots=True, order=True)
class LineChange:
    """A channel that changes at one moment and never goes back (线路变化)."""

    at_ms: int
    channel: int
    kind: LineChangeKind
    uncertainty_ms: int
    before_dbfs: float
    """Level of the background noise before; -100 for digital silence."""
    after_dbfs: float


@dataclass(frozen=True, slots=True, order=True)
class Music:
    """A stretch of music on one channel, as callers on hold hear it (等待音乐)."""

    span: TimeSpan
    channel: int
    level_dbfs: float
    """Root mean square over its first minute, words spoken over it included."""
