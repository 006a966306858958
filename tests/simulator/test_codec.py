from __future__ import annotations

import numpy as np
import pytest

from tests.simulator.codec import can_encode, through
from tests.simulator.script import Codec
from tests.simulator.voice import LINE_HZ, BuzzVoice


@pytest.mark.parametrize("codec", Codec)
def test_a_codec_keeps_length_time_and_channels(codec: Codec) -> None:
    if not can_encode(codec):
        pytest.skip(f"this ffmpeg has no encoder of {codec}")
    voice = BuzzVoice()
    one = np.pad(voice.say("路灯坏了四天了", 2) * 0.1 * 32767, (LINE_HZ, LINE_HZ)).astype(np.int16)
    two = np.zeros_like(one)
    heard = through(np.stack([one, two]), codec)
    assert heard.shape == (2, one.size)
    lags = np.correlate(heard[0].astype(float), one.astype(float)[400:-400], mode="valid")
    assert abs(int(lags.argmax()) - 400) <= 64  # 8 ms: the look-ahead of G.723.1
    assert np.abs(heard[1]).max() <= 64


def test_the_rate_says_how_much_of_the_sound_is_lost() -> None:
    voice = BuzzVoice()
    sound = (voice.say("路灯坏了四天了", 2) * 0.1 * 32767).astype(np.int16)[None]

    def lost(codec: Codec) -> float:
        return float(np.mean(np.square(through(sound, codec)[0].astype(float) - sound[0])))

    pairs = [(Codec.OPUS_6, Codec.OPUS_12), (Codec.MP3_8, Codec.MP3_16)]
    assert all(lost(low) > lost(high) > 0 for low, high in pairs if can_encode(low))
