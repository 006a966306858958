from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.reports.harmless import cell_text, harmless

ANYTHING = st.text(st.characters(codec=None))


@given(ANYTHING)
def test_no_control_character_or_lone_surrogate_gets_through(text: str) -> None:
    safe = harmless(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in safe)
    safe.encode()


@given(ANYTHING)
def test_offsets_stay_true(text: str) -> None:
    assert len(harmless(text)) == len(text)


@pytest.mark.parametrize("text", ["您好，再见。", "a b-c_d.wav", "𠮷野家 😀", "Ünïcode"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u061c", "\ufeff", "\x1b", "\x9b", "\x00", "\udcb2"])
def test_marks_that_mislead_the_eye_or_the_terminal_are_replaced(mark: str) -> None:
    assert harmless(f"a{mark}b") == "a\ufffdb"


@pytest.mark.parametrize("space", ["\t", "\n", "\r", "\u2028", "\x85"])
def test_breaks_become_spaces(space: str) -> None:
    assert harmless(f"a{space}b") == "a b"


@pytest.mark.parametrize("start", [*"=+-@\t\r＝＋－＠", " =", "\n="])
def test_what_a_spreadsheet_would_calculate_is_quoted(start: str) -> None:
    assert cell_text(f"{start}HYPERLINK(1)").startswith("'")


@pytest.mark.parametrize("text", ["不要脸", "a=b", "1-2", "", "'=1"])
def test_other_cells_are_not_quoted(text: str) -> None:
    assert cell_text(text) == text
