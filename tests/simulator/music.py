"""Hold music (等待音乐): melodies and chords of several instruments, and a sung tune, made from a seed.

Nothing is copied: pitches walk at random over a scale, chords follow one another in the usual keys. What matters to a
detector is what all hold music has: notes that keep their pitch and then step, hardly a pause, no beat of syllables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tests.simulator.voice import LINE_HZ, LOW_HZ, TOP_HZ, Floats

SEMITONE = 2 ** (1 / 12)
MAJOR = (0, 2, 4, 5, 7, 9, 11)
PENTATONIC = (0, 2, 4, 7, 9)
PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 4, 0), (5, 3, 0, 4), (0, 4, 5, 3), (1, 4, 0, 5))
"""Chords by their root in the scale, one a bar."""
VOWELS_HZ = ((750, 1250, 2550), (400, 1950, 2550), (320, 850, 2400), (500, 1750, 2450))
RELEASE_MS = 60


class Style(StrEnum):
    """Kinds of hold music."""

    PIANO = "piano"
    """A melody of struck, fading notes over broken chords."""
    STRINGS = "strings"
    """Slow swelling chords with vibrato and a melody on top."""
    MUSIC_BOX = "music_box"
    """A single line of short bell tones: the chip of an old switch."""
    BAND = "band"
    """Plucked chords, bass and drums under a melody."""
    SONG = "song"
    """A voice that sings vowels over chords."""


@dataclass(frozen=True, slots=True)
class _Timbre:
    """How an instrument sounds: strength of each harmonic, and its course in time."""

    partials: tuple[float, ...]
    attack_ms: float
    decay_s: float
    """Time in which a note falls by 8.7 dB."""
    vibrato: float = 0.0
    """Swing of the pitch, as a share of it."""


_STRUCK = _Timbre((1, 0.5, 0.35, 0.2, 0.12, 0.08), 4, 0.5)
_PLUCKED = _Timbre((1, 0.7, 0.5, 0.4, 0.3, 0.2, 0.15), 3, 0.25)
_BOWED = _Timbre((1, 0.6, 0.5, 0.35, 0.3, 0.2, 0.15, 0.1), 90, 4.0, 0.004)
_BELL = _Timbre((1, 0.1, 0.4, 0.05), 2, 0.35)


def hold_music(style: Style, duration_ms: int, level_dbfs: float, rng: np.random.Generator) -> Floats:
    """Samples at 8 kHz within the telephone band, of root mean square `level_dbfs`."""
    from scipy.signal import butter, sosfilt

    count = duration_ms * LINE_HZ // 1000
    sound = np.zeros(count)
    beat_s = 60 / rng.uniform(66, 132)
    key_hz = 220 * SEMITONE ** rng.integers(-4, 8)
    _chords(sound, style, beat_s, key_hz, rng)
    _melody(sound, style, beat_s, 2 * key_hz, rng)
    if style is Style.BAND:
        _drums(sound, beat_s, rng)
    heard = sosfilt(butter(4, [LOW_HZ, TOP_HZ], btype="band", fs=LINE_HZ, output="sos"), sound)
    return np.asarray(heard / np.sqrt(np.mean(np.square(heard)) + 1e-12) * 10 ** (level_dbfs / 20))


def _melody(sound: Floats, style: Style, beat_s: float, key_hz: float, rng: np.random.Generator) -> None:
    """A walk over the scale; now and then a breath."""
    scale = PENTATONIC if rng.random() < 0.5 else MAJOR
    at_s, step = 0.0, int(rng.integers(0, len(scale)))
    lengths = (1.0, 2.0, 3.0) if style in {Style.STRINGS, Style.SONG} else (0.5, 0.5, 1.0, 1.0, 1.5, 2.0)
    while at_s * LINE_HZ < sound.size:
        length_s = beat_s * float(rng.choice(lengths))
        if rng.random() > 0.06:
            step = int(np.clip(step + rng.integers(-2, 3), -3, 2 * len(scale)))
            pitch_hz = _pitch_hz(key_hz, scale, step)
            note = _sung(pitch_hz, length_s, rng) if style is Style.SONG else _note(pitch_hz, length_s, _lead(style))
            _add(sound, 0.5 * note, at_s)
        at_s += length_s


def _chords(sound: Floats, style: Style, beat_s: float, key_hz: float, rng: np.random.Generator) -> None:
    """Three notes a bar, held, or broken into single beats."""
    if style is Style.MUSIC_BOX:
        return
    progression = PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]
    held = style in {Style.STRINGS, Style.SONG}
    timbre = _BOWED if held else _PLUCKED if style is Style.BAND else _STRUCK
    bar, at_s = 0, 0.0
    while at_s * LINE_HZ < sound.size:
        root = progression[bar % len(progression)]
        for beat in range(4):
            for voice in (0, 2, 4):
                if (held and beat) or (style is Style.PIANO and voice != (0, 4, 2, 4)[beat]):
                    continue
                pitch_hz = _pitch_hz(key_hz, MAJOR, root + voice)
                _add(sound, 0.25 * _note(pitch_hz, beat_s * (4 if held else 1.5), timbre), at_s + beat * beat_s)
        bar, at_s = bar + 1, at_s + 4 * beat_s


def _drums(sound: Floats, beat_s: float, rng: np.random.Generator) -> None:
    length = int(0.08 * LINE_HZ)
    for beat in range(int(sound.size / LINE_HZ / beat_s) + 1):
        hit = rng.normal(0, 0.15, length) * np.exp(-np.arange(length) / (0.02 * LINE_HZ))
        _add(sound, hit, beat * beat_s)


def _lead(style: Style) -> _Timbre:
    return {Style.STRINGS: _BOWED, Style.MUSIC_BOX: _BELL, Style.BAND: _STRUCK}.get(style, _STRUCK)


def _pitch_hz(key_hz: float, scale: tuple[int, ...], step: int) -> float:
    octave, degree = divmod(step, len(scale))
    return float(key_hz * 2**octave * SEMITONE ** scale[degree])


def _note(pitch_hz: float, length_s: float, timbre: _Timbre) -> Floats:
    """One note with its release."""
    t = np.arange(int((length_s + RELEASE_MS / 1000) * LINE_HZ)) / LINE_HZ
    swing = timbre.vibrato * pitch_hz / 5.5 * np.sin(2 * np.pi * 5.5 * t)
    tone = np.zeros(t.size)
    for order, strength in enumerate(timbre.partials, 1):
        if order * pitch_hz < TOP_HZ:
            tone += strength * np.sin(2 * np.pi * order * pitch_hz * t + order * swing + order)
    shape = np.minimum(1, t / (timbre.attack_ms / 1000)) * np.exp(-t / timbre.decay_s)
    return np.asarray(tone * shape * np.clip((t[-1] - t) / (RELEASE_MS / 1000), 0, 1))


def _sung(pitch_hz: float, length_s: float, rng: np.random.Generator) -> Floats:
    """One sung vowel: a glide into the note, vibrato, formants."""
    t = np.arange(int(length_s * LINE_HZ)) / LINE_HZ
    pitch = pitch_hz / 2 * (1 - 0.03 * np.exp(-t / 0.04) + 0.008 * np.sin(2 * np.pi * 5.5 * t) * np.minimum(1, t / 0.3))
    phase = 2 * np.pi * np.cumsum(pitch) / LINE_HZ
    formants = VOWELS_HZ[int(rng.integers(len(VOWELS_HZ)))]
    tone = np.zeros(t.size)
    for order in range(1, int(TOP_HZ / pitch.max()) + 1):
        strength = sum(
            g / (1 + ((order * pitch_hz / 2 - f) / 110) ** 2) for g, f in zip((1, 0.5, 0.25), formants, strict=True)
        )
        tone += strength * np.sin(order * phase)
    shape = np.minimum(1, np.minimum(t / 0.05, (t[-1] - t) / 0.04 + 0.02))
    return np.asarray(1.5 * tone * shape)


def _add(sound: Floats, part: Floats, at_s: float) -> None:
    first = int(at_s * LINE_HZ)
    room = sound[first : first + part.size]
    room += part[: room.size]
