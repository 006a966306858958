"""The bands in which tones lie, followed through a channel: level, frequency, and what else is heard.

Sound is looked at ten seconds at a time and brought down to 4 kHz. Of each 10 ms only a few numbers stay: 1.6 kB a
second for China, a twentieth of the samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal import firwin

from callaudit.domain.waveform import INT16_FULL_SCALE, Waveform

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Frames = NDArray[np.int64]

WORK_RATE_HZ = 4000
"""Holds every tone of the profiles, and twice the highest."""
HOP_MS = 10
FRAME = 320
"""Samples of one spectrum, 80 ms: lines 12.5 Hz apart, which tells 440 from 480 Hz and is shorter than any burst."""
LINE_HZ = WORK_RATE_HZ / FRAME
HOP = WORK_RATE_HZ * HOP_MS // 1000
BLOCK_FRAMES = 1000
NEIGHBOURHOOD_HZ = (200.0, 1250.0)
"""Where voices, chords and harmonics would be heard beside a tone."""
GUARD_LINES = 3
"""A sine shows in this many lines on either side."""
FLOOR_DBFS = -52.0
"""Frames fainter than this all through are not looked at: tones this faint are echoes of another line."""
FAINTEST_DB = -120.0
"""Level of what is not looked at."""
_WINDOW = (np.sin(np.pi * np.arange(FRAME) / FRAME) ** 2 * np.sqrt(8) / FRAME).astype(np.float32)
"""Hann's; the strongest line of a sine has the power of the sine."""


@dataclass(frozen=True, slots=True)
class Band:
    """Where a tone of one frequency may lie."""

    centre_hz: float
    tolerance_hz: float

    @property
    def lines(self) -> slice:
        """Lines of the spectrum that may be the strongest of a tone within the band."""
        low, high = self.centre_hz - self.tolerance_hz, self.centre_hz + self.tolerance_hz
        return slice(round(low / LINE_HZ), round(high / LINE_HZ) + 1)


Chord = tuple[Band, ...]
"""One band, or two that sound together."""


@dataclass(frozen=True, slots=True)
class BandTrack:
    """The strongest line of a band, a value every 10 ms; value `i` is centred on `i * HOP_MS`."""

    level_db: Halves
    """dBFS, root mean square."""
    hz: Halves
    """Frequency against the band's centre, by the turn of the phase from this value to the next."""


