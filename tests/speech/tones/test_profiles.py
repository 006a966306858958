"""Tones of other countries, sent as the zone tables of Asterisk write them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from callaudit.domain.waveform import SPEECH_RATE_HZ
from callaudit.settings.sections import HangupSettings
from callaudit.speech.tones.detector import CallProgressToneDetector
from callaudit.speech.tones.profiles import PROFILES
from tests.speech.tones.sounds import cadence, in_silence, note

ZONES = {
    "cn": {"busy": "450/350,0/350", "congestion": "450/700,0/700", "dial": "450", "ringback": "450/1000,0/4000"},
    "tw": {
        "busy": "480+620/500,0/500",
        "congestion": "480+620/250,0/250",
        "dial": "350+440",
        "ringback": "440+480/1000,0/2000",
    },
    "hk": {
        "busy": "480+620/500,0/500",
        "congestion": "480+620/250,0/250",
        "dial": "350+440",
        "ringback": "440+480/400,0/200,440+480/400,0/3000",
    },
    "us": {
        "busy": "480+620/500,0/500",
        "congestion": "480+620/250,0/250",
        "dial": "350+440",
        "ringback": "440+480/2000,0/4000",
    },
    "uk": {
        "busy": "400/375,0/375",
        "congestion": "400/400,0/350,400/225,0/525",
        "dial": "350+440",
        "ringback": "400+450/400,0/200,400+450/400,0/2000",
    },
    "jp": {"busy": "400/500,0/500", "dial": "400", "ringback": "400/1000,0/2000"},
    "de": {"busy": "425/480,0/480", "congestion": "425/240,0/240", "dial": "425", "ringback": "425/1000,0/4000"},
    "fr": {"busy": "440/500,0/500", "congestion": "440/250,0/250", "dial": "440", "ringback": "440/1500,0/3500"},
    "eu": {"busy": "425/500,0/500", "congestion": "425/250,0/250", "dial": "425", "ringback": "425/1000,0/4000"},
    "sg": {
        "busy": "425/750,0/750",
        "congestion": "425/250,0/250",
        "dial": "425",
        "ringback": "425/400,0/200,425/400,0/2000",
    },
}
ROWS = [(zone, kind, sent) for zone, kinds in ZONES.items() for kind, sent in kinds.items()]


def sounding(sent: str, error_hz: float = 0.0, level: float = 0.1) -> np.ndarray:
    """A tone of a zone table: some twenty seconds of it, or five without a pause."""
    turns = [turn.partition("/") for turn in sent.split(",")]
    hz = [float(each) + error_hz for each in turns[0][0].split("+")]
    seconds = [float(length) / 1000 for *_, length in turns if length]
    if not seconds:
        return sum(note(each, 5, level) for each in hz)
    return cadence(hz, seconds, int(20 / sum(seconds)), level=level)


@pytest.mark.parametrize(("zone", "kind", "sent"), ROWS)
def test_every_tone_of_a_country_is_found_and_no_other(zone, kind, sent):
    detector = CallProgressToneDetector(zone)
    for error_hz, level in itertools.product((-9, 0, 12), (0.02, 0.15)):
        (tone,) = detector.detect(in_silence(sounding(sent, error_hz, level)))

        assert tone.kind.value == kind
        assert tone.span.start_ms == pytest.approx(2000, abs=20)


@pytest.mark.parametrize("zone", ["jp", "sg"])
def test_ringback_with_a_shaking_level_ends_no_call(zone):
    sound = sounding(ZONES[zone]["ringback"])
    sound *= 1 + 0.8 * np.sin(2 * np.pi * 20 * np.arange(sound.size) / SPEECH_RATE_HZ)

    found = CallProgressToneDetector(zone).detect(in_silence(sound))

    assert [tone for tone in found if tone.kind.ends_the_call] == []


@pytest.mark.parametrize("hz", [350, 440, 480, 620])
@pytest.mark.parametrize("seconds", [(0.5, 0.5), (0.25, 0.25), (5.0, 0.1)])
def test_one_of_a_pair_alone_is_no_tone(hz, seconds):
    assert CallProgressToneDetector("us").detect(in_silence(cadence([hz], seconds, int(12 / sum(seconds))))) == ()


def test_every_profile_can_be_chosen():
    assert set(HangupSettings.model_json_schema()["properties"]["tone_profile"]["enum"]) == set(PROFILES) == set(ZONES)


def test_the_fingerprint_knows_the_country():
    assert len({CallProgressToneDetector(name).version for name in PROFILES}) == len(PROFILES)
