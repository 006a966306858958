from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from callaudit.audio.channels import channels_alike, is_silent
from callaudit.domain.waveform import Waveform
from tests.audio.sounds import decode, encode, write

RATE_HZ = 16_000


def voice(seconds: float, seed: int) -> np.ndarray:
    """Something like speech: syllables of band-limited noise with pauses, float in [-1, 1]."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=round(seconds * RATE_HZ))
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(noise.size, 1 / RATE_HZ)
    spectrum *= np.exp(-(((hz - 600) / 500) ** 2))
    sound = np.fft.irfft(spectrum, noise.size)
    syllables = np.repeat(rng.random(int(seconds * 5) + 1) * (rng.random(int(seconds * 5) + 1) > 0.3), RATE_HZ // 5)
    sound *= syllables[: sound.size]
    return 0.5 * sound / np.abs(sound).max()


def turns(seconds: float, first: bool) -> np.ndarray:
    """1 where one of two parties has the word, changing every two seconds."""
    return (np.arange(round(seconds * RATE_HZ)) // (2 * RATE_HZ) % 2 == (0 if first else 1)).astype(float)


def noise(seconds: float, seed: int, level: float = 0.001) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=level, size=round(seconds * RATE_HZ))


def stereo(first: np.ndarray, second: np.ndarray) -> Waveform:
    return Waveform((np.clip(np.stack([first, second]), -1, 1) * 32767).astype(np.int16), RATE_HZ)


VOICE, OTHER = voice(20, 1), voice(20, 2)
AGENT, CUSTOMER = VOICE * turns(20, True), OTHER * turns(20, False)

ALIKE: dict[str, Callable[[], Waveform]] = {
    "identical": lambda: stereo(VOICE, VOICE),
    "quieter": lambda: stereo(VOICE, 0.4 * VOICE),
    "turned over": lambda: stereo(VOICE, -VOICE),
    "a little late": lambda: stereo(VOICE, np.roll(VOICE, 40)),
    "a little early": lambda: stereo(VOICE, np.roll(VOICE, -40)),
    "noise of a codec": lambda: stereo(VOICE + noise(20, 3), VOICE + noise(20, 4)),
    "both parties mixed": lambda: stereo(AGENT + CUSTOMER, AGENT + CUSTOMER),
    "eight bits": lambda: stereo(VOICE, np.round(VOICE * 127) / 127),
    "short": lambda: stereo(VOICE[:3000], VOICE[:3000]),
}
APART: dict[str, Callable[[], Waveform]] = {
    "two parties": lambda: stereo(AGENT, CUSTOMER),
    "two parties at once": lambda: stereo(VOICE, OTHER),
    "two parties on a noisy line": lambda: stereo(AGENT + noise(20, 5), CUSTOMER + noise(20, 6)),
    "echo both ways": lambda: stereo(AGENT + 0.1 * CUSTOMER, CUSTOMER + 0.1 * AGENT),
    "strong echo both ways": lambda: stereo(AGENT + 0.5 * CUSTOMER, CUSTOMER + 0.5 * AGENT),
    "faint echo of one": lambda: stereo(VOICE, 0.02 * VOICE),
    "second silent": lambda: stereo(VOICE, 0 * VOICE),
    "first silent": lambda: stereo(0 * VOICE, VOICE),
    "second noise": lambda: stereo(VOICE, noise(20, 7)),
    "prompt on both, then two parties": lambda: stereo(
        np.concatenate([VOICE[: 8 * RATE_HZ], AGENT]), np.concatenate([VOICE[: 8 * RATE_HZ], CUSTOMER])
    ),
    "very late": lambda: stereo(VOICE, np.roll(VOICE, 4000)),
    "noise alone": lambda: stereo(noise(20, 8), noise(20, 9)),
    "nothing": lambda: stereo(0 * VOICE, 0 * VOICE),
    "no samples": lambda: Waveform(np.empty((2, 0), np.int16)),
    "one sample": lambda: Waveform(np.array([[1], [2]], np.int16)),
    "mono": lambda: Waveform(np.ones((1, 16_000), np.int16)),
    "three channels": lambda: Waveform(np.tile((VOICE * 32767).astype(np.int16), (3, 1))),
}


@pytest.mark.parametrize("case", ALIKE)
def test_one_sound_twice_is_alike(case: str) -> None:
    assert channels_alike(ALIKE[case]())


@pytest.mark.parametrize("case", APART)
def test_two_sounds_are_not_alike(case: str) -> None:
    assert not channels_alike(APART[case]())


@pytest.mark.parametrize(
    "codec",
    [
        "-c:a libmp3lame -b:a 32k a.mp3",
        "-c:a libopus -b:a 24k a.ogg",
        "-c:a pcm_alaw a.wav",
        "-c:a adpcm_ima_wav a.wav",
    ],
)
@pytest.mark.parametrize("alike", [True, False])
def test_codecs_change_nothing_about_it(codec: str, alike: bool, tmp_path: Path) -> None:
    wave = stereo(VOICE, 0.7 * VOICE) if alike else stereo(AGENT, CUSTOMER)
    source = write(tmp_path / "source.wav", wave.samples.T.copy(), RATE_HZ)
    *options, name = codec.split()

    decoded = decode(encode(source, tmp_path / name, "-ar", "8000" if "opus" not in codec else "16000", *options))[1]

    assert channels_alike(decoded) is alike


def test_a_view_that_is_not_contiguous_is_judged_the_same() -> None:
    interleaved = np.ascontiguousarray(stereo(VOICE, VOICE).samples.T)

    assert channels_alike(Waveform(interleaved.T))


@pytest.mark.parametrize(
    ("first", "second", "silent"),
    [(0, 0, True), (8, -8, True), (8, 8, True), (0, 300, False), (300, 0, False)],
)
def test_silence_is_what_never_leaves_the_idle_level(first: int, second: int, silent: bool) -> None:
    rng = np.random.default_rng(0)
    samples = np.stack([rng.choice([0, level], 40 * RATE_HZ) for level in (first, second)]).astype(np.int16)

    assert is_silent(Waveform(samples)) is silent


def test_one_click_at_the_very_end_is_no_silence() -> None:
    samples = np.zeros((2, 70 * RATE_HZ), np.int16)
    samples[1, -1] = 1000

    assert not is_silent(Waveform(samples))


def test_full_scale_does_not_wrap_around() -> None:
    samples = np.array([[-32768, 32767] * 100], np.int16)

    assert not is_silent(Waveform(samples))
