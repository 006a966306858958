"""The busy tone (忙音) that an exchange sends to whoever is left on the line: 450 Hz, 0.35 s on, 0.35 s off.

The tone is looked for where it is loudest against its own neighbourhood of frequencies, not against everything, so that
a voice over it does not hide it; and it is believed by its rhythm, which neither speech nor music nor other signals of
the exchange keep. Frequencies and times: Asterisk's and DAHDI's tables for China; the tolerances allow for packets lost
on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.line import Tone, ToneKind
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import INT16_FULL_SCALE, Waveform

Floats = NDArray[np.float32]

FREQUENCY_HZ = (420.0, 480.0)
"""450 Hz, 30 Hz either way."""
BURST_MS = (290, 410)
"""0.35 s, on as off, 60 ms either way."""
MIN_CYCLES = 3
CUT_BURST_MS = 80
"""A first burst that the recording or the switch cut into may be as short as this."""
MIN_DOMINANCE_DB = 10.0
"""What the tone has over the rest of its neighbourhood while it sounds..."""
MIN_DOMINANT_SHARE = 0.4
"""...in this share of its time at least; the rest may lie under a voice."""
MIN_DROP_DB = 8.0
"""How far the band falls between bursts, at least."""
MAX_DRIFT_HZ = 6.0
"""How far bursts of one exchange lie apart in frequency."""
FLOOR_DBFS = -60.0
"""Tones below this are echoes of another line."""

WORK_RATE_HZ = 2000
"""Enough for 450 Hz and its neighbourhood; an eighth of the samples."""
HOP_MS = 10
FRAME = 128
"""Samples of one spectrum: 64 ms at the working rate, a line every 15.6 Hz."""
BLOCK_S = 60
"""Bounds the memory: sound is looked at a minute at a time."""
NEIGHBOURHOOD_HZ = (200.0, 900.0)
GLITCH_FRAMES = 4
"""Holes and spikes shorter than 50 ms are mended before the rhythm is judged."""
REACH_FRAMES = 70
"""On either side, over which on and off levels are taken: one full cycle."""


@dataclass(frozen=True, slots=True)
class _Track:
    """The tone band of one channel, a value every 10 ms."""

    band_db: Floats
    """Level within 420-480 Hz, dBFS of a sine."""
    rest_db: Floats
    """Level of the neighbourhood without the band."""
    peak_hz: Floats
    """Frequency of the strongest line within the band."""


@dataclass(frozen=True, slots=True)
class _Burst:
    """Frames `[start, end)` in which the tone may sound."""

    start: int
    end: int

    @property
    def length_ms(self) -> int:
        return (self.end - self.start) * HOP_MS


class BusyToneDetector:
    """Finds runs of the Chinese busy tone."""

    name = "busy-tone"
    version = f"1 {FREQUENCY_HZ[0]:.0f}-{FREQUENCY_HZ[1]:.0f}Hz {BURST_MS[0]}-{BURST_MS[1]}ms x{MIN_CYCLES}"

    def detect(self, wave: Waveform) -> tuple[Tone, ...]:
        """Busy tones of all channels, by time, then channel.

        Args:
            wave: any rate that is a multiple of 2 kHz.
        """
        tones = [tone for channel in range(wave.channels) for tone in _find(_track(wave, channel), channel)]
        return tuple(sorted(tones, key=lambda tone: (tone.span, tone.channel)))


def _track(wave: Waveform, channel: int) -> _Track:
    """The tone band over the whole channel."""
    parts = [_spectra(block) for block in _blocks(wave, channel)]
    if not parts:
        nothing = np.zeros(0, np.float32)
        return _Track(nothing, nothing, nothing)
    return _Track(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _blocks(wave: Waveform, channel: int) -> Iterator[Floats]:
    """Sound at the working rate, a minute at a time, each block with the half frame before and after it.

    Frame `i` of the whole is centred on `i * HOP_MS`.
    """
    from scipy.signal import firwin, upfirdn

    step, odd = divmod(wave.sample_rate_hz, WORK_RATE_HZ)
    if odd:
        raise ValueError(f"{wave.sample_rate_hz} Hz is no multiple of {WORK_RATE_HZ} Hz")
    taps = firwin(12 * step + 1, 0.9 / step).astype(np.float32) if step > 1 else np.ones(1, np.float32)
    margin = FRAME // 2 * step + len(taps) // 2
    samples = wave.samples[channel]
    size = BLOCK_S * wave.sample_rate_hz
    for first in range(0, samples.size, size):
        low, high = first - margin, first + size + margin
        block = samples[max(0, low) : high].astype(np.float32) / np.float32(INT16_FULL_SCALE)
        block = np.pad(block, (max(0, -low), max(0, high - samples.size)))
        whole = upfirdn(taps, block, 1, step) if step > 1 else block
        delay = (len(taps) - 1) // step
        frames = min(BLOCK_S * 1000, (samples.size - first) * 1000 // wave.sample_rate_hz) // HOP_MS
        length = frames * HOP_MS * WORK_RATE_HZ // 1000 + FRAME
        yield np.asarray(whole[delay : delay + length], np.float32)


def _spectra(block: Floats) -> tuple[Floats, Floats, Floats]:
    """Band level, neighbourhood level and peak frequency of each frame of a block."""
    hop = HOP_MS * WORK_RATE_HZ // 1000
    window = np.hanning(FRAME).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(block, FRAME)[::hop][: (block.size - FRAME) // hop]
    power = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32) ** 2
    power *= np.float32((2 / window.sum()) ** 2)
    lines_hz = np.fft.rfftfreq(FRAME, 1 / WORK_RATE_HZ)
    spread = WORK_RATE_HZ / FRAME  # a sine shows in the lines beside its own too
    low, high = np.searchsorted(lines_hz, (FREQUENCY_HZ[0] - spread, FREQUENCY_HZ[1] + spread))
    near = slice(*np.searchsorted(lines_hz, NEIGHBOURHOOD_HZ))
    band = power[:, low:high].max(axis=1)
    rest = power[:, near].sum(axis=1) - power[:, low - 1 : high + 1].sum(axis=1)
    return _decibels(band), _decibels(np.maximum(rest, 0)), _peak_hz(power, low, high, spread)


def _peak_hz(power: Floats, low: int, high: int, spread: float) -> Floats:
    """Frequency of the strongest line, between the lines by the neighbours' levels (parabola through decibels)."""
    best = low + power[:, low:high].argmax(axis=1)
    rows = np.arange(len(power))
    left, middle, right = (_decibels(power[rows, best + shift]) for shift in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, np.float32(-1e-3))
    return np.asarray((best + np.clip((left - right) / (2 * bend), -0.5, 0.5)) * spread, np.float32)


