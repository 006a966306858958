"""Voices: words to sound at 8 kHz.

The measure of hang-ups with oracle transcripts needs no words that can be understood, only sound with the rhythm, the
pitch and the spectrum of speech: it must load the tone detector's band as a voice does. `BuzzVoice` makes it a thousand
times faster than real time. `EspeakVoice` speaks real Mandarin where the program is installed, `FolderVoice` has people
speak whose recordings lie in a folder.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LINE_HZ = 8000
TOP_HZ = 3400.0
"""Upper edge of the telephone band."""
LOW_HZ = 300.0
PITCH_HZ = (105.0, 210.0, 125.0, 235.0, 145.0, 190.0, 115.0, 250.0)
"""Pitch by speaker: men even, women odd."""
SYLLABLE_MS = (170, 250)
FORMANT_WIDTH_HZ = 110
PAUSE_MS = 180
"""At a comma."""
PAUSES = frozenset("，。？！、, .?!")
TONES = ((1.15, 1.15), (0.9, 1.2), (0.9, 0.8), (1.25, 0.75))
"""Pitch at begin and end of the four tones of Mandarin, against the speaker's own."""


class Voice(Protocol):
    """Words to sound."""

    def say(self, text: str, speaker: int) -> Floats:
        """Samples at `LINE_HZ`, root mean square 1, audible from the first to the last."""


