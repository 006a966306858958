"""The formats that recorders of call centres write."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pydub import AudioSegment

SOUNDFILE = {
    "wav-pcm": ("wav", "WAV", "PCM_16"),
    "wav-alaw": ("wav", "WAV", "ALAW"),
    "wav-mulaw": ("wav", "WAV", "ULAW"),
    "wav-gsm": ("wav", "WAV", "GSM610"),
    "wav-ima-adpcm": ("wav", "WAV", "IMA_ADPCM"),
    "flac": ("flac", "FLAC", "PCM_16"),
}
FFMPEG = {
    "mp3": ("mp3", ["-c:a", "libmp3lame", "-b:a", "40k"]),
    "ogg-opus": ("ogg", ["-c:a", "libopus", "-b:a", "40k", "-application", "voip"]),
    "m4a": ("m4a", ["-c:a", "aac", "-b:a", "40k"]),
    "amr": ("amr", ["-c:a", "libopencore_amrnb", "-b:a", "12.2k"]),
}
CORRUPT_BYTES = 4096


def write(call: AudioSegment, folder: Path, name: str, format_name: str) -> Path:
    """Encode a call.

    Raises:
        KeyError: unknown format.
        subprocess.CalledProcessError: the encoder failed.
    """
    if format_name in SOUNDFILE:
        extension, container, subtype = SOUNDFILE[format_name]
        return _with_soundfile(call, folder / f"{name}.{extension}", container, subtype)
    extension, options = FFMPEG[format_name]
    return _with_ffmpeg(call, folder / f"{name}.{extension}", options)


def write_corrupt(folder: Path, name: str, format_name: str) -> Path:
    """A file with the magic bytes of a FLAC and noise behind them, the same every time."""
    extension = SOUNDFILE[format_name][0]
    path = folder / f"{name}.{extension}"
    path.write_bytes(b"fLaC" + random.Random(name).randbytes(CORRUPT_BYTES - 4))
    return path


def _with_soundfile(call: AudioSegment, path: Path, container: str, subtype: str) -> Path:
    import soundfile

    samples = np.array(call.get_array_of_samples(), dtype=np.int16).reshape(-1, call.channels)
    soundfile.write(path, samples, call.frame_rate, format=container, subtype=subtype)
    return path


def _with_ffmpeg(call: AudioSegment, path: Path, options: list[str]) -> Path:
    from imageio_ffmpeg import get_ffmpeg_exe

    source = ["-f", "s16le", "-ar", str(call.frame_rate), "-ac", str(call.channels), "-i", "pipe:0"]
    # bitexact: no random serial numbers, no encoder versions, so that the same scenario gives the same bytes.
    exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    command = [get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y", *source, *options, *exact, str(path)]
    subprocess.run(command, input=call.raw_data, check=True)
    return path
