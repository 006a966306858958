"""What the line does to sound: noise, leaks, clipping, lost packets, companding. Full scale is 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.simulator.script import Trunk
from tests.simulator.voice import LINE_HZ, Floats

PACKET_MS = 20
A = 87.6
MU = 255.0
FULL_SCALE = 32768


def noise(count: int, level_dbfs: float, rng: np.random.Generator) -> Floats:
    """Noise of a telephone line, a little stronger at low frequencies."""
    white = rng.normal(size=count + 1)
    pink = white[1:] + 0.6 * white[:-1]
    return np.asarray(pink / np.sqrt(1.36) * 10 ** (level_dbfs / 20))


def leak(source: Floats, level_db: float, delay_ms: int) -> Floats:
    """What of one channel is heard on the other."""
    shift = delay_ms * LINE_HZ // 1000
    leaked = np.zeros_like(source)
    leaked[shift:] = source[: source.size - shift] if shift else source
    return leaked * 10 ** (level_db / 20)


def clip(sound: Floats, ceiling_dbfs: float | None) -> Floats:
    """Cut what is louder."""
    if ceiling_dbfs is None:
        return sound
    ceiling = 10 ** (ceiling_dbfs / 20)
    return np.clip(sound, -ceiling, ceiling)


def lose_packets(sound: Floats, share: float, rng: np.random.Generator) -> Floats:
    """Zeros in place of lost packets, one to three at a time."""
    if not share:
        return sound
    size = PACKET_MS * LINE_HZ // 1000
    kept = sound.copy()
    for first in np.flatnonzero(rng.random(sound.size // size) < share / 2):
        kept[first * size : (first + int(rng.integers(1, 4))) * size] = 0
    return kept


def open_while(speech: Floats, hold_ms: int) -> Floats:
    """1 where somebody speaks, and `hold_ms` before and after; else 0."""
    reach = hold_ms * LINE_HZ // 1000
    sounds = np.concatenate(([0], np.cumsum(speech != 0)))
    at = np.arange(speech.size)
    return np.asarray(sounds[np.minimum(at + reach, speech.size)] > sounds[np.maximum(at - reach, 0)], dtype=np.float64)


def compand(sound: Floats, trunk: Trunk) -> NDArray[np.int16]:
    """16-bit samples as they come back from G.711; exact zero stays zero, as recorders write it for missing packets.

    The segments of the standard are taken as the smooth curve they approximate; the error stays below one step.
    """
    x = np.clip(sound, -1, 1)
    if trunk is Trunk.MULAW:
        code = np.round(np.log1p(MU * np.abs(x)) / np.log1p(MU) * 127) / 127
        level = np.expm1(code * np.log1p(MU)) / MU
    elif trunk is Trunk.ALAW:
        level = _expand_alaw(np.round(_compress_alaw(np.abs(x)) * 127) / 127)
    else:
        level = np.abs(x)
    steps = np.clip(np.round(np.sign(x) * level * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1)
    return np.asarray(steps, np.int16)


def _compress_alaw(x: Floats) -> Floats:
    scale = 1 + np.log(A)
    return np.asarray(np.where(x < 1 / A, A * x / scale, (1 + np.log(np.maximum(A * x, 1))) / scale))


def _expand_alaw(y: Floats) -> Floats:
    scale = 1 + np.log(A)
    return np.asarray(np.where(y < 1 / scale, y * scale / A, np.exp(np.maximum(y * scale, 1) - 1) / A))
