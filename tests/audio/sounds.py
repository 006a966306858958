"""Recordings for tests: two tones on two channels, in every format that callaudit reads."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from callaudit.audio.decode import FfmpegDecoder
from callaudit.audio.ffmpeg import Ffmpeg
from callaudit.domain.analysis import CallSource, Warn
from callaudit.domain.calls import Recording
from callaudit.domain.waveform import Waveform
from callaudit.settings import AudioSettings

DEFAULTS = AudioSettings()
TONES_HZ = (440, 1000)
CANARY_HZ = 2500
"""Tone of a file that no other recording may bring to light."""


@cache
def ffmpeg_program() -> str:
    return Ffmpeg(DEFAULTS).program


def tones(seconds: float, rate_hz: int, channels: int = 2, frequencies_hz: tuple[int, ...] = TONES_HZ) -> np.ndarray:
    """float64 `(frames, channels)`, one tone a channel."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.stack([0.3 * np.sin(2 * np.pi * hz * t) for hz in frequencies_hz[:channels]], axis=1)


def write(path: Path, sound: np.ndarray, rate_hz: int, subtype: str = "PCM_16", container: str = "WAV") -> Path:
    soundfile.write(path, sound, rate_hz, format=container, subtype=subtype)
    return path


def encode(source: Path, target: Path, *options: str) -> Path:
    """Convert with ffmpeg."""
    command = [ffmpeg_program(), "-nostdin", "-v", "error", "-y", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return target


@dataclass(frozen=True)
class Format:
    """A recording format and what the decoder must say about it."""

    name: str
    container: str
    codec: str
    rate_hz: int
    channels: int
    make: Callable[[Path, float], Path]
    settings: AudioSettings = DEFAULTS
    slack_ms: int = 0
    """How much longer than the original it may be: codecs fill their last block, some add their delay."""


def _sf(name: str, codec: str, rate_hz: int, channels: int, subtype: str, **more: object) -> Format:
    kind = str(more.pop("kind", "WAV"))
    suffix = str(more.pop("suffix", ".wav"))
    container = str(more.pop("container", "wav"))

    def make(folder: Path, seconds: float) -> Path:
        return write(folder / f"{name}{suffix}", tones(seconds, rate_hz, channels), rate_hz, subtype, kind)

    return Format(name, container, codec, rate_hz, channels, make, **more)  # type: ignore[arg-type]


def _ff(name: str, kind: str, rate_hz: int, channels: int, options: str = "", **more: int) -> Format:
    """`name` ends in the suffix that makes ffmpeg choose the container; `kind` is container/codec."""
    container, codec = kind.split("/")
    made_at_hz = min(rate_hz, 16_000)

    def make(folder: Path, seconds: float) -> Path:
        source = write(folder / f"{name}.source", tones(seconds, made_at_hz, channels), made_at_hz)
        return encode(source, folder / name, *options.split())

    return Format(name, container, codec, rate_hz, channels, make, **more)  # type: ignore[arg-type]


_RAW = AudioSettings(raw_rate_hz=8000)
_RAW_KIND = {"kind": "RAW", "settings": _RAW}

FORMATS = (
    _sf("pcm8k", "pcm_s16le", 8000, 2, "PCM_16"),
    _sf("pcm44k", "pcm_s24le", 44_100, 2, "PCM_24"),
    _sf("float", "pcm_f32le", 16_000, 2, "FLOAT"),
    _sf("alaw", "pcm_alaw", 8000, 2, "ALAW"),
    _sf("mulaw", "pcm_mulaw", 8000, 2, "ULAW"),
    _sf("extensible", "pcm_alaw", 8000, 2, "ALAW", kind="WAVEX"),
    _sf("rf64", "pcm_s16le", 8000, 2, "PCM_16", kind="RF64"),
    _sf("gsm", "gsm_ms", 8000, 1, "GSM610", slack_ms=40),
    _sf("ima", "adpcm_ima_wav", 8000, 2, "IMA_ADPCM", slack_ms=65),
    _sf("vox", "adpcm_ima_oki", 8000, 1, "VOX_ADPCM", suffix=".vox", container="vox", **_RAW_KIND),
    _sf("al", "pcm_alaw", 8000, 1, "ALAW", suffix=".al", container="alaw", **_RAW_KIND),
    _sf("ul", "pcm_mulaw", 8000, 1, "ULAW", suffix=".pcmu", container="mulaw", **_RAW_KIND),
    _ff("tagged.mp3", "mp3/mp3", 8000, 2, "-b:a 32k", slack_ms=150),
    _ff("bare.mp3", "mp3/mp3", 8000, 2, "-b:a 32k -write_xing 0 -id3v2_version 0", slack_ms=250),
    _ff("wide.mp3", "mp3/mp3", 44_100, 2, "-b:a 96k -ar 44100", slack_ms=100),
    _ff("narrow.amr", "amr/amr_nb", 8000, 1, "-b:a 12.2k", slack_ms=40),
    _ff("opus.ogg", "ogg/opus", 48_000, 2, "-c:a libopus -b:a 32k", slack_ms=25),
    _ff("vorbis.ogg", "ogg/vorbis", 16_000, 2, "-c:a libvorbis", slack_ms=25),
    _ff("flac.oga", "ogg/flac", 8000, 2, "-c:a flac"),
    _ff("aac.m4a", "mp4/aac", 16_000, 2, "-c:a aac -b:a 48k", slack_ms=140),
    _ff("amr.3gp", "mp4/amr_nb", 8000, 1, "-c:a libopencore_amrnb -b:a 12.2k", slack_ms=40),
    _ff("adts.aac", "aac/aac", 16_000, 2, "-c:a aac -b:a 48k", slack_ms=140),
    _ff("plain.flac", "flac/flac", 8000, 2),
)


@cache
def decoder(settings: AudioSettings = DEFAULTS) -> FfmpegDecoder:
    return FfmpegDecoder(settings)


def decode(path: Path, settings: AudioSettings = DEFAULTS) -> tuple[Recording, Waveform, tuple[Warn, ...]]:
    return decoder(settings).decode(CallSource(path=path))


def loudest_hz(samples: np.ndarray, rate_hz: int = 16_000) -> float:
    """Frequency of the strongest component."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float) * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * rate_hz / samples.size


def strength(samples: np.ndarray, frequency_hz: float, rate_hz: int = 16_000) -> float:
    """Amplitude of one frequency, as a share of full scale."""
    t = np.arange(samples.size) / rate_hz
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * frequency_hz * t)))) / 32768
