from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.simulator.voice import LINE_HZ, BuzzVoice, EspeakVoice, Floats, FolderVoice, Voice

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


def record(file: Path, text: str, speaker: int = 1, rate_hz: int = 16_000) -> Floats:
    """A recording at 16 kHz with half a second of silence before and after, its words beside it."""
    from scipy.signal import resample_poly

    said = BuzzVoice().say(text, speaker)
    file.parent.mkdir(exist_ok=True)
    raised = resample_poly(said, rate_hz, LINE_HZ) * 0.1
    soundfile.write(file, np.pad(raised, (rate_hz // 2, rate_hz // 2)), rate_hz)
    file.with_suffix(".txt").write_text(text + "。", encoding="utf-8")
    return said


def alike(one: Floats, two: Floats) -> float:
    """How like the loudness of two sounds rises and falls, at most 1."""
    hump = np.hanning(LINE_HZ // 50)
    loud = [np.convolve(np.abs(sound), hump, mode="same") for sound in (one, two)]
    first, second = ((level - level.mean()) / level.std() for level in loud)
    return float(np.correlate(first, second, mode="full").max() / min(first.size, second.size))


def test_a_folder_says_a_text_as_it_was_recorded_whatever_its_punctuation(tmp_path: Path) -> None:
    said = record(tmp_path / "a" / "one.wav", "路灯坏了四天了")
    record(tmp_path / "b" / "two.flac", "没有人来修过", 2)
    heard = FolderVoice(tmp_path).say("路灯，坏了四天了！", 1)
    assert heard.size == pytest.approx(said.size, abs=0.1 * LINE_HZ)
    assert alike(heard, said) > 0.9
    assert np.sqrt(np.mean(np.square(heard))) == pytest.approx(1)


def test_a_folder_strings_recordings_of_one_speaker_together_for_other_words(tmp_path: Path) -> None:
    mine = record(tmp_path / "a" / "one.wav", "路灯坏了四天了")
    record(tmp_path / "b" / "two.wav", "没有人来修过", 2)
    voice = FolderVoice(tmp_path)
    text = "我打过三次电话，你们每次都说马上派人过来看"
    heard = voice.say(text, 0)
    assert heard.size / LINE_HZ == pytest.approx(0.21 * 20, abs=0.6)
    assert alike(heard[: mine.size], mine) > 0.9
    assert np.array_equal(heard, voice.say(text, 0))
    assert not np.array_equal(heard, voice.say(text, 1)[: heard.size])


def test_a_table_names_files_words_and_speakers(tmp_path: Path) -> None:
    said = record(tmp_path / "one.wav", "路灯坏了")
    record(tmp_path / "two.wav", "路灯坏了", 2)
    rows = "file,text,speaker\ntwo.wav,路灯坏了,b\none.wav,路灯坏了,a\n"
    (tmp_path / "words.csv").write_text(rows, encoding="utf-8-sig")
    assert alike(FolderVoice(tmp_path).say("路灯坏了", 0), said) > 0.9


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (None, "no recording with a transcript"),
        ("file,words\none.wav,路灯\n", "no column text"),
        ("file,text\nother.wav,路灯\n", "other.wav, which is not there"),
        ("file,text\n", "no recording with a transcript"),
        ("file,text\nflat.wav,路灯\n", "nothing but silence"),
        ("file,text\nbroken.wav,路灯\n", "cannot be read"),
    ],
)
def test_a_folder_that_cannot_speak_says_why(rows: str | None, message: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "flat.wav", np.zeros(8000), LINE_HZ)
    (tmp_path / "broken.wav").write_bytes(b"RIFF nothing")
    if rows is not None:
        (tmp_path / "words.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        FolderVoice(tmp_path).say("路灯", 1)
