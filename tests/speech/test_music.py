"""Hold music is found in telephone quality, and nothing that people or the exchange send is taken for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.signal import resample_poly

from callaudit.domain.line import Music
from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform
from callaudit.speech.music import HoldMusicDetector
from tests.simulator import line
from tests.simulator.codec import through
from tests.simulator.music import Style, hold_music
from tests.simulator.script import Codec, Signal, Sound, Trunk
from tests.simulator.tones import tone
from tests.simulator.voice import LINE_HZ, BuzzVoice, Floats
from tests.speech.sounds import TEXTS, spoken

DETECTOR = HoldMusicDetector()
SENTENCES = (
    "您放心，处理完会给您回电话",
    "有四五天了吧，上周末就这样了",
    "这个情况之前跟物业反映过吗",
    "就打我这个手机号就行",
)


def heard(sound: Floats, codec: Codec = Codec.NONE, seed: int = 0) -> tuple[Music, ...]:
    """What is found in sound at 8 kHz that came over A-law and a recorder."""
    noisy = sound + line.noise(sound.size, -62, np.random.default_rng(seed))
    recorded = through(line.compand(noisy, Trunk.ALAW)[None], codec)
    raised = resample_poly(recorded.astype(np.float32), SPEECH_RATE_HZ // LINE_HZ, 1, axis=1)
    return DETECTOR.detect(Waveform(np.clip(np.round(raised), -32768, 32767).astype(np.int16)))


def silence(seconds: float) -> Floats:
    return np.zeros(int(seconds * LINE_HZ))


def said(seconds: float, speakers: Sequence[int] = (1, 2), pause: float = 0.5, seed: int = 0) -> Floats:
    """Speakers by turns, at −22 dBFS."""
    rng = np.random.default_rng(seed)
    parts: list[Floats] = []
    while sum(part.size for part in parts) < seconds * LINE_HZ:
        voice = BuzzVoice().say(str(rng.choice(SENTENCES)), speakers[len(parts) // 2 % len(speakers)])
        parts += [0.08 * voice, silence(pause * rng.uniform(0.3, 1.7))]
    return np.concatenate(parts)[: int(seconds * LINE_HZ)]


def recorded_speech(seconds: float) -> Floats:
    """The bundled voices, one sentence after another."""
    voice = np.concatenate([resample_poly(spoken(name), 1, 2) for name in sorted(TEXTS)])
    return np.resize(voice / np.sqrt(np.mean(voice**2)) * 0.08, int(seconds * LINE_HZ))


def keys(on: float, off: float, count: int) -> Floats:
    """Keys of the telephone, one after another."""
    rng = np.random.default_rng(4)
    t = np.arange(int(on * LINE_HZ)) / LINE_HZ
    parts = []
    for _ in range(count):
        low, high = rng.choice((697, 770, 852, 941)), rng.choice((1209, 1336, 1477))
        parts += [0.1 * np.sin(2 * np.pi * low * t) + 0.1 * np.sin(2 * np.pi * high * t), silence(off)]
    return np.concatenate(parts)


def fax(seconds: float) -> Floats:
    """A calling fax (T.30): its tone, the answer, and who answers, a second of flags and half a second of data."""
    t = np.arange(LINE_HZ // 2) / LINE_HZ
    call = np.concatenate([0.1 * np.sin(2 * np.pi * 1100 * t), silence(3)])
    answer = 0.1 * np.sin(2 * np.pi * 2100 * np.arange(3 * LINE_HZ) / LINE_HZ)
    bits = np.repeat([*(0, 1, 1, 1, 1, 1, 1, 0) * 38, *np.random.default_rng(5).integers(0, 2, 150)], 26)
    flags = 0.1 * np.sin(2 * np.pi * np.cumsum(np.where(bits, 1650, 1850)) / LINE_HZ)
    return np.resize(np.concatenate([call, answer, silence(0.1), flags]), int(seconds * LINE_HZ))


def hum(seconds: float, strength: float) -> Floats:
    t = np.arange(int(seconds * LINE_HZ)) / LINE_HZ
    return strength * sum((np.sin(2 * np.pi * 50 * order * t + order) / order**0.5 for order in range(1, 40)), 0 * t)


class TestMusic:
    @pytest.mark.parametrize("codec", [Codec.NONE, Codec.GSM, Codec.MP3, Codec.OPUS])
    @pytest.mark.parametrize("style", list(Style))
    def test_it_is_found_where_it_is_between_voices(self, style: Style, codec: Codec) -> None:
        rng = np.random.default_rng([11, list(Style).index(style)])
        before, music = said(12.3), hold_music(style, 20_000, -24, rng)
        (found,) = heard(np.concatenate([before, silence(1), music, silence(1), said(9, seed=3)]), codec)
        assert found.channel == 0
        assert found.span.start_ms == pytest.approx(13_300, abs=1000)
        assert found.span.end_ms == pytest.approx(33_300, abs=1000)
        assert found.level_dbfs == pytest.approx(-24, abs=1.5)

    @pytest.mark.parametrize("at_s", [0.0, 50.7, 57.1])
    def test_blocks_do_not_show(self, at_s: float) -> None:
        music = hold_music(Style.PIANO, 65_000, -22, np.random.default_rng(1))
        (found,) = heard(np.concatenate([silence(at_s), music, silence(4)]))
        assert found.span.start_ms == pytest.approx(at_s * 1000, abs=1000)
        assert found.span.end_ms == pytest.approx(at_s * 1000 + 65_000, abs=1000)

    @pytest.mark.parametrize("seed", range(6))
    def test_words_spoken_over_it_do_not_hide_it(self, seed: int) -> None:
        style = list(Style)[seed % len(Style)]
        music = hold_music(style, 25_000, -20, np.random.default_rng(seed))
        found = heard(music + 0.7 * said(25, seed=seed))
        assert sum(one.span.duration_ms for one in found) >= 15_000

    def test_each_channel_is_heard(self) -> None:
        music = hold_music(Style.BAND, 12_000, -20, np.random.default_rng(2))
        both = np.stack([said(12), music])
        raised = resample_poly(both * 32767, 2, 1, axis=1).astype(np.int16)
        assert [one.channel for one in DETECTOR.detect(Waveform(raised))] == [1]

    def test_a_jingle_of_three_seconds_is_none(self) -> None:
        music = hold_music(Style.MUSIC_BOX, 3000, -20, np.random.default_rng(3))
        assert heard(np.concatenate([said(8), music, said(8, seed=1)])) == ()

    def test_far_away_it_is_none(self) -> None:
        assert heard(hold_music(Style.STRINGS, 20_000, -57, np.random.default_rng(3))) == ()

    @pytest.mark.parametrize("frames", [0, 1, 511, 40_000])
    def test_short_recordings_hold_none(self, frames: int) -> None:
        assert DETECTOR.detect(Waveform(np.ones((2, frames), np.int16))) == ()

    def test_a_rate_that_does_not_divide_is_refused(self) -> None:
        with pytest.raises(ValueError, match="11025"):
            DETECTOR.detect(Waveform(np.zeros((1, 11025), np.int16), 11025))


class TestOtherSounds:
    @pytest.mark.parametrize("codec", [Codec.NONE, Codec.GSM, Codec.MP3])
    @pytest.mark.parametrize(
        "sound",
        [
            pytest.param(lambda: said(120), id="two by turns"),
            pytest.param(lambda: said(60, (1,), 0.05), id="one without pauses"),
            pytest.param(lambda: said(60, (7,), 0.05, 2) + said(60, (2,), 0.05, 3), id="two at once"),
            pytest.param(lambda: sum(said(40, (n,), 0.05, n) for n in range(8)) / 2, id="crowd"),
            pytest.param(lambda: recorded_speech(90), id="bundled voices"),
            pytest.param(lambda: keys(0.1, 0.1, 60), id="keys dialled"),
            pytest.param(lambda: keys(0.3, 0.2, 30), id="keys pressed"),
            pytest.param(lambda: keys(0.6, 0.1, 20), id="keys held"),
            pytest.param(lambda: fax(40), id="fax"),
            pytest.param(lambda: hum(30, 0.002), id="hum"),
            pytest.param(lambda: hum(60, 0.002) + said(60), id="voice and hum"),
            pytest.param(lambda: silence(60), id="idle line"),
            pytest.param(lambda: line.noise(30 * LINE_HZ, -32, np.random.default_rng(1)), id="noise"),
        ],
    )
    def test_are_no_music(self, sound, codec: Codec) -> None:
        assert heard(sound(), codec) == ()

    @pytest.mark.parametrize("talks", [False, True], ids=["alone", "voice over it"])
    @pytest.mark.parametrize("signal", list(Signal))
    def test_signals_of_the_exchange_are_no_music(self, signal: Signal, talks: bool) -> None:
        sound = tone(
            Sound(signal=signal, duration_ms=40_000, level_dbfs=-16, jitter=0.1, error_hz=20), np.random.default_rng(1)
        )
        assert heard(sound + (said(40) if talks else 0)) == ()

    @pytest.mark.parametrize("gated", [False, True], ids=["noise between", "silence between"])
    def test_a_codec_that_hums_in_silence_is_no_music(self, gated: bool) -> None:
        sound = said(60, (2,), 4.0)
        recorded = through(line.compand(sound + (0 if gated else 1e-4), Trunk.ALAW)[None], Codec.GSM)
        assert DETECTOR.detect(Waveform(np.repeat(recorded, 2, axis=1))) == ()
