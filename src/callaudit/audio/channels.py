"""What the channels of a recording have to do with each other: two parties, or one sound twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.waveform import INT16_FULL_SCALE, Waveform, as_float

_STEP_S = 30
"""Seconds looked at at once, so that a two-hour recording needs no second copy."""

_IDLE_RANGE = 32
"""Peak to peak, in 16-bit steps. The idle code of A-law decodes to 8, and a line that toggles between its two idle
codes to 8 and -8; lossy codecs add a little."""

_BLOCKS_PER_S = 4
_ACTIVE_DBFS = -50.0
"""Louder channel of a block: below this, codec noise decides what is alike."""

_MAX_LAG_MS = 8
"""Half a frame of the slowest telephone codec: more is no longer one signal written twice."""

_MIN_CORRELATION = 0.9
"""The same speech through two low-rate codecs still reaches 0.95; two parties stay under 0.3."""

_MAX_GAIN_DB = 12.0
"""Further apart, one channel is an echo of the other."""

_GAIN_SPREAD_DB = 3.0
"""An echo changes its side with the speaker; a copy keeps its gain."""

_MIN_SHARE = 0.9
"""Share of active blocks that must be alike: prompts and ring-back often lie on both channels of a real stereo call."""


def is_silent(wave: Waveform) -> bool:
    """Whether no channel ever leaves the idle level: digital silence, in the digits of the codec."""
    return not any(_is_alive(wave))


def has_dead_channel(wave: Waveform) -> bool:
    """Whether one of two channels never leaves the idle level, so that the other may hold both parties."""
    return wave.channels == 2 and sorted(_is_alive(wave)) == [False, True]


def _is_alive(wave: Waveform) -> list[bool]:
    """Per channel, whether it ever leaves the idle level."""
    low = np.full(wave.channels, np.iinfo(np.int16).max, np.int32)
    high = np.full(wave.channels, np.iinfo(np.int16).min, np.int32)
    for part in _parts(wave):
        low = np.minimum(low, part.min(axis=1))
        high = np.maximum(high, part.max(axis=1))
        if (high - low > _IDLE_RANGE).all():
            break
    return [bool(alive) for alive in high - low > _IDLE_RANGE]


def channels_alike(wave: Waveform) -> bool:
    """Whether both channels of a stereo recording carry the same sound, as after an upmix of a mono recording.

    A fixed gain, a delay of a few milliseconds and the noise of a codec are allowed for. A channel that is silent, or
    holds a faint echo of the other, is not alike.
    """
    if wave.channels != 2:
        return False
    correlations, gains_db = _compare(wave, _lag(wave))
    if correlations.size == 0:
        return False
    median_db = float(np.median(gains_db))
    alike = (correlations >= _MIN_CORRELATION) & (np.abs(gains_db - median_db) <= _GAIN_SPREAD_DB)
    return abs(median_db) <= _MAX_GAIN_DB and float(alike.mean()) >= _MIN_SHARE


def _parts(wave: Waveform) -> Iterator[NDArray[np.int16]]:
    """The recording in stretches of `_STEP_S`, all channels."""
    step = _STEP_S * wave.sample_rate_hz
    for start in range(0, wave.samples.shape[1], step):
        yield wave.samples[:, start : start + step]


def _lag(wave: Waveform) -> int:
    """Samples by which channel 1 runs behind channel 0, from the loudest stretch where both have sound."""
    best, loudest = None, 0.0
    for part in _parts(wave):
        # Every 16th sample is enough to find loud stretches.
        levels = np.sqrt(np.mean(np.square(part[:, ::16], dtype=np.float32), axis=1))
        if float(levels.min()) > loudest:
            best, loudest = part, float(levels.min())
    if best is None:
        return 0
    first, second = as_float(best)
    size = 1 << (2 * first.size - 1).bit_length()
    product = np.fft.irfft(np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size), size)
    reach = min(_MAX_LAG_MS * wave.sample_rate_hz // 1000, int(first.size) - 1)
    around = np.concatenate((product[size - reach :] if reach else product[:0], product[: reach + 1]))
    return int(np.argmax(np.abs(around))) - reach


def _compare(wave: Waveform, lag: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Correlation (0 to 1) and gain (dB, channel 1 over channel 0) of every active block."""
    length = wave.sample_rate_hz // _BLOCKS_PER_S
    floor = length * (INT16_FULL_SCALE * 10 ** (_ACTIVE_DBFS / 20)) ** 2
    overlap = wave.samples.shape[1] - abs(lag)
    first = wave.samples[0, max(0, -lag) :][:overlap]
    second = wave.samples[1, max(0, lag) :][:overlap]
    count = max(1, overlap // length)
    step = _STEP_S * _BLOCKS_PER_S
    correlations, gains_db = [], []
    for start in range(0, count, step):
        stretch = slice(start * length, min(start + step, count) * length)
        a, b = _blocks(first[stretch], length), _blocks(second[stretch], length)
        aa, bb, ab = (np.einsum("ij,ij->i", left, right) for left, right in ((a, a), (b, b), (a, b)))
        active = np.maximum(aa, bb) >= floor
        aa, bb, ab = aa[active] + 1, bb[active] + 1, ab[active]
        correlations.append(np.abs(ab) / np.sqrt(aa * bb))
        gains_db.append(10 * np.log10(bb / aa))
    return np.concatenate(correlations), np.concatenate(gains_db)


def _blocks(samples: NDArray[np.int16], length: int) -> NDArray[np.float32]:
    """Whole blocks as rows; a recording shorter than one block is one."""
    length = min(length, samples.size) or 1
    return samples[: samples.size // length * length].astype(np.float32).reshape(-1, length)
