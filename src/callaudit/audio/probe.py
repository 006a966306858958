"""Which container a file is, from its magic bytes.

ffmpeg guesses from contents *and* extension, and a text playlist named `call.wav` makes it read other files. So the
guess is made here, and ffmpeg is told the demuxer. The extension counts only where a file has no header at all.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from callaudit.audio.frames import adts_frame, first_frame, mpeg_frame
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings


@dataclass(frozen=True, slots=True)
class Container:
    """A file format, and how ffmpeg is told to read it."""

    name: str
    """As in `Recording.container`."""
    demuxer: str
    """Value of ffmpeg's `-f`."""
    input_options: tuple[str, ...] = ()
    """What ffmpeg must be told of a headerless file."""
    audio_start: int = 0
    """Offset of the first audio frame, in bytes; 0 where the container has a header of its own."""


_RAW_OPTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "alaw": ("alaw", ()),
    "mulaw": ("mulaw", ()),
    "gsm": ("gsm", ()),
    # ffmpeg has no demuxer for Dialogic VOX: the one for 8-bit samples hands over bytes as they are.
    "vox": ("u8", ("-c:a", "adpcm_ima_oki")),
}
HEADERLESS = frozenset(_RAW_OPTIONS)
"""Containers that are none: what they hold must be told."""

_RAW_SUFFIXES = {
    ".vox": "vox",
    ".al": "alaw",
    ".alaw": "alaw",
    ".pcma": "alaw",
    ".ul": "mulaw",
    ".ulaw": "mulaw",
    ".pcmu": "mulaw",
    ".gsm": "gsm",
}
_HEADED_SUFFIXES = frozenset(
    (
        ".wav",
        ".wave",
        ".mp3",
        ".amr",
        ".awb",
        ".ogg",
        ".oga",
        ".opus",
        ".spx",
        ".m4a",
        ".mp4",
        ".mov",
        ".3gp",
        ".aac",
        ".flac",
        ".m3u",
        ".m3u8",
        ".txt",
        ".csv",
        ".json",
        ".xml",
    )
)
"""A file named like this that holds nothing known is damaged or foreign, not headerless."""

_MAGIC: tuple[tuple[bytes, Container], ...] = (
    (b"#!AMR\n", Container("amr", "amr")),
    (b"#!AMR-WB\n", Container("amr", "amr")),
    (b"OggS", Container("ogg", "ogg")),
    (b"fLaC", Container("flac", "flac")),
)
_RIFF = frozenset((b"RIFF", b"RF64", b"BW64", b"RIFX"))
_HEAD_BYTES = 64
_LETTERS_OF_TEXT = 12


def identify(file: BinaryIO) -> Container | None:
    """Container of an open file, whatever its name; None where it is not audio that callaudit reads.

    Args:
        file: opened for reading bytes and seekable; its position is moved.
    """
    offset = _after_id3(file)
    file.seek(offset)
    head = file.read(_HEAD_BYTES)
    for magic, container in _MAGIC:
        if head.startswith(magic):
            return container
    if head[:4] in _RIFF and head[8:12] == b"WAVE":
        return Container("wav", "wav")
    if head[4:8] == b"ftyp":
        return Container("mp4", "mov")
    return _framed(file, offset)


def headerless(path: Path, start: bytes, settings: AudioSettings) -> Container | None:
    """How to read a file without a header; None where nothing says that it is one.

    Args:
        path: its suffix may name the codec.
        start: first bytes of the file, to tell text from sound.
        settings: `raw_format` names the codec of other files, `raw_rate_hz` the rate of all.

    Raises:
        AudioError: it is one, but nobody says at which rate.
    """
    codec = named_codec(path, settings)
    if codec is None or start.startswith(b"ID3") or _is_text(start):
        return None
    if settings.raw_rate_hz is None:
        raise AudioError(
            f"headerless {codec} of unknown sample rate",
            code="audio.rate_unknown",
            hint="set audio.raw_rate_hz (8000 for most telephone systems, 6000 for many Dialogic cards)",
        )
    demuxer, options = _RAW_OPTIONS[codec]
    return Container(codec, demuxer, ("-ar", str(settings.raw_rate_hz), "-ac", "1", *options))


def named_codec(path: Path, settings: AudioSettings) -> str | None:
    """The codec of a headerless file by its name and the settings; None where it would have to have a header."""
    suffix = path.suffix.lower()
    return _RAW_SUFFIXES.get(suffix) or (None if suffix in _HEADED_SUFFIXES else settings.raw_format)


def _after_id3(file: BinaryIO) -> int:
    """Offset behind an ID3v2 tag; 0 where there is none."""
    file.seek(0)
    tag = file.read(10)
    if len(tag) < 10 or tag[:3] != b"ID3" or any(byte & 0x80 for byte in tag[6:]):
        return 0
    size = tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9]
    footer = 10 if tag[5] & 0x10 else 0
    return 10 + size + footer


def _framed(file: BinaryIO, offset: int) -> Container | None:
    """MP3 or ADTS AAC: formats without magic bytes, known by a chain of frames."""
    end = file.seek(0, io.SEEK_END)
    for name, demuxer, parse in (("mp3", "mp3", mpeg_frame), ("aac", "aac", adts_frame)):
        start = first_frame(file, offset, end, parse)
        if start is not None:
            return Container(name, demuxer, audio_start=start)
    return None


def _is_text(start: bytes) -> bool:
    """Whether bytes are text: a playlist or a log, not samples. An idle line looks like text, of very few letters."""
    if b"\0" in start or len(set(start)) < _LETTERS_OF_TEXT:
        return False
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
