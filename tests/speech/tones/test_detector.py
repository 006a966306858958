from __future__ import annotations

import numpy as np
import pytest

from callaudit.domain.line import ToneKind
from callaudit.domain.waveform import Waveform
from callaudit.speech.tones.detector import CallProgressToneDetector
from tests.speech.sounds import SPEECH_RATE_HZ, beats, noise, spoken, wave_of

DETECTOR = CallProgressToneDetector()


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
        beats(12, 1, 1, on=1.4),
        np.tile(spoken("complaint"), 5),
        np.concatenate([spoken("remark"), spoken("greeting"), spoken("complaint")] * 3),
        noise(12, -30),
        np.zeros(12 * SPEECH_RATE_HZ),
        np.zeros(0),
        np.zeros(5),
    ],
    ids=[
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
        "too short for a dial tone",
        "one sentence over and over",
        "speech",
        "noise",
        "silence",
        "nothing",
        "five samples",
    ],
)
def test_other_sounds_are_no_tone(sound):
    assert DETECTOR.detect(wave_of(sound)) == ()


@pytest.mark.parametrize("seed", range(6))
def test_voiced_bursts_at_random_pitch_and_rhythm_are_no_tone(seed):
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
    assert tone.is_cut_in


def test_a_whole_first_burst_may_come_after_a_silent_half():
    assert not DETECTOR.detect(wave_of(beats(8, 1, 8)))[0].is_cut_in
    assert not DETECTOR.detect(wave_of(beats(8, 0, 8)[int(0.2 * SPEECH_RATE_HZ) :]))[0].is_cut_in


@pytest.mark.parametrize("length", [1.6, 2.0, 30.0])
def test_a_tone_without_pauses_is_a_dial_tone(length):
    (tone,) = DETECTOR.detect(wave_of(beats(length + 3, 1.234, 1, on=length)))

    assert (tone.kind, tone.cycles) == (ToneKind.DIAL, 0)
    assert tone.span.start_ms == pytest.approx(1234, abs=20)
    assert tone.span.end_ms == pytest.approx(1234 + length * 1000, abs=20)


def test_a_last_burst_may_be_cut_short():
    sound = beats(8, 1, 6)
    sound[int(4.65 * SPEECH_RATE_HZ) :] = 0

    (tone,) = DETECTOR.detect(wave_of(sound))

    assert tone.cycles == 5
    assert tone.span.end_ms == pytest.approx(4650, abs=20)


def test_one_tone_after_another_is_told_apart():
    sound = beats(30, 2, 10) + beats(30, 9.5, 1, on=3.0) + beats(30, 14, 6, on=0.7, off=0.7)

    found = DETECTOR.detect(wave_of(sound + noise(30)))

    assert [tone.kind for tone in found] == [ToneKind.BUSY, ToneKind.DIAL, ToneKind.CONGESTION]
    assert [tone.span.start_ms for tone in found] == pytest.approx([2000, 9500, 14_000], abs=20)


@pytest.mark.parametrize("block_s", [9.9, 10.0, 19.85])
def test_where_a_block_ends_does_not_matter(block_s):
    (tone,) = DETECTOR.detect(wave_of(beats(block_s + 8, block_s, 8)))

    assert tone.span.start_ms == pytest.approx(block_s * 1000, abs=20)


def test_the_memory_does_not_hold_the_spectra_of_a_call():
    import tracemalloc

    def peak(minutes: int) -> int:
        wave = Waveform(np.random.default_rng(1).normal(0, 900, (1, minutes * 60 * SPEECH_RATE_HZ)).astype(np.int16))
        DETECTOR.detect(wave)
        tracemalloc.start()
        DETECTOR.detect(wave)
        bytes_ = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return bytes_

    assert peak(6) - peak(2) < 4 * 60 * SPEECH_RATE_HZ // 4  # an eighth of the samples that came on top


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
