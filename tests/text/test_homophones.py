from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.text.homophones import is_spoken, sound_codes


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
    assert is_spoken("傻逼45")
    assert not is_spoken("傻x")