class BuzzVoice:
    """Syllables of voiced harmonics under three formants, each begun by a burst of noise. No word can be understood."""

    def say(self, text: str, speaker: int) -> Floats:
        """One syllable a character; the same text and speaker sound the same."""
        pieces = [
            np.zeros(PAUSE_MS * LINE_HZ // 1000) if char in PAUSES else _syllable(char, speaker % len(PITCH_HZ), at % 3)
            for at, char in enumerate(text.strip("".join(PAUSES)))
        ]
        return _levelled(np.concatenate(pieces))


class EspeakVoice:
    """espeak-ng's Mandarin. Raises `RuntimeError` where it is not installed."""

    def __init__(self) -> None:
        program = shutil.which("espeak-ng")
        if program is None:
            raise RuntimeError("espeak-ng is not installed")
        self._program = program

    def say(self, text: str, speaker: int) -> Floats:
        """The words, by one of eight variants of the voice."""
        import io

        import soundfile

        sex = "f" if speaker % 2 else "m"
        options = ["-b", "1", "-v", f"cmn+{sex}{speaker // 2 % 4 + 1}", "-s", "190", "--stdout"]
        done = subprocess.run([self._program, *options, text], capture_output=True, check=True)
        samples, rate_hz = soundfile.read(io.BytesIO(done.stdout))
        return _on_the_telephone(samples, rate_hz)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """One recording of the folder and what is said in it."""

    file: Path
    text: str
    speaker: str


class FolderVoice:
    """People who were recorded: WAV or FLAC files, each with its words in NAME.txt beside it, or all in one CSV file.

    The CSV has the columns `file`, `text` and, where known, `speaker`; files are named from its folder. Without it the
    folder a file lies in is its speaker. A text that was recorded is said as it was recorded, by anybody; of another,
    recordings of one speaker are strung together to about its length: what is heard are then other words.
    """

    def __init__(self, folder: Path) -> None:
        """Read the transcripts.

        Raises:
            ValueError: there are none, or a CSV lacks a column or names a file that is not there.
        """
        tables = sorted(folder.glob("*.csv"))
        listed = [row for table in tables for row in _listed(table)] if tables else _beside(folder)
        if not listed:
            raise ValueError(f"{folder} holds no recording with a transcript: NAME.wav with NAME.txt, or a CSV file")
        self._by_text: dict[str, list[_Recorded]] = {}
        self._by_speaker: dict[str, list[_Recorded]] = {}
        for one in listed:
            self._by_text.setdefault(_bare(one.text), []).append(one)
            self._by_speaker.setdefault(one.speaker, []).append(one)

    def say(self, text: str, speaker: int) -> Floats:
        """The words where they were recorded, else others of about their length by the same speaker every time.

        Raises:
            ValueError: a recording cannot be read or holds nothing but silence.
        """
        names = sorted(self._by_speaker)
        name = names[speaker % len(names)]
        same = self._by_text.get(_bare(text), [])
        if same:
            return _heard(next((one for one in same if one.speaker == name), same[0]).file)
        own = self._by_speaker[name]
        at, missing = zlib.crc32(text.encode()) % len(own), len(_bare(text)) * sum(SYLLABLE_MS) // 2 * LINE_HZ // 1000
        pieces: list[Floats] = []
        while missing > 0 or not pieces:
            pieces.append(_heard(own[at % len(own)].file)[: max(missing, LINE_HZ // 4)])
            at, missing = at + 1, missing - pieces[-1].size
        return _levelled(np.concatenate(pieces))


def _listed(table: Path) -> list[_Recorded]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        lacking = {"file", "text"} - set(rows.fieldnames or ())
        if lacking:
            raise ValueError(f"{table}: no column {', '.join(sorted(lacking))}")
        listed = [_Recorded(table.parent / row["file"], row["text"], row.get("speaker") or "") for row in rows]
    for one in listed:
        if not one.file.is_file():
            raise ValueError(f"{table} names {one.file.name}, which is not there")
    return [one for one in listed if _bare(one.text)]


def _beside(folder: Path) -> list[_Recorded]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".wav", ".flac"})
    told = [(path, path.with_suffix(".txt")) for path in files]
    read = [(path, words.read_text(encoding="utf-8-sig")) for path, words in told if words.is_file()]
    return [_Recorded(path, text, str(path.parent.relative_to(folder))) for path, text in read if _bare(text)]


def _bare(text: str) -> str:
    """Letters and digits alone: recordings are matched whatever the punctuation."""
    return "".join(char for char in text.lower() if char.isalnum())


@lru_cache(maxsize=1024)
def _heard(file: Path) -> Floats:
    import soundfile

    try:
        samples, rate_hz = soundfile.read(file, always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{file} cannot be read: {error}") from error
    if not samples.any():
        raise ValueError(f"{file} holds nothing but silence")
    return _on_the_telephone(samples.mean(axis=1), rate_hz)


def _on_the_telephone(samples: Floats, rate_hz: int) -> Floats:
    """At the line's rate and within its band, without the silence at both ends."""
    from scipy.signal import butter, resample_poly, sosfilt

    band = butter(4, [LOW_HZ, TOP_HZ], btype="band", fs=LINE_HZ, output="sos")
    heard = sosfilt(band, resample_poly(samples, LINE_HZ, rate_hz))
    loud = np.flatnonzero(np.abs(heard) > 0.01 * np.abs(heard).max())
    return _levelled(heard[loud[0] : loud[-1] + 1])


@lru_cache(maxsize=8192)
def _syllable(char: str, speaker: int, variant: int) -> Floats:
    """A syllable whose formants, tone and length follow from the character."""
    rng = np.random.default_rng(zlib.crc32(f"{char}{speaker}{variant}".encode()))
    count = int(rng.integers(*SYLLABLE_MS)) * LINE_HZ // 1000
    glide = np.linspace(*TONES[int(rng.integers(len(TONES)))], count)
    pitch_hz = PITCH_HZ[speaker] * glide * (1 + 0.01 * rng.normal())
    phase = 2 * np.pi * np.cumsum(pitch_hz) / LINE_HZ
    formants = ((1.0, rng.uniform(300, 850)), (0.6, rng.uniform(900, 2300)), (0.3, rng.uniform(2400, 3100)))
    sound = np.zeros(count)
    for order in range(1, int(TOP_HZ / pitch_hz.max()) + 1):
        at_hz = order * float(pitch_hz.mean())
        strength = sum(gain / (1 + ((at_hz - peak) / FORMANT_WIDTH_HZ) ** 2) for gain, peak in formants)
        sound += strength * min(1.0, at_hz / LOW_HZ) ** 2 * np.sin(order * phase + rng.uniform(0, 6.28))
    burst = count // 5
    noise = np.zeros(count)
    noise[:burst] = rng.normal(0, 0.25, burst) * np.hanning(burst)
    rise = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.015 * LINE_HZ) + 0.05)
    return (sound * rise + noise) * (1 - 0.4 * np.linspace(0, 1, count) ** 2)


def _levelled(sound: Floats) -> Floats:
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound))))
