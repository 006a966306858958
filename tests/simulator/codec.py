"""Through a recorder's codec and back, by libsndfile."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from tests.simulator.script import Codec
from tests.simulator.voice import LINE_HZ

FORMATS = {Codec.GSM: ("WAV", "GSM610"), Codec.MP3: ("MP3", "MPEG_LAYER_III"), Codec.OPUS: ("OGG", "OPUS")}


def through(samples: NDArray[np.int16], codec: Codec) -> NDArray[np.int16]:
    """The same recording as it comes back, of the same length; each channel is coded alone, as GSM must be.

    Args:
        samples: int16 at 8 kHz, shape (channels, frames).
        codec: `Codec.NONE` changes nothing.
    """
    if codec is Codec.NONE:
        return samples
    return np.stack([_one(channel, *FORMATS[codec]) for channel in samples])


def _one(channel: NDArray[np.int16], container: str, subtype: str) -> NDArray[np.int16]:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, channel, LINE_HZ, format=container, subtype=subtype)
    file.seek(0)
    heard, rate_hz = soundfile.read(file, dtype="int16")
    if rate_hz != LINE_HZ:
        raise ValueError(f"{subtype} came back at {rate_hz} Hz")
    heard = heard[: channel.size]
    return np.pad(heard, (0, channel.size - heard.size))
