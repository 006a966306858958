"""Traditional script to simplified."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    """OpenCC's traditional-to-simplified table, read once at first use."""
    import opencc

    return opencc.OpenCC("t2s")


def to_simplified(text: str) -> str:
    """The text in simplified script (OpenCC `t2s`); text already simplified comes back as it is.

    >>> to_simplified("為了四十五塊錢")
    '为了四十五块钱'
    """
    return text if text.isascii() else str(_converter().convert(text))


def simplified_by_character(text: str) -> str:
    """Simplified script with one character for one character, so that positions stay what they were.

    OpenCC knows a few words that change their length; text that holds one is converted character by character.
    """
    whole = to_simplified(text)
    if len(whole) == len(text):
        return whole
    singles = (to_simplified(char) for char in text)
    return "".join(single if len(single) == 1 else char for single, char in zip(singles, text, strict=True))
