"""ffmpeg's output, a WAV stream of unknown length, to samples: one copy in memory, counted while it grows."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.waveform import SPEECH_RATE_HZ
from callaudit.errors import AudioError

MAX_CHANNELS = 8
_SAMPLE_BYTES = 2
_MAX_HEADER_BYTES = 4096


class PcmStream:
    """Collects 16-bit PCM.

    Args:
        max_duration_s: longest sound that is collected, in seconds.
    """

    def __init__(self, max_duration_s: int) -> None:
        self._max_duration_s = max_duration_s
        self._bytes = bytearray()
        self._start = 0
        self._channels = 0
        self._max_bytes = _MAX_HEADER_BYTES

    @property
    def channels(self) -> int:
        """Number of channels; 0 before the header is complete."""
        return self._channels

    def take(self, block: bytes) -> None:
        """Add a block of the stream.

        Raises:
            AudioError: longer than allowed, more channels than allowed, or not a WAV stream.
        """
        self._bytes += block
        if not self._channels:
            self._read_header()
        if len(self._bytes) <= self._max_bytes:
            return
        if not self._channels:
            raise _not_wav()
        raise AudioError(
            f"longer than {self._max_duration_s} s",
            code="audio.too_long",
            hint="raise audio.max_duration_s if recordings are that long; a small file of huge length is suspicious",
        )

    def samples(self) -> NDArray[np.int16]:
        """int16 samples as `(channels, frames)`: a view of the interleaved bytes, not contiguous."""
        if not self._channels:
            return np.empty((0, 0), np.int16)
        frames = (len(self._bytes) - self._start) // (_SAMPLE_BYTES * self._channels)
        flat = np.frombuffer(self._bytes, "<i2", frames * self._channels, self._start)
        return flat.reshape(frames, self._channels).T.astype(np.int16, copy=False)

    def _read_header(self) -> None:
        """Find channels and the beginning of the samples, as soon as enough is there."""
        head = bytes(self._bytes[:_MAX_HEADER_BYTES])
        if not (head[:4] == b"RIFF"[: len(head)] and head[8:12] == b"WAVE"[: max(0, len(head) - 8)]):
            raise _not_wav()
        at, channels = 12, 0
        while at + 8 <= len(head):
            name, size = struct.unpack_from("<4sI", head, at)
            if name == b"data":
                return self._begin(at + 8, channels)
            if name == b"fmt " and at + 12 <= len(head):
                (channels,) = struct.unpack_from("<H", head, at + 10)
            at += 8 + size + size % 2
        return None

    def _begin(self, start: int, channels: int) -> None:
        """Samples begin at `start`: know the limit from here on."""
        if not channels:
            raise _not_wav()
        if channels > MAX_CHANNELS:
            raise AudioError(
                f"{channels} channels",
                code="audio.too_many_channels",
                hint=f"calls have one or two channels, at most {MAX_CHANNELS}: split the recording",
            )
        self._start, self._channels = start, channels
        self._max_bytes = start + self._max_duration_s * SPEECH_RATE_HZ * _SAMPLE_BYTES * channels


def _not_wav() -> AudioError:
    return AudioError(
        "the decoder put out something else than sound",
        code="audio.decoder",
        hint="check audio.ffmpeg: it must name an ffmpeg program",
    )
