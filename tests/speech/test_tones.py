from __future__ import annotations

import numpy as np
import pytest

from callaudit.domain.line import ToneKind
from callaudit.domain.waveform import Waveform
from callaudit.speech.tones import BusyToneDetector
from tests.speech.sounds import SPEECH_RATE_HZ, beats, noise, spoken, wave_of

DETECTOR = BusyToneDetector()


def chord(*notes: float) -> np.ndarray:
    return sum((beats(12, 1, 12, hz=note, level=0.1) for note in notes), np.zeros(12 * SPEECH_RATE_HZ))


@pytest.mark.parametrize("start", [0.0, 2.123, 5.017, 58.4])
@pytest.mark.parametrize(
    ("hz", "on", "off"), [(450, 0.35, 0.35), (425, 0.35, 0.35), (475, 0.32, 0.38), (450, 0.31, 0.31), (450, 0.38, 0.38)]
)
def test_the_busy_tone_is_found_where_it_begins(start, hz, on, off):
    sound = beats(start + 7, start, 8, hz, on, off)

    (tone,) = DETECTOR.detect(wave_of(sound + noise(len(sound) / SPEECH_RATE_HZ)))

    assert tone.kind is ToneKind.BUSY
    assert tone.cycles == 8
    assert tone.frequency_hz == pytest.approx(hz, abs=2)
    assert tone.span.start_ms == pytest.approx(start * 1000, abs=20)
    assert tone.span.end_ms == pytest.approx((start + 8 * (on + off) - off) * 1000, abs=20)


@pytest.mark.parametrize(
    "sound",
    [
        beats(30, 1, 5, on=1.0, off=4.0),
        beats(12, 0, 1, on=20.0),
        beats(12, 1, 8, on=0.7, off=0.7),
        beats(12, 1, 40, on=0.1, off=0.1),
        beats(20, 1, 4, on=0.4, off=4.0),
        beats(12, 1, 8, on=0.2, off=0.2),
        beats(12, 1, 8, on=0.35, off=0.6),
        beats(12, 1, 10, hz=400),
        beats(12, 1, 10, hz=500),
        beats(12, 1, 10, hz=950),
        chord(697, 1336),
        chord(440, 554, 659),
        chord(262, 330, 392, 440),
        beats(12, 3, 2),
        beats(12, 1, 12, level=0.0004),
        beats(12, 1, 12) + beats(12, 1.35, 12),
        np.tile(spoken("complaint"), 5),
        np.concatenate([spoken("remark"), spoken("greeting"), spoken("complaint")] * 3),
        noise(12, -30),
        np.zeros(12 * SPEECH_RATE_HZ),
        np.zeros(0),
        np.zeros(5),
    ],
    ids=[
        "ringback",
        "dial tone",
        "congestion",
        "number unknown",
        "call waiting",
        "too fast",
        "off too long",
        "too low",
        "too high",
        "howler pitch",
        "DTMF digit in rhythm",
        "A major in rhythm",
        "C six in rhythm",
        "two beeps",
        "an echo from another line",
        "no pause between bursts",
        "one sentence over and over",
        "speech",
        "noise",
        "silence",
        "nothing",
        "five samples",
    ],
)
def test_other_sounds_are_no_busy_tone(sound):
    assert DETECTOR.detect(wave_of(sound)) == ()


@pytest.mark.parametrize("seed", range(6))
def test_voiced_bursts_at_random_pitch_and_rhythm_are_no_busy_tone(seed):
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(60):
        t = np.arange(int(rng.uniform(0.1, 0.5) * SPEECH_RATE_HZ)) / SPEECH_RATE_HZ
        pitch = rng.uniform(90, 240)
        parts += [
            sum(0.1 / k * np.sin(2 * np.pi * pitch * k * t) for k in range(1, 12)),
            np.zeros(int(rng.integers(9000))),
        ]

    assert DETECTOR.detect(wave_of(np.concatenate(parts))) == ()


def test_the_tone_is_heard_under_a_voice_of_the_same_level():
    voice = np.concatenate([spoken("complaint"), spoken("greeting"), spoken("complaint")])
    tone = beats(len(voice) / SPEECH_RATE_HZ, 1.0, 9, level=0.11)

    found = DETECTOR.detect(wave_of(voice[: len(tone)] + tone[: len(voice)]))

    assert found
    assert all(one.frequency_hz == pytest.approx(450, abs=5) for one in found)
    assert all(900 < one.span.start_ms < 7300 for one in found)


def test_three_whole_cycles_are_needed():
    assert DETECTOR.detect(wave_of(beats(2.0, 0, 9))) == ()
    assert DETECTOR.detect(wave_of(beats(2.1, 0, 9)))[0].cycles == 3


def test_a_burst_that_was_cut_into_still_marks_the_start():
    sound = beats(8, 1, 8)
    sound[: int(1.2 * SPEECH_RATE_HZ)] = 0

    (tone,) = DETECTOR.detect(wave_of(sound))

    assert tone.span.start_ms == pytest.approx(1200, abs=20)


def test_channels_are_told_apart():
    (tone,) = DETECTOR.detect(wave_of(np.tile(spoken("greeting"), 3), beats(7, 1.5, 6)))

    assert tone.channel == 1


def test_eight_kilohertz_is_heard_as_well():
    samples = (beats(8, 2, 6)[::2] * 32767).astype(np.int16)

    (tone,) = DETECTOR.detect(Waveform(samples[None], 8000))

    assert tone.span.start_ms == pytest.approx(2000, abs=20)


def test_an_odd_rate_is_refused():
    with pytest.raises(ValueError, match="11025"):
        DETECTOR.detect(Waveform(np.zeros((1, 11025), np.int16), 11025))
