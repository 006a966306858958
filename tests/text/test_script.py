from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.text.script import simplified_by_character, to_simplified


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("為了四十五塊錢打了三個電話", "为了四十五块钱打了三个电话"),
        ("這種人都不要臉", "这种人都不要脸"),
        ("您好 abc", "您好 abc"),
        ("", ""),
    ],
)
def test_traditional_becomes_simplified(traditional: str, simplified: str) -> None:
    assert to_simplified(traditional) == simplified


@given(st.text(max_size=40))
def test_conversion_by_character_keeps_every_position(text: str) -> None:
    assert len(simplified_by_character(text)) == len(text)
