"""Sound for tests: spoken sentences, signals of the exchange, noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from scipy.signal import resample_poly

from callaudit.domain.analysis import PreparedCall
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform
from callaudit.speech.activity import SileroDetector
from tests.builders import make_acoustics, make_call

SPOKEN = Path(__file__).parents[1] / "data" / "speech"
TEXTS = {Path(row["file"]).stem: row["text"] for row in json.loads((SPOKEN / "spoken.json").read_text())["utterances"]}
EDGE_MS = 50
"""Silence at both ends of each spoken file."""


@cache
def spoken(name: str) -> np.ndarray:
    """A spoken sentence at 16 kHz in [-1, 1]."""
    samples, rate_hz = soundfile.read(SPOKEN / f"{name}.wav")
    return np.asarray(resample_poly(samples, SPEECH_RATE_HZ // rate_hz, 1))


def noise(seconds: float, level_dbfs: float = -62, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 10 ** (level_dbfs / 20), int(seconds * SPEECH_RATE_HZ))


def beats(  # noqa: PLR0913, PLR0917
    seconds: float, start: float, times: int, hz: float = 450, on: float = 0.35, off: float = 0.35, level: float = 0.2
) -> np.ndarray:
    """A sine that sounds `times` times, from `start` on."""
    t = np.arange(int(seconds * SPEECH_RATE_HZ)) / SPEECH_RATE_HZ
    since = t - start
    sounds = (since >= 0) & (since < times * (on + off)) & (since % (on + off) < on)
    return level * np.sin(2 * np.pi * hz * t) * sounds


def wave_of(*channels: np.ndarray) -> Waveform:
    longest = max(map(len, channels))
    padded = np.stack([np.pad(channel, (0, longest - len(channel))) for channel in channels])
    return Waveform(np.clip(np.round(padded * 32767), -32768, 32767).astype(np.int16))


def dialogue(
    turns: Sequence[tuple[int, str, float]], seconds: float, gain_db: float = 0.0
) -> tuple[Waveform, list[tuple[int, TimeSpan, str]]]:
    """A stereo call: turns of (channel, spoken file, start in s); and where the words of each lie."""
    channels = [noise(seconds, seed=1), noise(seconds, seed=2)]
    truth = []
    for channel, name, start_s in turns:
        voice, first = spoken(name) * 10 ** (gain_db / 20), int(start_s * SPEECH_RATE_HZ)
        channels[channel][first : first + len(voice)] += voice
        start_ms = int(start_s * 1000)
        end_ms = start_ms + len(voice) * 1000 // SPEECH_RATE_HZ
        truth.append((channel, TimeSpan(start_ms + EDGE_MS, end_ms - EDGE_MS), TEXTS[name]))
    return wave_of(*channels), truth


def prepared(wave: Waveform, detector: SileroDetector, **call: Any) -> PreparedCall:
    return PreparedCall(
        call=make_call(**call),
        wave=wave,
        acoustics=make_acoustics(duration_ms=wave.duration_ms, regions=detector.detect(wave)),
    )


def edits(told: str, heard: str) -> int:
    """Characters to change, add or take away."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(told, 1):
        new = [i]
        for j, b in enumerate(heard, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (a != b)))
        row = new
    return row[-1]
