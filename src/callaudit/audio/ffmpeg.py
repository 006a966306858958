"""ffmpeg: which one, and what it is told. It trusts no file: neither name nor contents choose what is opened."""

from __future__ import annotations

import re
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callaudit.audio import process
from callaudit.audio.pcm import PcmStream
from callaudit.audio.probe import Container
from callaudit.domain.waveform import SPEECH_RATE_HZ
from callaudit.errors import AudioError, DependencyError
from callaudit.settings import AudioSettings

_ALWAYS = ("-nostdin", "-hide_banner", "-nostats")
_EXACT = ("-fflags", "+bitexact", "-flags:a", "+bitexact")
"""No version, no date: the same sound gives the same bytes."""

_MAX_ERROR_RATE = 0.1
"""Share of packets that may be undecodable. With more, so much is missing that the rest must not pass for the call."""

_ERROR_RATE_EXCEEDED = 69
"""ffmpeg's exit status for that."""

_UNDECODABLE = re.compile(r"Error submitting packet to decoder|Error while decoding stream|\] Decoding error:")
"""How old and new versions complain about one packet."""

_VERSION_TIMEOUT_S = 20
_CLIP_TIMEOUT_S = 60
_MP3_BITRATE = {1: "24k", 2: "40k"}
_OTHER_STREAM = re.compile(r"^ {2,4}Stream #0:\d+[^\n]*?: (?:Video|Subtitle|Data|Attachment): ", re.MULTILINE)
_AUDIO_STREAM = re.compile(r"^ {2,4}Stream #0:\d+[^\n]*?: Audio: ", re.MULTILINE)
_CODEC_AND_RATE = re.compile(
    r"^(?P<indent> {2,4})Stream #0:\d+[^\n]*?: Audio: (?P<codec>\w+)[^\n]*?, (?P<hz>\d+) Hz", re.M
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A recording as ffmpeg read it."""

    samples: NDArray[np.int16]
    """`(channels, frames)` at `SPEECH_RATE_HZ`; a view that is not contiguous."""
    codec: str
    """ffmpeg's name, such as `pcm_alaw`."""
    sample_rate_hz: int
    """Rate in the file. Opus has none but 48,000."""


class Ffmpeg:
    """One ffmpeg program, with the limits it runs under.

    Raises:
        DependencyError: there is none, or what is there does not run.
    """

    def __init__(self, settings: AudioSettings) -> None:
        self._program = _locate(settings.ffmpeg)
        self._limits = process.Limits(settings.decode_timeout_s, settings.decode_memory_mb << 20)
        self._max_duration_s = settings.max_duration_s
        self._version = _ask_version(self._program)

    @property
    def program(self) -> str:
        """Path of the program that runs."""
        return self._program

    @property
    def version(self) -> str:
        """What the program calls itself, such as `7.0.2-static`."""
        return self._version

    def decode(self, path: Path, container: Container) -> Decoded:
        """First audio stream of a file at 16 kHz, all channels.

        Args:
            path: the file; its name is never taken for an option, a protocol or a playlist.
            container: what the file is; nothing else is tried.

        Raises:
            AudioError: corrupt, too long, too slow, or without an audio stream.
        """
        pcm = PcmStream(self._max_duration_s)
        try:
            ended = process.stream(self._decode_command(path, container), self._limits, pcm.take)
        except process.TimeUpError as error:
            raise _timeout(self._limits) from error
        except OSError as error:
            raise _not_started(self._program) from error
        _check_end(ended, self._limits)
        codec, rate_hz = _codec_and_rate(ended.log)
        return Decoded(pcm.samples(), codec, rate_hz)

    def encode_mp3(self, samples: NDArray[np.int16], rate_hz: int) -> bytes:
        """Sound as a small MP3 of constant bit rate, 24 kbit/s for one channel, 40 for two.

        Args:
            samples: int16, shape `(channels, frames)` with one or two channels.
            rate_hz: 8,000 to 48,000, a rate MP3 knows.

        Raises:
            AudioError: ffmpeg failed.
        """
        channels = samples.shape[0]
        command = [self._program, *_ALWAYS, "-f", "s16le", "-ar", str(rate_hz), "-ac", str(channels)]
        command += ["-protocol_whitelist", "pipe", "-i", "pipe:0", "-c:a", "libmp3lame", "-b:a", _MP3_BITRATE[channels]]
        # Two parties have nothing in common: joint stereo would let one be heard on the other's side.
        command += ["-joint_stereo", "0"]
        # Neither tag nor Xing frame: both would be written at the end, into a pipe that cannot go back.
        command += [*_EXACT, "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3", "pipe:1"]
        interleaved = np.ascontiguousarray(samples.T, dtype="<i2").tobytes()
        limits = process.Limits(_CLIP_TIMEOUT_S, self._limits.memory_bytes)
        try:
            ended, mp3 = process.convert(command, limits, interleaved)
        except process.TimeUpError as error:
            raise _timeout(limits) from error
        except OSError as error:
            raise _not_started(self._program) from error
        if ended.returncode or not mp3:
            raise AudioError(
                "a clip could not be encoded", code="audio.encoder", hint="check that ffmpeg has the libmp3lame encoder"
            )
        return mp3

    def _decode_command(self, path: Path, container: Container) -> list[str]:
        source = ["-f", container.demuxer, *container.input_options]
        source += ["-format_whitelist", container.demuxer, "-protocol_whitelist", "file"]
        source += ["-threads", "1", "-i", f"file:{path.absolute()}"]
        wanted = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"]
        # One second more than allowed: enough to see that it is too long.
        wanted += ["-t", str(self._max_duration_s + 1), "-ar", str(SPEECH_RATE_HZ), "-c:a", "pcm_s16le"]
        strict = ["-max_error_rate", str(_MAX_ERROR_RATE)]
        return [self._program, *_ALWAYS, *strict, *source, *wanted, *_EXACT, "-f", "wav", "pipe:1"]


def _locate(setting: Path | None) -> str:
    """The program of the settings, else of the PATH, else of imageio-ffmpeg."""
    if setting is not None:
        found = shutil.which(setting)
        if found is None:
            raise DependencyError(
                f"audio.ffmpeg names {setting}, which is no program",
                code="dependency.ffmpeg",
                hint="give the path of an ffmpeg program, or drop the setting: one comes with callaudit",
            )
        return str(Path(found).absolute())
    found = shutil.which("ffmpeg")
    if found is not None:
        return str(Path(found).absolute())
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise DependencyError(
            "no ffmpeg: neither on the PATH nor from imageio-ffmpeg",
            code="dependency.ffmpeg",
            hint="install ffmpeg, or `pip install --force-reinstall imageio-ffmpeg`, or set audio.ffmpeg",
        ) from error


def _ask_version(program: str) -> str:
    """Third word of `ffmpeg version 7.0.2-static …`."""
    try:
        ended, output = process.convert([program, "-version"], process.Limits(_VERSION_TIMEOUT_S))
    except (process.TimeUpError, OSError) as error:
        raise _unusable(program) from error
    words = output.decode("utf-8", "replace").split()
    if ended.returncode or words[:2] != ["ffmpeg", "version"] or len(words) < 3:
        raise _unusable(program)
    return words[2]


def _codec_and_rate(log: str) -> tuple[str, int]:
    """What ffmpeg says of the first audio stream: the line with the least indent.

    Titles inside the file stand in the same list, indented further; before 4.4 streams were indented like them.
    """
    lines = list(_CODEC_AND_RATE.finditer(log.partition("\nStream mapping:")[0]))
    if not lines:
        raise _corrupt("nothing is known of its codec")
    first = min(lines, key=lambda line: len(line["indent"]))
    return first["codec"], int(first["hz"])


def _check_end(ended: process.Ended, limits: process.Limits) -> None:
    """Tell apart the ways in which a decoder does not end well."""
    code = ended.returncode
    if code == 0 or _lost_one_packet(ended):
        return
    if code == -getattr(signal, "SIGXCPU", 0):
        raise _timeout(limits)
    if code < 0:
        raise _corrupt(f"the decoder was killed by {signal.Signals(-code).name} on it")
    if _OTHER_STREAM.search(ended.log) and not _AUDIO_STREAM.search(ended.log):
        raise AudioError(
            "holds no audio stream",
            code="audio.not_audio",
            hint="remove it from the recordings, or export its sound track",
        )
    raise _corrupt("its contents cannot be decoded")


def _lost_one_packet(ended: process.Ended) -> bool:
    """Whether all that is wrong is a single packet: the torn last one of a short file is over any share."""
    return ended.returncode == _ERROR_RATE_EXCEEDED and len(_UNDECODABLE.findall(ended.log)) == 1


def _corrupt(what: str) -> AudioError:
    return AudioError(
        f"damaged: {what}",
        code="audio.corrupt",
        hint="fetch it again from the recorder and compare sizes; play it to see whether anything is left",
    )


def _timeout(limits: process.Limits) -> AudioError:
    return AudioError(
        f"not decoded within {limits.timeout_s:g} s",
        code="audio.timeout",
        hint="raise audio.decode_timeout_s if the machine is busy or the recording very long",
    )


def _not_started(program: str) -> AudioError:
    return AudioError(
        f"{program} could not be started",
        code="audio.decoder",
        hint="see whether the program is still there, and whether the machine is out of memory or processes",
    )


def _unusable(program: str) -> DependencyError:
    return DependencyError(
        f"{program} does not answer as ffmpeg does",
        code="dependency.ffmpeg",
        hint="run it with -version; then set audio.ffmpeg to one that works, or drop the setting",
    )
