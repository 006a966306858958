from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.text.homophones import is_all_codes, same_syllables, sound_codes, tone_codes


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("傻逼", "沙比"),
        ("神经病", "身精病"),
        ("不要脸", "布药敛"),
        ("四块", "是快"),
        ("找死", "早死"),
        ("你烦不烦", "李环不环"),
        ("飞", "灰"),
        ("蓝", "南"),
        ("狂", "宽"),
        ("45", "四五"),
    ],
)
def test_what_sounds_alike_has_one_code(said: str, written: str) -> None:
    assert sound_codes(said) == sound_codes(written)


@pytest.mark.parametrize(
    ("one", "other"), [("爸", "怕"), ("脸", "累"), ("路", "绿"), ("不", "四"), ("龙", "人"), ("滚", "困")]
)
def test_what_sounds_different_stays_apart(one: str, other: str) -> None:
    assert sound_codes(one) != sound_codes(other)


@given(st.text(max_size=30))
def test_positions_hold(text: str) -> None:
    assert len(sound_codes(text)) == len(text)


def test_letters_are_kept_and_are_not_spoken_chinese() -> None:
    assert sound_codes("abc") == "abc"
    assert is_all_codes(sound_codes("傻逼45"))
    assert not is_all_codes(sound_codes("傻x"))


@pytest.mark.parametrize(("one", "other"), [("贱人", "见仁"), ("废", "肺"), ("都", "兜"), ("还", "孩"), ("9", "久")])
def test_one_syllable_and_tone_is_one_tone_code(one: str, other: str) -> None:
    assert tone_codes(one) == tone_codes(other)


@pytest.mark.parametrize(
    ("one", "other"), [("傻逼", "沙笔"), ("飞", "灰"), ("蓝", "南"), ("张", "脏"), ("的", "低"), ("绿", "路")]
)
def test_tones_and_confusable_sounds_part_tone_codes(one: str, other: str) -> None:
    assert tone_codes(one) != tone_codes(other)


def test_syllables_are_compared_without_tones() -> None:
    assert same_syllables("妈", "骂")
    assert not same_syllables("妈", "妈妈")


@given(st.text(max_size=30))
def test_positions_hold_for_tone_codes_too(text: str) -> None:
    assert len(tone_codes(text)) == len(text)


def test_half_of_a_surrogate_pair_stands_for_itself() -> None:
    assert sound_codes("\ud800") == "\ud800"
