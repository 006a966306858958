"""Frame headers of MPEG audio and ADTS AAC: formats that are nothing but a row of frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

SEARCH_BYTES = 8192
"""How far into a file the first frame may begin: streams cut out of a recorder start in the middle of one."""

CHAINED_FRAMES = 3
"""Frames in a row that make it a stream. One header fits random bytes once in about 4,000 places, three in a row of the
same kind once in over 10^10."""

_HEADER_BYTES = 7
_ID3V1_BYTES = 128

_BITRATES_KBIT = {
    "v1l2": (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    "v1l3": (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    "v2": (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""ISO 11172-3 and 13818-3, bit-rate index 1 to 14; layers 2 and 3 share a row from version 2 on."""

_MPEG_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""By the header's version field: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""

ADTS_RATES_HZ = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
"""ISO 14496-3, by sampling-frequency index."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, from its header."""

    size_bytes: int
    samples: int
    """Per channel."""
    rate_hz: int
    kind: tuple[int, ...]
    """What stays the same from frame to frame of one stream."""


def mpeg_frame(header: bytes) -> Frame | None:
    """MPEG audio frame, layer 2 or 3, from its first 4 bytes; None where they are no header."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate_index, rate_index, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer not in (2, 3) or bitrate_index in (0, 15) or rate_index == 3:
        return None
    row = f"v1l{layer}" if version == 3 else "v2"
    rate_hz = _MPEG_RATES_HZ[version][rate_index]
    samples = 576 if layer == 3 and version != 3 else 1152
    size = samples // 8 * _BITRATES_KBIT[row][bitrate_index - 1] * 1000 // rate_hz + padding
    return Frame(size, samples, rate_hz, (version, layer, rate_index))


def adts_frame(header: bytes) -> Frame | None:
    """ADTS frame from its first 7 bytes; None where they are no header."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return None
    rate_index = header[2] >> 2 & 15
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    if rate_index >= len(ADTS_RATES_HZ) or size < _HEADER_BYTES:
        return None
    kind = (header[1] >> 3 & 1, header[2] >> 6, rate_index, (header[2] & 1) << 2 | header[3] >> 6)
    return Frame(size, 1024 * ((header[6] & 3) + 1), ADTS_RATES_HZ[rate_index], kind)


def first_frame(file: BinaryIO, offset: int, end: int, parse: Callable[[bytes], Frame | None]) -> int | None:
    """Where a stream of frames begins; None where there is none near `offset`.

    Args:
        file: seekable; its position is moved.
        offset: where the search begins, in bytes.
        end: size of the file, in bytes.
        parse: reads one frame header.
    """
    file.seek(offset)
    window = file.read(SEARCH_BYTES)
    at = window.find(b"\xff")
    while at >= 0:
        if parse(window[at : at + _HEADER_BYTES]) and _chained(file, offset + at, end, parse):
            return offset + at
        at = window.find(b"\xff", at + 1)
    return None


def _chained(file: BinaryIO, at: int, end: int, parse: Callable[[bytes], Frame | None]) -> bool:
    """Whether frames of one kind follow each other from `at`, as many as it takes or up to the end of the file."""
    kind: tuple[int, ...] | None = None
    for count in range(CHAINED_FRAMES):
        if count and at in (end, end - _ID3V1_BYTES):
            return True
        file.seek(at)
        frame = parse(file.read(_HEADER_BYTES))
        if frame is None or kind not in (None, frame.kind):
            return False
        kind, at = frame.kind, at + frame.size_bytes
    return True
