"""What sounds like a tone of the exchange and is none."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from callaudit.speech.tones.detector import CallProgressToneDetector
from tests.simulator.voice import EspeakVoice
from tests.speech.tones.sounds import cadence, in_silence, melody, note, raised, rests, talk

DETECTOR = CallProgressToneDetector("cn")
NEAR_HZ = (392.0, 415.3, 440.0, 466.2, 493.9, 523.3, 880.0, 932.3, 987.8)
KEYS = ((697, 1209), (770, 1336), (852, 1477), (941, 1336), (941, 1209), (697, 1336), (852, 1209))
ORGAN, PIANO = (0.5, 0.3, 0.2), (0.4, 0.2)


def alternating(*notes: np.ndarray, times: int = 20) -> np.ndarray:
    return np.concatenate([*notes] * times)


SOUNDS = {
    "DTMF": np.concatenate([cadence(KEYS[at % len(KEYS)], (0.12, 0.1), 1) for at in range(30)]),
    "DTMF held in rhythm": cadence((941, 1336), (0.35, 0.35), 12),
    "call waiting": cadence([450], (0.4, 4.0), 5),
    "call waiting, twice": cadence([450], (0.4, 0.4, 0.4, 4.0), 4),
    "long-distance notice": cadence([450], (0.2, 0.2, 0.2, 0.6), 15),
    "record notice": cadence([950], (0.4, 10.0), 3),
    "information tone": cadence([450], (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4), 10),
    "three-party notice": cadence([1400], (0.4, 10.0), 3),
    "fax calls": cadence([1100], (0.5, 3.0), 6),
    "fax answers": note(2100, 3.3),
    "modem": note(980, 3) + note(1180, 3),
    "short beeps": cadence([440], (0.15, 5.0), 5),
    "beeps of half a second": cadence([440], (0.5, 0.5), 12),
    "beeps with overtones in rhythm": cadence([450], (0.35, 0.35), 12, overtones=ORGAN),
    "a flat tone at the howler's pitch": note(950, 6),
    "a crescendo with overtones": note(950, 5, 0.02, (0.3,)) * np.linspace(1, 8, 80_000),
    "mains hum": sum(note(50 * order, 20, 0.01 / order**0.3) for order in range(1, 14)),
    "mains hum, ninth harmonic strongest": sum(note(50 * k, 20, 0.02 if k == 9 else 0.01) for k in range(3, 14)),
    "chord held": note(440, 8) + note(554, 8) + note(659, 8),
    "soft third held": note(450, 6) + note(563, 6, 0.04),
    "organ note held": note(440, 4, 0.1, ORGAN),
    "pure note held within a melody": np.concatenate([note(523, 0.5), note(440, 2.5), note(392, 0.5)]),
    "pure note, then its neighbour": np.concatenate([note(440, 2.5), note(466.2, 2.5)]),
    "two pure notes by turns": alternating(note(440, 0.35), note(523, 0.35)),
    "two pure notes by turns, an octave down": alternating(note(440, 0.35), note(220, 0.35)),
    "plucked in rhythm": alternating(note(440, 0.35, decay=4), rests(0.35)),
    "struck every half second": alternating(note(440, 0.5, decay=6)),
    "sung with vibrato": note(225, 6, 0.1, (0.9, 0.5, 0.4, 0.2), vibrato=0.02),
    "vowel held on 150 Hz": note(150, 6, 0.1, (0.8, 1.5, 0.5, 0.3)),
    "vowel held on 450 Hz": note(450, 4, 0.1, (0.5, 0.2)),
    "whistle that wanders": np.concatenate([note(450 + 20 * np.sin(at), 0.3) for at in range(20)]),
    "whistle that trembles": note(450, 5, vibrato=0.01),
    "pure note that fades": note(450, 5, decay=0.5),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_no_tone(name):
    assert DETECTOR.detect(in_silence(SOUNDS[name])) == ()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("lengths_s", "how"),
    [
        ((0.25, 0.5, 1.0, 2.0), {}),
        ((0.35,), {}),
        ((0.35, 0.7), {"decay": 1.0}),
        ((0.5, 1.0, 2.0, 4.0), {"overtones": ORGAN}),
        ((0.5, 1.0, 2.0, 3.0), {"overtones": PIANO, "decay": 2.0}),
        ((1.0, 2.0, 3.0), {"overtones": (0.05,), "vibrato": 0.008}),
    ],
    ids=["pure", "pure in rhythm", "plucked in rhythm", "organ", "piano", "flute"],
)
def test_hold_music_ends_no_call(seed, lengths_s, how):
    found = DETECTOR.detect(in_silence(melody(seed, NEAR_HZ, lengths_s, 40, **how)))

    assert [tone for tone in found if tone.kind.ends_the_call] == []


@pytest.mark.parametrize("profile", ["cn", "us", "uk", "eu"])
def test_nobody_talks_a_tone(profile):
    detector = CallProgressToneDetector(profile)
    for seed in range(3):
        voices = raised((talk(60, 40 + seed) * 32767).astype(np.int16)[None])

        assert [tone for tone in detector.detect(voices) if tone.kind.ends_the_call] == []


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng")
def test_mandarin_is_no_tone():
    voices = raised((talk(60, 1, voice=EspeakVoice()) * 32767).astype(np.int16)[None])

    assert DETECTOR.detect(voices) == ()
