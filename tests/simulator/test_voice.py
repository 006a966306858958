from __future__ import annotations

import shutil

import numpy as np
import pytest

from tests.simulator.voice import LINE_HZ, BuzzVoice, EspeakVoice, Floats, Voice

TEXT = "您好，路灯坏了四天了"


def voices() -> list[pytest.ParameterSet]:
    has_espeak = shutil.which("espeak-ng") is not None
    return [
        pytest.param(BuzzVoice, id="buzz"),
        pytest.param(EspeakVoice, id="espeak", marks=pytest.mark.skipif(not has_espeak, reason="no espeak-ng")),
    ]


def power_within(sound: Floats, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    at_hz = np.fft.rfftfreq(sound.size, 1 / LINE_HZ)
    return float(power[(at_hz >= low_hz) & (at_hz <= high_hz)].sum() / power.sum())


@pytest.mark.parametrize("make", voices())
def test_a_voice_is_level_audible_from_end_to_end_and_the_same_every_time(make: type[Voice]) -> None:
    voice = make()
    sound = voice.say(TEXT, 2)
    assert np.sqrt(np.mean(np.square(sound))) == pytest.approx(1)
    assert 1.0 < sound.size / LINE_HZ < 4.0
    assert all(np.abs(edge).max() > 0.005 for edge in (sound[:160], sound[-160:]))
    assert np.array_equal(sound, voice.say(TEXT, 2))
    assert not np.array_equal(sound, voice.say(TEXT, 3)[: sound.size])


@pytest.mark.parametrize("make", voices())
def test_a_voice_sounds_within_the_telephone_band_and_loads_the_band_of_the_tones(make: type[Voice]) -> None:
    sound = make().say(TEXT * 3, 4)
    assert power_within(sound, 150, 3500) > 0.9
    assert power_within(sound, 420, 480) > 0.005


def test_the_buzz_keeps_the_rhythm_of_syllables() -> None:
    voice = BuzzVoice()
    assert voice.say("好" * 10, 1).size > 9 * voice.say("好", 1).size * 0.8
    with_pause, without = voice.say("好，好", 1), voice.say("好好", 1)
    assert with_pause.size > without.size + 0.1 * LINE_HZ
    assert np.count_nonzero(with_pause == 0) > 0.15 * LINE_HZ
