"""Voices, tones and noises of the kept-aside calls at 16 kHz. Full scale is 1."""

from __future__ import annotations

import io
import shutil
import subprocess
import zlib
from functools import lru_cache

import numpy as np

from tests.simulator.script import Signal, Sound
from tests.simulator.voice import Floats

STUDIO_HZ = 16_000
BAND_HZ = (200.0, 3600.0)
"""What a handset passes."""
SPEAKERS = (
    *("f5 225", "m7 250", "Annie 230", "m8 270", "f4 215"),
    *("Andy 240", "m6 220", "belinda 245", "steph 260", "max 235"),
)
"""Variants of espeak-ng's voice and words a minute."""
CYCLE_S: dict[Signal, tuple[float, ...]] = {
    Signal.BUSY: (0.35, 0.35),
    Signal.CONGESTION: (0.7, 0.7),
    Signal.RINGBACK: (1.0, 4.0),
}
"""On and off of GB/T 3380; the others sound without a pause."""
SECOND_HARMONIC_DB = -28.0
"""Of a worn tone generator."""
EDGE_S = 0.012
"""Half a raised cosine."""
HUM_DB = (0.0, -6.0, -14.0)
"""Mains at 50, 100 and 150 Hz."""


def can_speak() -> bool:
    """Whether espeak-ng is installed."""
    return shutil.which("espeak-ng") is not None


@lru_cache(maxsize=2048)
def speech(words: str, speaker: int) -> Floats:
    """Words by espeak-ng, a murmur of their length where it is not installed; loudness 1, no silence at either end."""
    from scipy.signal import butter, sosfiltfilt

    raw = _espeak(words, SPEAKERS[speaker % len(SPEAKERS)]) if can_speak() else _murmur(words, speaker)
    sound = sosfiltfilt(butter(3, BAND_HZ, btype="band", fs=STUDIO_HZ, output="sos"), raw)
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound))))


def _espeak(words: str, speaker: str) -> Floats:
    import soundfile
    from scipy.signal import resample_poly

    variant, speed = speaker.split()
    command = ["espeak-ng", "-b", "1", "-v", f"cmn+{variant}", "-s", speed, "--stdout", words]
    done = subprocess.run(command, capture_output=True, check=True)
    samples, rate_hz = soundfile.read(io.BytesIO(done.stdout))
    return np.asarray(resample_poly(samples, STUDIO_HZ, rate_hz))


def _murmur(words: str, speaker: int) -> Floats:
    """Pulses of the vocal folds and breath through three resonances that wander from syllable to syllable."""
    from scipy.signal import lfilter

    rng = np.random.default_rng(zlib.crc32(f"{words} {speaker}".encode()))
    count = int(len(words) * 0.19 * STUDIO_HZ)
    at = np.arange(count) / STUDIO_HZ
    pitch_hz = (110, 205, 190, 130)[speaker % 4] * (1 + 0.12 * np.sin(2 * np.pi * 1.7 * at + rng.uniform(0, 6)))
    pulses = np.diff(np.floor(np.cumsum(pitch_hz) / STUDIO_HZ), prepend=0) * 8 + rng.normal(0, 0.15, count)
    sound = np.zeros(count)
    size = int(0.19 * STUDIO_HZ)
    for first in range(0, count, size):
        part = pulses[first : first + size]
        for formant_hz in (rng.uniform(280, 800), rng.uniform(900, 2200), rng.uniform(2300, 3200)):
            pole = 0.97 * np.exp(2j * np.pi * formant_hz / STUDIO_HZ)
            sound[first : first + size] += lfilter([1], [1, -2 * pole.real, abs(pole) ** 2], part)
        sound[first : first + size] *= np.sin(np.linspace(0.15, np.pi - 0.15, part.size)) ** 0.5
    return sound


def tone(sound: Sound, rng: np.random.Generator) -> Floats:
    """A signal with soft edges and some of its second harmonic; `jitter` stretches its whole cycle."""
    at = np.arange(sound.duration_ms * STUDIO_HZ // 1000) / STUDIO_HZ
    nominal_hz = 950.0 if sound.signal is Signal.HOWLER else 450.0
    phase = 2 * np.pi * (nominal_hz + sound.error_hz) * at + rng.uniform(0, 6.28)
    wave = np.sqrt(2) * (np.sin(phase) + 10 ** (SECOND_HARMONIC_DB / 20) * np.sin(2 * phase + 1.0))
    return np.asarray(10 ** (sound.level_dbfs / 20) * wave * _envelope(sound, at))


def _envelope(sound: Sound, at_s: Floats) -> Floats:
    if sound.signal is Signal.HOWLER:  # five levels, each louder than the last
        return np.asarray(10 ** ((np.minimum(4, at_s // 1.5) - 4) * 3 / 20))
    if sound.signal not in CYCLE_S:
        return np.ones_like(at_s)
    on_s, off_s = (part * (1 + sound.jitter) for part in CYCLE_S[sound.signal])
    within_s = at_s % (on_s + off_s)
    ramp = np.clip(np.minimum(within_s, on_s - within_s) / EDGE_S, 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * ramp))


def noise(kind: str, count: int, dbfs: float, rng: np.random.Generator) -> Floats:
    """Noise whose loudness wanders by 2 dB in a quarter of a minute.

    Args:
        kind: "pink", "brown" or "hum", which is pink with the mains in it.
        count: samples.
        dbfs: root mean square.
        rng: where the noise comes from.
    """
    at_hz = np.maximum(np.fft.rfftfreq(count, 1 / STUDIO_HZ), 60.0)
    spectrum = np.fft.rfft(rng.normal(size=count)) / at_hz ** (1.0 if kind == "brown" else 0.5)
    made = np.fft.irfft(spectrum, count)
    made /= np.sqrt(np.mean(np.square(made)))
    at_s = np.arange(count) / STUDIO_HZ
    if kind == "hum":
        mains = sum(10 ** (db / 20) * np.sin(2 * np.pi * 50 * (n + 1) * at_s) for n, db in enumerate(HUM_DB))
        made = 0.7 * made + mains
    swell_db = 1.0 * np.sin(2 * np.pi * at_s / 15 + rng.uniform(0, 6.28))
    return np.asarray(made * 10 ** ((dbfs + swell_db) / 20))


def room(sound: Floats, wet: float) -> Floats:
    """A few early reflections of a partitioned desk."""
    heard = sound.copy()
    for delay_s, strength in ((0.007, 0.5), (0.013, 0.35), (0.022, 0.25), (0.041, 0.15)):
        shift = int(delay_s * STUDIO_HZ)
        heard[shift:] += wet * strength * sound[:-shift]
    return heard
