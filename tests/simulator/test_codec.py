from __future__ import annotations

import numpy as np
import pytest

from tests.simulator.codec import through
from tests.simulator.script import Codec
from tests.simulator.voice import LINE_HZ, BuzzVoice


@pytest.mark.parametrize("codec", Codec)
def test_a_codec_keeps_length_time_and_channels(codec: Codec) -> None:
    voice = BuzzVoice()
    one = np.pad(voice.say("路灯坏了四天了", 2) * 0.1 * 32767, (LINE_HZ, LINE_HZ)).astype(np.int16)
    two = np.zeros_like(one)
    heard = through(np.stack([one, two]), codec)
    assert heard.shape == (2, one.size)
    lags = np.correlate(heard[0].astype(float), one.astype(float)[400:-400], mode="valid")
    assert abs(int(lags.argmax()) - 400) <= 8
    assert np.abs(heard[1]).max() <= 64
