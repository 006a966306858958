"""What exchanges of different countries send: ITU-T E.180 supplement 2, as Asterisk's and DAHDI's tables hold it.

Tables, no code: a kind of tone, one frequency or two that sound together, and on and off by turns. Amplitude-modulated
ringback (Japan, Singapore) is held by its carrier. Howlers outside China are chords above the band that is looked at,
or not in the tables, and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from callaudit.domain.line import ToneKind

CADENCE_TOLERANCE = 0.17
"""Of every on and off, 290-410 ms for 350. Exchanges keep within 10 %; packets and jitter buffers do the rest."""
MIN_CONTINUOUS_MS = 1500
"""From this length on a tone without pauses is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One tone of one country."""

    kind: ToneKind
    frequencies_hz: tuple[float, ...]
    """One, or two that sound together."""
    cadence_ms: tuple[int, ...] = ()
    """On and off by turns, repeated; empty for a tone without pauses."""
    tolerance_hz: float = 25.0
    """Either way."""
    is_rising: bool = False
    """Whether the level must rise."""
    min_cycles: int = 3
    """Complete cycles from which a rhythm is believed, as Asterisk's `busycount`; 0 without pauses."""
    min_ms: int = MIN_CONTINUOUS_MS
    """Shortest tone without pauses: longer than any burst of the country at the same frequency."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The tones of one country."""

    name: str
    signals: tuple[Signal, ...]


def _busy(on_ms: int, *frequencies_hz: float, tolerance_hz: float = 25.0) -> Signal:
    cadence_ms = (on_ms, on_ms)
    return Signal(kind=ToneKind.BUSY, frequencies_hz=frequencies_hz, cadence_ms=cadence_ms, tolerance_hz=tolerance_hz)


def _congestion(cadence_ms: tuple[int, ...], *frequencies_hz: float, tolerance_hz: float = 25.0) -> Signal:
    return Signal(
        kind=ToneKind.CONGESTION, frequencies_hz=frequencies_hz, cadence_ms=cadence_ms, tolerance_hz=tolerance_hz
    )


def _ringback(cadence_ms: tuple[int, ...], *frequencies_hz: float, tolerance_hz: float = 25.0) -> Signal:
    """One whole cycle and another burst are enough: somebody answers, and nothing is decided by it."""
    return Signal(
        kind=ToneKind.RINGBACK,
        frequencies_hz=frequencies_hz,
        cadence_ms=cadence_ms,
        tolerance_hz=tolerance_hz,
        min_cycles=len(cadence_ms) // 2,
    )


def _dial(*frequencies_hz: float, tolerance_hz: float = 25.0, min_ms: int = MIN_CONTINUOUS_MS) -> Signal:
    return Signal(
        kind=ToneKind.DIAL, frequencies_hz=frequencies_hz, tolerance_hz=tolerance_hz, min_ms=min_ms, min_cycles=0
    )


CHINA = Profile(
    "cn",
    (
        _busy(350, 450, tolerance_hz=30),
        _congestion((700, 700), 450, tolerance_hz=30),
        _ringback((1000, 4000), 450, tolerance_hz=30),
        _dial(450, tolerance_hz=30),
        Signal(kind=ToneKind.HOWLER, frequencies_hz=(950,), tolerance_hz=30, is_rising=True, min_cycles=0),
    ),
)
"""GB/T 3380: 450 and 950 Hz, 25 Hz either way and a little for the line."""

PAIR_HZ = 15.0
"""Either way, for pairs: 440 and 480 Hz must not be taken for each other."""


def _precise(name: str, ringback_ms: tuple[int, ...]) -> Profile:
    """The pairs of the North American plan, which Taiwan and Hong Kong use too."""
    return Profile(
        name,
        (
            _busy(500, 480, 620, tolerance_hz=PAIR_HZ),
            _congestion((250, 250), 480, 620, tolerance_hz=PAIR_HZ),
            _ringback(ringback_ms, 440, 480, tolerance_hz=PAIR_HZ),
            _dial(350, 440, tolerance_hz=PAIR_HZ),
        ),
    )


def _single(name: str, frequency_hz: float, busy_ms: int, congestion_ms: int, ringback_ms: tuple[int, ...]) -> Profile:
    """Countries with one frequency for everything."""
    longest_ms = max(ringback_ms[::2])
    return Profile(
        name,
        (
            _busy(busy_ms, frequency_hz),
            _congestion((congestion_ms, congestion_ms), frequency_hz),
            _ringback(ringback_ms, frequency_hz),
            _dial(frequency_hz, min_ms=max(MIN_CONTINUOUS_MS, longest_ms * 3 // 2)),
        ),
    )


JAPAN = Profile("jp", (_busy(500, 400), _ringback((1000, 2000), 400), _dial(400)))
"""Congestion sounds as busy does."""
UNITED_KINGDOM = Profile(
    "uk",
    (
        _busy(375, 400),
        _congestion((400, 350, 225, 525), 400),
        _ringback((400, 200, 400, 2000), 400, 450, tolerance_hz=PAIR_HZ),
        _dial(350, 440, tolerance_hz=PAIR_HZ),
    ),
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            CHINA,
            _precise("tw", (1000, 2000)),
            _precise("hk", (400, 200, 400, 3000)),
            _precise("us", (2000, 4000)),
            UNITED_KINGDOM,
            JAPAN,
            _single("de", 425, 480, 240, (1000, 4000)),
            _single("fr", 440, 500, 250, (1500, 3500)),
            _single("eu", 425, 500, 250, (1000, 4000)),
            _single("sg", 425, 750, 250, (400, 200, 400, 2000)),
        )
    }
)
"""By the name that the settings use; `eu` is what ETSI TR 101 041 recommends where a country has nothing of its own."""
