"""What the acoustic evidence of a hang-up costs: time as a share of the recording's length, and memory.

    python -m tests.benchmarks.acoustics [MINUTES]

Each detector hears the same two channels: voices that take turns over noise, and on the customer's channel nothing for
the last fifth of the time. Time is that of one core. Memory is what a detector allocates at its peak beyond the
recording itself, at the full length and at a fifth of it: what grows with the call shows in the difference.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform
from callaudit.speech.line import FloorChangeDetector
from callaudit.speech.music import HoldMusicDetector
from callaudit.speech.tones import BusyToneDetector

DETECTORS: dict[str, Callable[[Waveform], object]] = {
    "tones": BusyToneDetector().detect,
    "line changes": FloorChangeDetector().detect,
    "music": HoldMusicDetector().detect,
}
TURN_S = 3
"""Either party speaks this long, then the other."""


def recording(minutes: float) -> Waveform:
    """Two channels at 16 kHz, voiced by turns."""
    rng = np.random.default_rng(1)
    turn = TURN_S * SPEECH_RATE_HZ
    turns = round(minutes * 60 / TURN_S)
    t = np.arange(turn) / SPEECH_RATE_HZ
    voice = 1500 * np.sin(2 * np.pi * 4 * t) ** 2 * sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 20))
    samples = np.empty((2, turns * turn), np.int16)
    for number in range(turns):
        here = slice(number * turn, (number + 1) * turn)
        samples[:, here] = rng.normal(0, 30, (2, turn))
        samples[number % 2, here] += voice.astype(np.int16)
    samples[1, turns * 4 // 5 * turn :] = 0
    return Waveform(samples)


def peak_mib(detect: Callable[[Waveform], object], wave: Waveform) -> float:
    """Most that was allocated at once while a detector ran."""
    tracemalloc.start()
    detect(wave)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def main() -> None:
    """Print the table."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    wave = recording(minutes)
    part = Waveform(wave.samples[:, : wave.samples.shape[1] // 5])
    print(f"{minutes:g} minutes, two channels: {wave.samples.nbytes / 2**20:.0f} MiB")
    print(f"{'detector':16}{'time':>10}{'of length':>12}{'memory':>12}{'at a fifth':>12}")
    for name, detect in DETECTORS.items():
        detect(part)  # loads what it needs
        begun_s = time.process_time()
        detect(wave)
        seconds = time.process_time() - begun_s
        memory = f"{peak_mib(detect, wave):8.1f} MiB{peak_mib(detect, part):8.1f} MiB"
        print(f"{name:16}{seconds:8.2f} s{seconds / (minutes * 60) * 1000:10.2f} ‰{memory}")


if __name__ == "__main__":
    main()
