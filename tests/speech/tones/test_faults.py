"""China's tones with every fault of a line."""

from __future__ import annotations

import numpy as np
import pytest

from callaudit.speech.tones.detector import CallProgressToneDetector
from tests.simulator.script import Codec, Signal
from tests.speech.tones.sounds import on_the_line

DETECTOR = CallProgressToneDetector("cn")
ALL = (Signal.BUSY, Signal.CONGESTION, Signal.DIAL, Signal.HOWLER, Signal.RINGBACK)
CADENCED = (Signal.BUSY, Signal.CONGESTION, Signal.RINGBACK)


@pytest.mark.parametrize("signal", ALL)
@pytest.mark.parametrize(
    "line",
    [
        {"level_dbfs": -9},
        {"level_dbfs": -16},
        {"level_dbfs": -32},
        {"level_dbfs": -32, "noise_dbfs": -48},
        {"level_dbfs": -25, "codec": Codec.GSM},
        {"level_dbfs": -25, "codec": Codec.MP3},
        {"level_dbfs": -25, "codec": Codec.OPUS},
    ],
    ids=str,
)
def test_every_tone_is_found_where_it_begins(signal, line):
    for seed in range(4):
        wave, start_ms, sound = on_the_line(signal, 100 + seed, **line)

        (tone,) = DETECTOR.detect(wave)

        assert tone.kind.value == signal.value
        assert tone.span.start_ms == pytest.approx(start_ms, abs=20)
        nominal_hz = 950 if signal is Signal.HOWLER else 450
        assert tone.frequency_hz == pytest.approx(nominal_hz + sound.error_hz, abs=2)


@pytest.mark.parametrize("signal", [*CADENCED, Signal.DIAL])
def test_a_clean_tone_is_found_though_it_is_faint(signal):
    for seed in range(4):
        wave, start_ms, _ = on_the_line(signal, 200 + seed, level_dbfs=-40)

        (tone,) = DETECTOR.detect(wave)

        assert (tone.kind.value, tone.span.start_ms) == (signal.value, pytest.approx(start_ms, abs=20))


@pytest.mark.parametrize("signal", ALL)
def test_lost_packets_do_not_hide_a_tone(signal):
    found = 0
    for seed in range(6):
        wave, _, _ = on_the_line(signal, 300 + seed, level_dbfs=-20, loss=0.03)
        found += [tone.kind.value for tone in DETECTOR.detect(wave)] == [signal.value]

    assert found >= 5


@pytest.mark.parametrize(("signal", "at_least"), [(Signal.BUSY, 10), (Signal.CONGESTION, 8), (Signal.DIAL, 7)])
def test_a_voice_ten_decibels_louder_does_not_hide_a_tone_for_long(signal, at_least):
    found, errors_ms = 0, []
    for seed in range(10):
        wave, start_ms, _ = on_the_line(signal, 400 + seed, level_dbfs=-30, talk_dbfs=-20)
        tones = DETECTOR.detect(wave)
        found += [tone.kind.value for tone in tones] == [signal.value]
        errors_ms += [abs(tone.span.start_ms - start_ms) for tone in tones]

    assert found >= at_least
    assert np.median(errors_ms) <= 100


@pytest.mark.parametrize("signal", [Signal.CALL_WAITING, Signal.RECORD_NOTICE, Signal.LONG_DISTANCE])
@pytest.mark.parametrize("talk_dbfs", [None, -20])
def test_notices_of_the_exchange_are_no_tones(signal, talk_dbfs):
    for seed in range(5):
        wave, _, _ = on_the_line(signal, 500 + seed, level_dbfs=-18, talk_dbfs=talk_dbfs)

        assert DETECTOR.detect(wave) == ()
