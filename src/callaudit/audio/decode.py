"""A file to a recording and its sound: the adapter behind `ports.AudioDecoder`."""

from __future__ import annotations

import hashlib
import os
from io import BufferedReader
from pathlib import Path

from callaudit.audio.channels import channels_alike, has_dead_channel, is_silent
from callaudit.audio.claims import claimed_duration_ms
from callaudit.audio.ffmpeg import Ffmpeg
from callaudit.audio.files import check_unchanged, opened
from callaudit.audio.probe import Container, headerless, identify
from callaudit.domain.analysis import CallSource, Warn
from callaudit.domain.calls import Recording
from callaudit.domain.names import printable
from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings

_METHOD = "1"
"""Changes whenever the same file may decode to other samples."""

_TEXT_CHECK_BYTES = 4096
_TORN_MS = 500
_TORN_SHARE = 0.02
"""A file is torn when it lacks more than half a second and more than 2 % of what its header says: codecs round up to
whole blocks, and variable bit rates are counted in frames."""


class FfmpegDecoder:
    """Decodes recordings with ffmpeg: format by contents, 16 kHz, channels apart.

    Raises:
        DependencyError: there is no ffmpeg that runs.
    """

    def __init__(self, settings: AudioSettings) -> None:
        self._settings = settings
        self._ffmpeg = Ffmpeg(settings)

    @property
    def name(self) -> str:
        """`ffmpeg`."""
        return "ffmpeg"

    @property
    def version(self) -> str:
        """Our way of calling it, and its own version."""
        return f"{_METHOD}/{self._ffmpeg.version}"

    def decode(self, source: CallSource) -> tuple[Recording, Waveform, tuple[Warn, ...]]:
        """Decode a recording to 16 kHz, channels apart.

        Raises:
            AudioError: unreadable, empty, too large, not audio, corrupt, too long, too slow, without samples, silent.
        """
        try:
            return self._decode(source)
        except AudioError as error:
            raise AudioError(f"{printable(source.path)}: {error.message}", code=error.code, hint=error.hint) from error

    def _decode(self, source: CallSource) -> tuple[Recording, Waveform, tuple[Warn, ...]]:
        path = source.readable_at
        with opened(path) as file:
            before = os.fstat(file.fileno())
            self._check_size(before.st_size)
            container = self._container(source.path, file)
            claimed_ms = claimed_duration_ms(file, container)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            decoded = self._ffmpeg.decode(path, container)
            check_unchanged(before, path)
        wave = Waveform(decoded.samples)
        _check_sound(wave)
        recording = Recording(
            sha256=sha256,
            path=source.path,
            container=container.name,
            codec=decoded.codec,
            sample_rate_hz=decoded.sample_rate_hz,
            channels=wave.channels,
            duration_ms=wave.duration_ms,
            size_bytes=before.st_size,
        )
        return recording, wave, _warnings(wave, claimed_ms)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes == 0:
            raise AudioError(
                "empty file", code="audio.empty", hint="fetch it again; recorders leave empty files for lost calls"
            )
        if size_bytes > self._settings.max_bytes:
            raise AudioError(
                f"{size_bytes} bytes, more than audio.max_bytes allows",
                code="audio.too_large",
                hint="raise audio.max_bytes if recordings are that large, or split the file",
            )

    def _container(self, name: Path, file: BufferedReader) -> Container:
        container = identify(file)
        if container is None:
            file.seek(0)
            container = headerless(name, file.read(_TEXT_CHECK_BYTES), self._settings)
        if container is None:
            raise AudioError(
                "not a recording: contents of no known audio format",
                code="audio.not_audio",
                hint="check the export; for headerless files set audio.raw_format and audio.raw_rate_hz",
            )
        return container


def _check_sound(wave: Waveform) -> None:
    """Refuse what holds nothing to hear: a call that was not recorded must not look like a clean one."""
    if wave.samples.size == 0:
        raise AudioError(
            "holds no sound", code="audio.no_samples", hint="fetch it again; the header is there, the sound is not"
        )
    if is_silent(wave):
        raise AudioError(
            "silent on all channels from beginning to end",
            code="audio.silent",
            hint="check the recorder's line: not even noise was recorded",
        )


def _warnings(wave: Waveform, claimed_ms: int | None) -> tuple[Warn, ...]:
    warnings = []
    if claimed_ms is not None and claimed_ms - wave.duration_ms > max(_TORN_MS, _TORN_SHARE * claimed_ms):
        warnings.append(Warn.TRUNCATED)
    if channels_alike(wave):
        warnings.append(Warn.CHANNELS_ALIKE)
    if has_dead_channel(wave):
        warnings.append(Warn.CHANNEL_DEAD)
    return tuple(warnings)
