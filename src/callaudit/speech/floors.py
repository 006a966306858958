"""The background of a channel, in few numbers: levels every 10 ms, stretches that keep one level, lasting tones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, grey_closing

from callaudit.domain.waveform import INT16_FULL_SCALE, Waveform

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

FRAME_MS = 10
BLOCK_FRAMES = 1000
"""Bounds the memory, and keeps it in the processor's cache: sound is looked at ten seconds at a time."""
DIGITAL_DBFS = -84.0
"""Digital silence, with the step or two that a lossy codec makes of it; nothing lower is told apart."""

LOOK = 16
"""Frames of a stretch in which the floor may show: longer than lost packets, shorter than the pauses of a busy tone."""
LOOK_HOP = 5
STEADY_DB = 7.0
"""Between its second loudest and second faintest frame: noise a few hundred hertz wide keeps within it, speech, with a
dip at every syllable, does not."""
ONSET_DB = 6.0
"""A stretch with a frame that much over its median holds the beginning of something."""
LOUDEST_FLOOR_DBFS = -35.0
"""Louder is no background: voices, tones, music."""
LOST_FRAMES = 9
"""Holes of digital silence shorter than 90 ms are lost packets and mended."""
ALIKE_DB = 4.0
"""Floors of one line differ less from one pause to the next."""
RUN = 6
"""Stretches in a row, 400 ms, that are a visit to a floor and no accident of speech or lost packets."""

MAX_LEFT_OF_SINE = 0.03
"""Share of a frame's power that is not the one sine: a tone 15 dB over what else is heard."""
TONE_FRAMES = 10
"""A tone lasts 100 ms at least."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Stretches of one channel that keep one level, by time: where its floor may be seen."""

    at: NDArray[np.intp]
    """Their places on a grid of `LOOK_HOP` frames."""
    level_dbfs: Floats

    def like(self, level_dbfs: float) -> Flags:
        """Which are at this level."""
        return np.asarray(np.abs(self.level_dbfs - level_dbfs) <= ALIKE_DB)

    def runs(self, chosen: Flags) -> Iterator[NDArray[np.intp]]:
        """Places of chosen stretches that follow one another, `RUN` of them at least."""
        places = self.at[chosen]
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
            if run.size >= RUN:
                yield run


def levels_dbfs(wave: Waveform, channel: int) -> Floats:
    """Level of every 10 ms of one channel without its offset, so that any constant value is silence."""
    blocks = [
        _power(frames) / np.float32(frames.shape[1] * INT16_FULL_SCALE**2)
        for frames in _blocks(wave, channel, 0, wave.samples.shape[1] // _frame_size(wave))
    ]
    power = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power, 1e-12)), DIGITAL_DBFS), np.float32)


def mended(levels: Floats) -> Floats:
    """The levels without the holes of lost packets."""
    if levels.size == 0:
        return levels
    return np.asarray(np.where(levels <= DIGITAL_DBFS, grey_closing(levels, LOST_FRAMES), levels), np.float32)


def find_looks(levels: Floats) -> Looks:
    """The stretches of a channel that keep one level, from where the channel first carries anything."""
    if levels.size < LOOK:
        return Looks(np.zeros(0, np.intp), np.zeros(0, np.float32))
    stretches = np.lib.stride_tricks.sliding_window_view(levels, LOOK)[::LOOK_HOP]
    blocks = (stretches[first : first + BLOCK_FRAMES] for first in range(0, len(stretches), BLOCK_FRAMES))
    median, steady = (np.concatenate(columns) for columns in zip(*map(_steadiness, blocks), strict=True))
    carries = np.flatnonzero(median > DIGITAL_DBFS)
    steady[: int(carries[0]) if carries.size else None] = False
    at = np.flatnonzero(steady & (median <= LOUDEST_FLOOR_DBFS))
    return Looks(at, np.asarray(median[at], np.float32))


def _steadiness(stretches: Floats) -> tuple[Floats, Flags]:
    """Median level of each stretch, and whether it keeps that level."""
    ordered = np.sort(stretches, axis=1)
    median = np.asarray(ordered[:, LOOK // 2 - 1 : LOOK // 2 + 1].mean(axis=1), np.float32)
    return median, (ordered[:, -2] - ordered[:, 1] <= STEADY_DB) & (ordered[:, -1] - median <= ONSET_DB)


def tonal_frames(wave: Waveform, channel: int, low: int, high: int) -> Flags:
    """Which frames of `[low, high)` hold a lasting sine.

    Any sine is the sum of its past and its future times a constant, `x[n-k] + x[n+k] = 2 cos(wk) x[n]`; what this
    leaves unexplained is small for nothing else. `k` is 0.25 ms, so that the telephone band is not smooth by itself.
    """
    k = wave.sample_rate_hz // 4000
    tonal = []
    for frames in _blocks(wave, channel, low, high):
        middle, sides = frames[:, k:-k], frames[:, 2 * k :] + frames[:, : -2 * k]
        power = _power(middle) + np.float32(1)
        left = _power(sides) - np.einsum("ij,ij->i", middle, sides) ** 2 / power
        tonal.append(left < MAX_LEFT_OF_SINE * 2 * power)
    if not tonal:
        return np.zeros(0, np.bool_)
    return np.asarray(binary_opening(np.concatenate(tonal), np.ones(TONE_FRAMES)), np.bool_)


def _blocks(wave: Waveform, channel: int, low: int, high: int) -> Iterator[Floats]:
    """Frames `[low, high)` of one channel as rows without their offset, a block at a time."""
    size = _frame_size(wave)
    for first in range(low, high, BLOCK_FRAMES):
        samples = wave.samples[channel, first * size : min(first + BLOCK_FRAMES, high) * size]
        frames = samples.reshape(-1, size).astype(np.float32)
        frames -= frames.mean(axis=1, keepdims=True)
        yield frames


def _frame_size(wave: Waveform) -> int:
    return wave.sample_rate_hz * FRAME_MS // 1000


def _power(frames: Floats) -> Floats:
    """Sum of squares of each row."""
    return np.asarray(np.einsum("ij,ij->i", frames, frames), np.float32)
