from __future__ import annotations

import numpy as np
import pytest
import torch

from callaudit.domain.waveform import Waveform, as_float
from callaudit.settings import SpeechSettings
from callaudit.speech.activity import SileroDetector
from tests.speech.sounds import SPEECH_RATE_HZ, beats, dialogue, noise, spoken, wave_of

TURNS = [(0, "greeting", 1.0), (1, "complaint", 4.2), (0, "remark", 9.0), (1, "greeting", 11.0)]


@pytest.fixture(scope="module")
def detector():
    return SileroDetector(SpeechSettings())


@pytest.mark.parametrize("gain_db", [0, -15, -25])
def test_regions_cover_every_word_and_no_more_than_the_pauses_around(detector, gain_db):
    wave, truth = dialogue(TURNS, 14.0, gain_db)

    regions = detector.detect(wave)

    assert regions == tuple(sorted(regions))
    for channel, words, _ in truth:
        heard = [r.span for r in regions if r.channel == channel and r.span.overlaps(words)]
        assert sum(span.overlap_ms(words) for span in heard) >= words.duration_ms - 30
        assert heard[-1].end_ms - heard[0].start_ms <= words.duration_ms + 900
    assert all(any(r.channel == channel and r.span.overlaps(words) for channel, words, _ in truth) for r in regions)


@pytest.mark.parametrize("level_dbfs", [-70, -58, -50, -45, -40, -35])
def test_line_noise_from_the_first_sample_on_is_no_speech(detector, level_dbfs):
    assert detector.detect(wave_of(*(noise(12, level_dbfs, seed) for seed in range(3)))) == ()


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(10 * SPEECH_RATE_HZ),
        noise(10, -60),
        noise(10, -30),
        beats(10, 1, 12),
        beats(10, 0, 1, on=10),
        beats(10, 0, 2, on=1, off=4),
        beats(10, 0, 9, hz=440, on=10) + beats(10, 0, 9, hz=554, on=10) + beats(10, 0, 9, hz=659, on=10),
        np.zeros(0),
        np.zeros(7),
    ],
    ids=["silence", "line noise", "loud noise", "busy", "dial", "ringback", "chord", "nothing", "seven samples"],
)
def test_what_is_no_speech_gives_no_region(detector, sound):
    assert detector.detect(wave_of(sound)) == ()


def test_somebody_turned_away_is_heard_after_a_loud_conversation(detector):
    loud = np.concatenate([np.concatenate([spoken(name), noise(0.4)]) for name in ("greeting", "complaint") * 3])
    quiet = spoken("remark") * 10 ** (-23 / 20)  # -45 dBFS
    sound = np.concatenate([loud * 1.5, noise(1.5, -64), quiet + noise(2, -64)[: len(quiet)], noise(1, -64)])

    last = detector.detect(wave_of(sound))[-1]

    start_ms = (len(loud) + 1.5 * SPEECH_RATE_HZ) / SPEECH_RATE_HZ * 1000
    assert abs(last.span.start_ms - start_ms) < 300
    assert last.level_dbfs < -40


def test_stripes_side_by_side_say_what_one_pass_says(detector):
    """The library's own way, frame after frame, on a recording loud enough to need no gain."""
    wave, _ = dialogue([(0, "greeting", 1.0), (0, "complaint", 7.0), (0, "remark", 15.5), (0, "greeting", 17.5)], 24.0)
    network = detector._network
    network.reset_states()
    samples = torch.from_numpy(as_float(wave.samples[0]))
    with torch.inference_mode():
        frames = samples[: samples.numel() // 512 * 512].reshape(-1, 512)
        one_pass = np.array([float(network(frame[None], SPEECH_RATE_HZ)) for frame in frames])

    striped = detector.probabilities(wave)[0][: len(one_pass)]

    assert np.mean((striped > 0.3) != (one_pass > 0.3)) < 0.03


def test_the_level_is_that_of_the_region(detector):
    wave, _ = dialogue([(0, "greeting", 1.0), (1, "complaint", 5.0)], 9.0)
    quieter, _ = dialogue([(0, "greeting", 1.0), (1, "complaint", 5.0)], 9.0, gain_db=-12)

    for a, b in zip(detector.detect(wave), detector.detect(quieter), strict=True):
        assert a.level_dbfs - b.level_dbfs == pytest.approx(12, abs=1.5)


def test_another_rate_is_refused(detector):
    with pytest.raises(ValueError, match="8000"):
        detector.detect(Waveform(np.zeros((1, 4000), np.int16), 8000))


def test_loading_leaves_torch_its_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        SileroDetector(SpeechSettings())
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("change", [{"vad_threshold": 0.5}, {"vad_pad_ms": 50}, {"max_region_s": 9}])
def test_the_version_names_the_rules(detector, change):
    assert SileroDetector(SpeechSettings(**change)).version != detector.version
