"""Signals of the exchange, as GB/T 3380 and the tables of Asterisk and DAHDI for China give them, with their faults."""

from __future__ import annotations

import numpy as np

from tests.simulator.script import Signal, Sound
from tests.simulator.voice import LINE_HZ, Floats

FREQUENCY_HZ = {Signal.HOWLER: 950.0, Signal.RECORD_NOTICE: 950.0}
"""All others are at 450 Hz."""
CADENCE_MS: dict[Signal, tuple[int, ...]] = {
    Signal.BUSY: (350, 350),
    Signal.CONGESTION: (700, 700),
    Signal.RINGBACK: (1000, 4000),
    Signal.CALL_WAITING: (400, 4000),
    Signal.RECORD_NOTICE: (400, 10_000),
    Signal.LONG_DISTANCE: (200, 200, 200, 600),
}
"""On and off by turns; the others never stop."""
HOWLER_STEPS_DB = (-12.0, -9.0, -6.0, -3.0, 0.0)
"""The howler grows in five steps."""
EDGE_MS = 3
"""Rise and fall of a burst."""


def frequency_hz(sound: Sound) -> float:
    """The frequency that is really sent."""
    return FREQUENCY_HZ.get(sound.signal, 450.0) + sound.error_hz


def tone(sound: Sound, rng: np.random.Generator) -> Floats:
    """Samples at 8 kHz in full scale; the level is the root mean square while the tone is on."""
    count = sound.duration_ms * LINE_HZ // 1000
    sine = np.sin(2 * np.pi * frequency_hz(sound) * np.arange(count) / LINE_HZ + rng.uniform(0, 2 * np.pi))
    return np.asarray(sine * np.sqrt(2) * 10 ** (sound.level_dbfs / 20) * _gate(sound, count, rng))


def _gate(sound: Sound, count: int, rng: np.random.Generator) -> Floats:
    """Level over time, 0 to 1."""
    if sound.signal is Signal.HOWLER:
        steps = np.repeat(10 ** (np.array(HOWLER_STEPS_DB) / 20), count // len(HOWLER_STEPS_DB) + 1)
        return np.asarray(steps[:count])
    cadence_ms = CADENCE_MS.get(sound.signal)
    gate = np.ones(count)
    if cadence_ms is None:
        return gate
    gate[:] = 0
    at, turn = 0, 0
    while at < count:
        length = round(cadence_ms[turn % len(cadence_ms)] * (1 + rng.uniform(-1, 1) * sound.jitter) * LINE_HZ / 1000)
        if turn % 2 == 0:
            gate[at : at + length] = 1
        at, turn = at + length, turn + 1
    edge = EDGE_MS * LINE_HZ // 1000
    return np.convolve(gate, np.ones(edge) / edge, mode="same")
