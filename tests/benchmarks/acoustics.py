"""What it costs to listen to the line: an hour of stereo sound, for every detector that reads samples but no words.

    python -m tests.benchmarks.acoustics [MINUTES] [--seed N]

Prints the time of one core against the length of the recording, in thousandths, and the memory that a detector takes
beside the samples: for simulated calls one after another, for notes that never stop near the tones on both channels,
and for digital silence.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from tests.simulator.render import render
from tests.simulator.shapes import scripts
from tests.simulator.voice import LINE_HZ

from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform
from callaudit.speech.line import FloorChangeDetector
from callaudit.speech.music import HoldMusicDetector
from callaudit.speech.tones.detector import CallProgressToneDetector

DETECTORS: dict[str, Callable[[Waveform], object]] = {
    "tones, cn": CallProgressToneDetector("cn").detect,
    "tones, us": CallProgressToneDetector("us").detect,
    "line changes": FloorChangeDetector().detect,
    "hold music": HoldMusicDetector().detect,
}
NOTES_HZ = (392.0, 440.0, 466.2, 523.3, 587.3, 932.3, 987.8)
DIFFERENT_CALLS = 17
"""Calls that are rendered; they are heard again and again."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cost of acoustic evidence.")
    parser.add_argument("minutes", nargs="?", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    frames = options.minutes * 60 * SPEECH_RATE_HZ
    sounds = {"calls": _calls(options.seed), "music": _music(options.seed), "silence": np.zeros((2, 16), np.int16)}
    print(f"{options.minutes} minutes of stereo; thousandths of the length on one core, and MiB beside the samples\n")
    print(f"{'':12}" + "".join(f"{name:>20}" for name in sounds))
    waves = {name: Waveform(np.tile(one, -(-frames // one.shape[1]))[:, :frames]) for name, one in sounds.items()}
    for name, detect in DETECTORS.items():
        print(f"{name:12}" + "".join(f"{_cost(detect, wave):>20}" for wave in waves.values()))


def _cost(detect: Callable[[Waveform], object], wave: Waveform) -> str:
    detect(Waveform(wave.samples[:, : 4 * SPEECH_RATE_HZ]))  # imports are paid once a run, not once a call
    begun_s = time.process_time()
    detect(wave)
    spent_s = time.process_time() - begun_s
    tracemalloc.start()
    detect(wave)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{spent_s * 1e6 / wave.duration_ms:.2f} ‰, {peak_bytes / 2**20:.0f} MiB"


def _calls(seed: int) -> np.ndarray:
    """Simulated stereo calls of every case one after another, raised to the decoder's rate."""
    from scipy.signal import resample_poly

    line = np.concatenate([render(script, seed).samples for script in scripts(DIFFERENT_CALLS, seed)], axis=1)
    raised = resample_poly(line.astype(np.float32), SPEECH_RATE_HZ // LINE_HZ, 1, axis=1)
    return np.clip(np.round(raised), -32768, 32767).astype(np.int16)


def _music(seed: int) -> np.ndarray:
    """Two minutes of notes with overtones, each channel its own."""
    rng = np.random.default_rng(seed)
    at = np.arange(120 * SPEECH_RATE_HZ) / SPEECH_RATE_HZ
    channels = []
    for _ in range(2):
        pitch_hz = np.repeat(rng.choice(NOTES_HZ, 480), SPEECH_RATE_HZ // 4)
        phase = 2 * np.pi * np.cumsum(pitch_hz) / SPEECH_RATE_HZ
        decay = np.exp(-2 * (at % 0.25))
        channels.append(0.1 * decay * sum(np.sin(order * phase) / order for order in (1, 2, 3)))
    return np.asarray(np.stack(channels) * 32767, np.int16)


if __name__ == "__main__":
    main()
