"""Characters that remember which stretch of the raw text they came from: the working form of normalisation."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from callaudit.text.script import simplified_by_character


class Cell(NamedTuple):
    """One character of the normalised text and the raw code points `[start, end)` it stands for."""

    char: str
    start: int
    end: int


def cells_of(text: str) -> list[Cell]:
    """The text in simplified script, half width (NFKC) and lower case, one raw code point at a time.

    A code point that becomes several characters (㊿, ﬁ) gives as many cells with the same raw stretch.
    """
    return [
        Cell(char, at, at + 1)
        for at, raw in enumerate(simplified_by_character(text))
        for char in (raw if "一" <= raw <= "鿿" else unicodedata.normalize("NFKC", raw).lower())
    ]


def text_of(cells: Iterable[Cell]) -> str:
    """The characters of the cells, joined."""
    return "".join(cell.char for cell in cells)
