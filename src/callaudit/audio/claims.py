"""How long a recording says it is, from its header alone: compared with what could be decoded, it shows a torn file.

Only formats whose header states a length appear here. None of this is trusted for anything but that comparison.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from callaudit.audio.frames import mpeg_frame
from callaudit.audio.probe import Container

_MAX_CHUNKS = 64
_PLACEHOLDER_BYTES = 0x7FFFF000
"""Data sizes from here on are what programs write that do not know the length yet: sox, ffmpeg, a crashed switch."""


def claimed_duration_ms(file: BinaryIO, container: Container) -> int | None:
    """Length the header claims, in ms; None where it claims none.

    Args:
        file: opened for reading bytes and seekable; its position is moved.
        container: what `probe.identify` found.
    """
    try:
        match container.name:
            case "wav":
                return _wav_ms(file)
            case "flac":
                return _flac_ms(file)
            case "mp3":
                return _xing_ms(file, container.audio_start)
            case "mp4":
                return _movie_ms(file)
    except struct.error:
        return None
    return None


def _ms(units: int, units_per_s: int) -> int | None:
    """Milliseconds in so many units; None where that is nothing, or the header is nonsense."""
    return units * 1000 // units_per_s or None if units_per_s else None


def _wav_ms(file: BinaryIO) -> int | None:
    """`data` size over the byte rate of `fmt `, both little-endian (RIFX is left alone)."""
    file.seek(0)
    magic = file.read(12)[:4]
    bytes_per_s, long_size = 0, None
    for _ in range(_MAX_CHUNKS):
        name, size = struct.unpack("<4sI", file.read(8))
        start = file.tell()
        if name == b"fmt ":
            (bytes_per_s,) = struct.unpack("<8xI", file.read(12))
        elif name == b"ds64":
            (long_size,) = struct.unpack("<8xQ", file.read(16))
        elif name == b"data":
            if magic in (b"RF64", b"BW64") and size == 0xFFFFFFFF and long_size is not None:
                return _ms(long_size, bytes_per_s)
            return None if magic == b"RIFX" or size >= _PLACEHOLDER_BYTES else _ms(size, bytes_per_s)
        file.seek(start + size + size % 2)
    return None


def _flac_ms(file: BinaryIO) -> int | None:
    """Total samples of STREAMINFO, the block right after the magic bytes."""
    file.seek(0)
    head = file.read(26)
    if head[:4] != b"fLaC":
        return None
    (packed,) = struct.unpack(">Q", head[18:26])
    return _ms(packed & (1 << 36) - 1, packed >> 44)


def _xing_ms(file: BinaryIO, audio_start: int) -> int | None:
    """Frame count of the Xing or Info tag inside the first MP3 frame."""
    file.seek(audio_start)
    head = file.read(256)
    frame = mpeg_frame(head)
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if frame is None or at < 0:
        return None
    flags, frames = struct.unpack(">II", head[at + 4 : at + 12])
    return _ms(frames * frame.samples, frame.rate_hz) if flags & 1 else None


def _movie_ms(file: BinaryIO) -> int | None:
    """Duration of `mvhd` inside `moov`, wherever that stands."""
    file.seek(0)
    at = 0
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            header = 16
        if name == b"moov":
            at, size = at + header, 0
        elif name == b"mvhd":
            return _movie_header_ms(file.read(32))
        elif size < header:
            return None
        at += size
    return None


def _movie_header_ms(body: bytes) -> int | None:
    """Duration over time scale; version 1 has 64-bit times. All ones means unknown."""
    layout, unknown = (">20xIQ", (1 << 64) - 1) if body[:1] == b"\x01" else (">12xII", (1 << 32) - 1)
    scale, duration = struct.unpack_from(layout, body)
    return None if duration == unknown else _ms(duration, scale)