def _decibels(power: Floats) -> Floats:
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)), np.float32)


def _find(track: _Track, channel: int) -> Iterator[Tone]:
    """Runs of bursts in the rhythm of the busy tone."""
    run: list[_Burst] = []
    for burst in _bursts(track.band_db):
        if run and not _continues(run[-1], burst):
            yield from _judged(run, track, channel)
            run = []
        run.append(burst)
    yield from _judged(run, track, channel)


def _bursts(band_db: Floats) -> list[_Burst]:
    """Stretches in which the band stands over half the amplitude of the bursts around it."""
    from scipy.ndimage import binary_closing, binary_opening, maximum_filter1d, minimum_filter1d

    if band_db.size == 0:
        return []
    loudest = maximum_filter1d(band_db, 2 * REACH_FRAMES + 1)
    faintest = minimum_filter1d(band_db, 2 * REACH_FRAMES + 1)
    sounds = (band_db > loudest - 6.0) & (loudest > FLOOR_DBFS) & (loudest - faintest >= MIN_DROP_DB)
    glitch = np.ones(GLITCH_FRAMES)
    mended = binary_opening(binary_closing(np.pad(sounds, GLITCH_FRAMES), glitch), glitch)
    edges = np.flatnonzero(np.diff(mended[GLITCH_FRAMES:-GLITCH_FRAMES].astype(np.int8), prepend=0, append=0))
    return [_Burst(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _continues(before: _Burst, burst: _Burst) -> bool:
    """Whether the pause and the burst after it keep the rhythm."""
    return _in_rhythm((burst.start - before.end) * HOP_MS) and _in_rhythm(burst.length_ms)


def _in_rhythm(length_ms: int) -> bool:
    return BURST_MS[0] <= length_ms <= BURST_MS[1]


def _judged(run: Sequence[_Burst], track: _Track, channel: int) -> Iterator[Tone]:
    """The run as a tone, if it is long enough and sounds like one."""
    if run and not CUT_BURST_MS <= run[0].length_ms <= BURST_MS[1]:
        run = run[1:]
    last_pause_ms = (track.band_db.size - run[-1].end) * HOP_MS if run else 0
    cycles = len(run) if last_pause_ms >= BURST_MS[0] else len(run) - 1
    if cycles < MIN_CYCLES:
        return
    on = [slice(burst.start + 2, burst.end - 2) for burst in run]
    off = [slice(burst.end + 4, after.start - 4) for burst, after in pairwise(run)]
    heard_hz = [float(np.median(track.peak_hz[burst])) for burst in on]
    over = np.concatenate([track.band_db[burst] - track.rest_db[burst] for burst in on])
    loud, faint = (np.median(np.concatenate([track.band_db[part] for part in parts])) for parts in (on, off))
    frequency_hz = float(np.median(heard_hz))
    if (
        FREQUENCY_HZ[0] <= frequency_hz <= FREQUENCY_HZ[1]
        and np.median(np.abs(np.array(heard_hz) - frequency_hz)) <= MAX_DRIFT_HZ
        and np.mean(over >= MIN_DOMINANCE_DB) >= MIN_DOMINANT_SHARE
        and loud - faint >= MIN_DROP_DB
    ):
        span = TimeSpan(run[0].start * HOP_MS, run[-1].end * HOP_MS)
        yield Tone(span, channel, ToneKind.BUSY, cycles, round(frequency_hz, 1))
