"""Tones of the exchange (信号音) on every channel: busy, congestion, dial, howler, ringback, as the country sends them.

A tone is looked for as a spectral line that stands still and returns, not as loudness, so that a voice over it does not
hide it for long; and it is believed by its rhythm, or where it has none by its purity and steadiness, which neither
speech nor music nor other signals keep. Per channel: follow the bands (`tracks`), gather lines that stand still
(`lines`), say of each frame whether the tone is heard, absent or hidden (`presence`), fit the rhythm (`cadence`) and
judge it (`judging`, `continuous`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from callaudit.domain.line import Tone
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import Waveform
from callaudit.speech.tones.cadence import Part, chains, parts_of
from callaudit.speech.tones.continuous import judged_continuous
from callaudit.speech.tones.judging import ALONE_DB, Found, judged_rhythm
from callaudit.speech.tones.lines import Candidate, Line, gathered, still_lines
from callaudit.speech.tones.presence import Presence, presence, sines_of
from callaudit.speech.tones.profiles import PROFILES, Signal
from callaudit.speech.tones.tracks import HOP_MS, Band, Chord, RestTrack, Tracks, follow

MIN_STILL_FRAMES = 15
"""Of a candidate; a tone that is worth reporting stands still for longer even under a voice."""
MIN_STILL_SHARE = 0.06
"""Of the time from a candidate's first line to its last; voices rarely return to one frequency and level so often."""
BRIDGED_PERIODS = 2
"""A voice may hide a rhythm for so many periods..."""
LONG_PERIOD_FRAMES = 200
"""...or one, where a period takes over two seconds."""
BRIDGED_FRAMES = 200
"""A voice may hide a tone without pauses for so long."""
MIN_BARE_SHARE = 0.06
PADDING_FRAMES = 250
"""Looked at on either side of a candidate, or one period: a voice may have hidden the first lines."""


class CallProgressToneDetector:
    """Finds the tones of one country."""

    name = "call-progress-tones"

    def __init__(self, profile: str = "cn") -> None:
        """Look for the tones of a profile.

        Args:
            profile: one of `profiles.PROFILES`.
        """
        self._signals = [(signal, _chord(signal)) for signal in PROFILES[profile].signals]
        self.version = f"2 {profile}"

    def detect(self, wave: Waveform) -> tuple[Tone, ...]:
        """Tones of all channels, by time, then channel.

        Args:
            wave: any rate that is a multiple of 4 kHz.
        """
        tones = [tone for channel in range(wave.channels) for tone in self._in_channel(wave, channel)]
        return tuple(sorted(tones, key=lambda tone: (tone.span, tone.channel)))

    def _in_channel(self, wave: Waveform, channel: int) -> Iterator[Tone]:
        tracks = follow(wave, channel, tuple(dict.fromkeys(chord for _, chord in self._signals)))
        lines = {band: still_lines(tracks, band) for band in tracks.bands}
        heard = [each for signal, chord in self._signals for each in _heard(signal, chord, tracks, lines)]
        for each in _apart(heard):
            start_ms, end_ms = (round(frame * HOP_MS) for frame in (each.found.start, each.found.end))
            yield Tone(
                span=TimeSpan(max(0, start_ms), max(0, start_ms, min(end_ms, wave.duration_ms))),
                channel=channel,
                kind=each.signal.kind,
                cycles=each.found.cycles,
                frequency_hz=round(each.view.frequency_hz, 1),
                is_cut_in=each.found.is_cut_in,
            )


@dataclass(frozen=True, slots=True)
class _Heard:
    """A tone found, and where it was looked for."""

    signal: Signal
    view: Presence
    found: Found


def _chord(signal: Signal) -> Chord:
    return tuple(Band(hz, signal.tolerance_hz) for hz in signal.frequencies_hz)


def _heard(signal: Signal, chord: Chord, tracks: Tracks, lines: Mapping[Band, Sequence[Line]]) -> Iterator[_Heard]:
    """One signal wherever it sounds in a channel."""
    parts = parts_of(signal.cadence_ms)
    own, *others = (lines[band] for band in chord)
    for candidate in _candidates(own, parts):
        sines = sines_of(candidate, others) if _is_bare(candidate, tracks.rests[chord]) else None
        if sines is None:
            continue
        padding = max(PADDING_FRAMES, sum(part.longest for part in parts))
        span = (max(0, candidate.start - padding), min(tracks.frames, candidate.end + padding))
        view = presence(tracks, chord, sines, span, signal.is_rising)
        if parts:
            rhythms = (judged_rhythm(view, chain, parts, signal.min_cycles) for chain in chains(view.states, parts))
            yield from (_Heard(signal, view, found) for found in rhythms if found)
        else:
            yield from (_Heard(signal, view, found) for found in judged_continuous(view, signal, tracks, chord))


def _candidates(lines: Sequence[Line], parts: Sequence[Part]) -> Iterator[Candidate]:
    """Lines that return often enough to be of a rhythm, or of a tone without pauses."""
    period = sum(part.longest for part in parts)
    bridged = (period if period > LONG_PERIOD_FRAMES else BRIDGED_PERIODS * period) if parts else BRIDGED_FRAMES
    shortest = min((part.shortest for part in parts if part.is_on), default=50) // 5
    for candidate in gathered(lines, bridged, shortest):
        if candidate.still >= max(MIN_STILL_FRAMES, MIN_STILL_SHARE * (candidate.end - candidate.start)):
            yield candidate


def _is_bare(candidate: Candidate, rest: RestTrack) -> bool:
    """Whether nothing sounds with the lines now and then; spares what follows for nearly all voices and music."""
    under_db = np.concatenate(
        [rest.level_db[line.start : line.end].astype(np.float32) - line.level_db for line in candidate.lines]
    )
    return float(np.mean(under_db <= ALONE_DB)) >= MIN_BARE_SHARE


def _apart(heard: Sequence[_Heard]) -> list[_Heard]:
    """Of tones at one time the one that is heard best, a rhythm before a tone without pauses."""
    kept: list[_Heard] = []
    for each in sorted(heard, key=lambda each: (each.found.cycles > 0, each.found.heard), reverse=True):
        if all(each.found.end <= other.found.start or other.found.end <= each.found.start for other in kept):
            kept.append(each)
    return kept
