"""Sound as numbers. Samples never leave the machine's memory: a waveform is not stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.spans import TimeSpan

SPEECH_RATE_HZ = 16_000
"""Rate of every decoded waveform: what Whisper and the speech detector take."""

INT16_FULL_SCALE = 32768.0
SILENCE_DBFS = -96.0
"""Level given to digital silence: the floor of 16-bit samples."""


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """Decoded sound: int16 samples of shape `(channels, frames)`.

    16-bit integers because a two-hour stereo call as float32 would take twice the memory for no gain on the telephone.
    """

    samples: NDArray[np.int16]
    sample_rate_hz: int = SPEECH_RATE_HZ

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.int16:
            raise ValueError("a waveform holds int16 samples of shape (channels, frames)")
        if self.sample_rate_hz <= 0:
            raise ValueError("a sample rate is positive")

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, rounded down."""
        return int(self.samples.shape[1] * 1000 // self.sample_rate_hz)

    def cut(self, channel: int, span: TimeSpan) -> NDArray[np.int16]:
        """The int16 samples of one channel within `span`, as a view; shorter where the recording ends."""
        first = span.start_ms * self.sample_rate_hz // 1000
        last = span.end_ms * self.sample_rate_hz // 1000
        return self.samples[channel, first:last]

    def cut_float(self, channel: int, span: TimeSpan) -> NDArray[np.float32]:
        """The same as float32 in [-1, 1), copied."""
        return as_float(self.cut(channel, span))


def as_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """int16 samples as float32 in [-1, 1)."""
    return samples.astype(np.float32) / np.float32(INT16_FULL_SCALE)


def level_dbfs(samples: NDArray[np.int16]) -> float:
    """Root-mean-square level against full scale, in dBFS; `SILENCE_DBFS` for nothing or digital silence."""
    if samples.size == 0:
        return SILENCE_DBFS
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float32)))) / INT16_FULL_SCALE
    return max(SILENCE_DBFS, 20 * float(np.log10(rms))) if rms > 0 else SILENCE_DBFS