@dataclass(frozen=True, slots=True)
class RestTrack:
    """The strongest line of the neighbourhood beside those of a chord."""

    level_db: Halves
    """As a band's."""
    hz: Halves
    """Of the spectrum's line, no nearer."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """All that is kept of a channel."""

    bands: dict[Band, BandTrack]
    rests: dict[Chord, RestTrack]
    frames: int


def follow(wave: Waveform, channel: int, chords: Sequence[Chord]) -> Tracks:
    """The bands of all chords through a whole channel.

    Raises:
        ValueError: the wave's rate is no multiple of 4 kHz.
    """
    bands = tuple(dict.fromkeys(band for chord in chords for band in chord))
    frames = wave.samples.shape[1] * 1000 // (wave.sample_rate_hz * HOP_MS)
    in_bands = {band: BandTrack(_empty(frames), _empty(frames)) for band in bands}
    rests = {chord: RestTrack(_empty(frames), _empty(frames)) for chord in chords}
    for first, block in _blocks(wave, channel, frames):
        _fill(first, block, in_bands, rests)
    return Tracks(in_bands, rests, frames)


def _empty(frames: int) -> Halves:
    return np.full(frames, FAINTEST_DB, np.float16)


def _blocks(wave: Waveform, channel: int, frames: int) -> Iterator[tuple[int, Floats]]:
    """First frame and working-rate samples of each block, with half a frame before and a frame and a hop after."""
    step, odd = divmod(wave.sample_rate_hz, WORK_RATE_HZ)
    if odd:
        raise ValueError(f"{wave.sample_rate_hz} Hz is no multiple of {WORK_RATE_HZ} Hz")
    row, samples = HOP * step, wave.samples[channel]
    taps = _lowering(step)
    both = _by_rows(taps, step)
    lead = FRAME // 2 * step + taps.size // 2
    for first in range(0, frames, BLOCK_FRAMES):
        rows = min(frames - first, BLOCK_FRAMES) + FRAME // HOP
        low = first * row - lead
        high = low + (rows + 1) * row
        part = samples[max(0, low) : high].astype(np.float32)
        part = np.pad(part, (max(0, -low), max(0, high - samples.size)))[: high - low]
        turned = part.reshape(-1, row) @ both
        yield first, (turned[:-1, :HOP] + turned[1:, HOP:]).reshape(-1)


def _lowering(step: int) -> NDArray[np.float64]:
    """The filter before every `step`th sample is kept."""
    taps = firwin(16 * step + 1, 0.9 / step) if step > 1 else np.ones(1)
    return np.asarray(taps / INT16_FULL_SCALE)


def _by_rows(taps: NDArray[np.float64], step: int) -> Floats:
    """The filter as a matrix: what a row of `HOP * step` samples adds to the working-rate samples of two rows.

    One product of matrices is several times faster than a filter that runs along the samples.
    """
    row = HOP * step
    whole = np.zeros((2 * row, HOP), np.float32)
    for sample in range(HOP):
        whole[sample * step : sample * step + taps.size, sample] = taps
    return np.hstack([whole[:row], whole[row:]])


def _fill(first: int, block: Floats, bands: dict[Band, BandTrack], rests: dict[Chord, RestTrack]) -> None:
    """Write the tracks of one block where anything can be heard."""
    heard, needed = _audible(block)
    if heard.size == 0:
        return
    frames = np.lib.stride_tricks.sliding_window_view(block, FRAME)[::HOP]
    spectra = rfft(frames[needed] * _WINDOW, axis=1)[:, : round(NEIGHBOURHOOD_HZ[1] / LINE_HZ) + 1]
    power = spectra.real**2 + spectra.imag**2
    rows, at = np.searchsorted(needed, heard), first + heard
    peaks = {}
    for band, track in bands.items():
        peaks[band] = peak = band.lines.start + power[:, band.lines].argmax(axis=1)[rows]
        lobe = power[rows, peak - 1] + power[rows, peak] + power[rows, peak + 1]
        track.level_db[at] = _decibels(lobe / np.float32(1.5))
        turn = np.angle(spectra[rows + 1, peak] * spectra[rows, peak].conj()) / (2 * np.pi)
        beyond = (turn - peak * (LINE_HZ * HOP_MS / 1000) + 0.5) % 1 - 0.5
        track.hz[at] = peak * LINE_HZ + beyond * (1000 / HOP_MS) - band.centre_hz
    power[:, : round(NEIGHBOURHOOD_HZ[0] / LINE_HZ)] = 0
    for chord, rest in rests.items():
        hidden = (rows[:, None], _hidden(power.shape[1], [peaks[band] for band in chord]))
        kept = power[hidden]
        power[hidden] = 0
        strongest = power.argmax(axis=1)[rows]
        rest.level_db[at] = _decibels(power[rows, strongest])
        rest.hz[at] = strongest * LINE_HZ
        power[hidden] = kept


def _audible(block: Floats) -> tuple[Frames, Frames]:
    """Frames in which something reaches the floor, and those that must be transformed: the ones after them too."""
    hops = block.reshape(-1, HOP)
    loud = np.einsum("ij,ij->i", hops, hops) > np.float32(HOP * 10 ** (FLOOR_DBFS / 10))
    loud = np.asarray(np.lib.stride_tricks.sliding_window_view(loud, FRAME // HOP).any(axis=1))
    needed = loud.copy()
    needed[1:] |= loud[:-1]
    return np.flatnonzero(loud[:-1]), np.flatnonzero(needed)


def _hidden(lines: int, peaks: Sequence[Frames]) -> Frames:
    """The lines in which a chord shows, by frame."""
    reach = np.arange(-GUARD_LINES, GUARD_LINES + 1)
    return np.minimum(np.hstack([peak[:, None] + reach for peak in peaks]), lines - 1)


def _decibels(power: Floats) -> Floats:
    return np.asarray(10 * np.log10(np.maximum(power, np.float32(10 ** (FAINTEST_DB / 10)))), np.float32)
