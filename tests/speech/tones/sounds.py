"""Sounds of a line for tests, at 16 kHz in [-1, 1]: the exchange's, and what is like them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform
from tests.simulator import line as lines
from tests.simulator.codec import through
from tests.simulator.script import Codec, Signal, Sound, Trunk
from tests.simulator.tones import tone
from tests.simulator.voice import LINE_HZ, BuzzVoice, Voice
from tests.speech.sounds import noise, wave_of

TEXT = "您说的是哪个小区，今天下午给我答复，怎么还没有修好呢"


def note(  # noqa: PLR0913, PLR0917
    hz: float,
    seconds: float,
    level: float = 0.1,
    overtones: Sequence[float] = (),
    decay: float = 0.0,
    vibrato: float = 0.0,
) -> np.ndarray:
    """A note with strengths of its overtones, falling by e^-`decay` a second, its pitch swinging by a share."""
    t = np.arange(round(seconds * SPEECH_RATE_HZ)) / SPEECH_RATE_HZ
    phase = 2 * np.pi * hz * t + vibrato * hz / 5.5 * np.sin(2 * np.pi * 5.5 * t)
    rise = np.minimum(1, np.minimum(t, seconds - t) / 0.01)
    sines = sum(strength * np.sin(order * phase + order * order) for order, strength in enumerate((1.0, *overtones), 1))
    return level * rise * np.exp(-decay * t) * sines


def rests(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SPEECH_RATE_HZ))


def cadence(hz: Sequence[float], seconds: Sequence[float], times: int, **changes: float) -> np.ndarray:
    """Notes and rests by turns."""
    turns = [
        sum(note(each, length, **changes) for each in hz) if turn % 2 == 0 else rests(length)
        for turn, length in enumerate(seconds)
    ]
    return np.concatenate(turns * times)


def in_silence(sound: np.ndarray, before: float = 2, after: float = 3) -> Waveform:
    """The sound on a quiet line."""
    whole = np.concatenate([rests(before), sound, rests(after)])
    return wave_of(whole + noise(len(whole) / SPEECH_RATE_HZ + 0.001)[: len(whole)])


def melody(
    seed: int, notes_hz: Sequence[float], lengths_s: Sequence[float], count: int, **changes: object
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([note(rng.choice(notes_hz), rng.choice(lengths_s), **changes) for _ in range(count)])


def talk(seconds: float, seed: int, dbfs: float = -20.0, voice: Voice | None = None) -> np.ndarray:
    """Somebody talks with pauses, at the line's own rate."""
    rng, voice = np.random.default_rng([7, seed]), voice or BuzzVoice()
    whole, at = np.zeros(int(seconds * LINE_HZ)), 0
    while at < whole.size:
        words = voice.say("".join(rng.choice(list(TEXT), rng.integers(4, 16))), int(rng.integers(8)))
        words = words[: whole.size - at]
        whole[at : at + words.size] = words
        at += words.size + int(rng.uniform(0.15, 1.2) * LINE_HZ)
    return whole * 10 ** (dbfs / 20)


def on_the_line(  # noqa: PLR0913
    signal: Signal,
    seed: int,
    *,
    level_dbfs: float,
    codec: Codec = Codec.NONE,
    loss: float = 0.0,
    talk_dbfs: float | None = None,
    noise_dbfs: float = -60.0,
) -> tuple[Waveform, float, Sound]:
    """A tone with errors of frequency and rhythm that the seed draws, its start in ms, and what was sent."""
    rng = np.random.default_rng(seed)
    sound = Sound(
        signal=signal,
        duration_ms=15_000 if signal is Signal.RINGBACK else 8000,
        level_dbfs=level_dbfs,
        error_hz=rng.uniform(-25, 25),
        jitter=rng.uniform(0, 0.1),
    )
    sent = tone(sound, rng)
    first = int(rng.uniform(3, 4) * LINE_HZ)
    heard = lines.noise(sent.size + 6 * LINE_HZ, noise_dbfs, rng)
    heard[first : first + sent.size] += sent
    if talk_dbfs is not None:
        heard += talk(heard.size / LINE_HZ, seed, talk_dbfs)[: heard.size]
    heard = lines.lose_packets(heard, loss, rng)
    return raised(through(lines.compand(heard, Trunk.ALAW)[None], codec)), first * 1000 / LINE_HZ, sound


def raised(samples: np.ndarray) -> Waveform:
    """int16 at the line's rate as the decoder gives it."""
    from scipy.signal import resample_poly

    whole = resample_poly(samples.astype(np.float32), SPEECH_RATE_HZ // LINE_HZ, 1, axis=1)
    return Waveform(np.clip(np.round(whole), -32768, 32767).astype(np.int16))
