"""Through a recorder's codec and back, by libsndfile, or by ffmpeg where libsndfile has no such codec or rate."""

from __future__ import annotations

import io
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from tests.simulator.script import Codec
from tests.simulator.voice import LINE_HZ

FORMATS = {Codec.GSM: ("WAV", "GSM610"), Codec.MP3: ("MP3", "MPEG_LAYER_III"), Codec.OPUS: ("OGG", "OPUS")}
"""Container and subtype of libsndfile."""
ENCODERS = {
    Codec.AMR_12: ("amr", "libopencore_amrnb", "12.2k"),
    Codec.AMR_5: ("amr", "libopencore_amrnb", "4.75k"),
    Codec.MP3_16: ("mp3", "libmp3lame", "16k"),
    Codec.MP3_8: ("mp3", "libmp3lame", "8k"),
    Codec.OPUS_12: ("ogg", "libopus", "12k"),
    Codec.OPUS_6: ("ogg", "libopus", "6k"),
    Codec.G723: ("wav", "g723_1", "6300"),
    Codec.G726: ("wav", "g726", "16k"),
}
"""Suffix, encoder and bit rate of ffmpeg."""
RAW = ("-f", "s16le", "-ar", str(LINE_HZ), "-ac", "1")


def can_encode(codec: Codec) -> bool:
    """Whether this machine can: not every ffmpeg is built with every encoder."""
    return codec not in ENCODERS or ENCODERS[codec][1] in _encoders()


def through(samples: NDArray[np.int16], codec: Codec) -> NDArray[np.int16]:
    """The same recording as it comes back, of the same length; each channel is coded alone, as GSM must be.

    AMR and G.723.1 come back 5 and 7.5 ms late, as they do from any recorder.

    Args:
        samples: int16 at 8 kHz, shape (channels, frames).
        codec: `Codec.NONE` changes nothing.
    """
    if codec is Codec.NONE:
        return samples
    one = _by_ffmpeg if codec in ENCODERS else _by_libsndfile
    return np.stack([_of_length(one(channel, codec), channel.size) for channel in samples])


def _by_libsndfile(channel: NDArray[np.int16], codec: Codec) -> NDArray[np.int16]:
    import soundfile

    container, subtype = FORMATS[codec]
    file = io.BytesIO()
    soundfile.write(file, channel, LINE_HZ, format=container, subtype=subtype)
    file.seek(0)
    heard, rate_hz = soundfile.read(file, dtype="int16")
    if rate_hz != LINE_HZ:
        raise ValueError(f"{subtype} came back at {rate_hz} Hz")
    return np.asarray(heard, np.int16)


def _by_ffmpeg(channel: NDArray[np.int16], codec: Codec) -> NDArray[np.int16]:
    suffix, encoder, rate = ENCODERS[codec]
    with TemporaryDirectory() as folder:  # some containers are finished by going back to their head
        file = str(Path(folder, f"coded.{suffix}"))
        _ffmpeg(*RAW, "-i", "-", "-c:a", encoder, "-b:a", rate, "-ar", str(LINE_HZ), file, given=channel.tobytes())
        return np.frombuffer(_ffmpeg("-i", file, *RAW, "-"), dtype="<i2")


@cache
def _encoders() -> frozenset[str]:
    rows = _ffmpeg("-hide_banner", "-encoders").decode().splitlines()
    return frozenset(row.split()[1] for row in rows if len(row.split()) > 1)


def _ffmpeg(*arguments: str, given: bytes = b"") -> bytes:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def _of_length(heard: NDArray[np.int16], count: int) -> NDArray[np.int16]:
    return np.pad(heard[:count], (0, max(0, count - heard.size)))
