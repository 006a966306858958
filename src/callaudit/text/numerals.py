"""Chinese numerals and digits brought to one form: 四十五块, 45块 and ４５块 all become 45块.

A run with units (十百千万亿) that reads as a number becomes its value; a run of bare digits is read digit by digit, as
telephone and badge numbers are said; what reads as neither (万一, 三四十) changes its digits alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from callaudit.text.cells import Cell

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10_000, "亿": 100_000_000}
NUMERALS = frozenset(_DIGITS) | frozenset(_SMALL_UNITS) | frozenset(_LARGE_UNITS) | frozenset("0123456789")
"""Characters that numbers are written with."""
CONTRACTIONS = frozenset("仨俩")
"""三个 and 两个 in one syllable."""
_DIGIT = "([1-9][0-9]*|[一二两三四五六七八九])"
_NUMBER = re.compile("(?:([^万亿]{1,8})亿)?零?(?:([^万亿]{1,8})万)?([^万亿]{0,8})")
_SECTION = re.compile(f"(?:{_DIGIT}千)?零?(?:{_DIGIT}百)?零?(?:{_DIGIT}?(十))?零?{_DIGIT}?")


def unify_numerals(cells: list[Cell]) -> list[Cell]:
    """The cells with every numeral in Arabic digits; each digit of a number stands for the whole raw number."""
    return list(_unified(_spell_out_contractions(cells)))


def _spell_out_contractions(cells: list[Cell]) -> list[Cell]:
    """仨 and 俩 are 三个 and 两个 in one syllable (some write 仨个 all the same)."""
    spelt: list[Cell] = []
    for at, cell in enumerate(cells):
        if cell.char not in CONTRACTIONS:
            spelt.append(cell)
            continue
        spelt.append(cell._replace(char="三" if cell.char == "仨" else "两"))
        if at + 1 == len(cells) or cells[at + 1].char != "个":
            spelt.append(cell._replace(char="个"))
    return spelt


def _unified(cells: list[Cell]) -> Iterator[Cell]:
    """Numeral runs replaced, everything else passed through; a point between two digits is said 点."""
    at = 0
    while at < len(cells):
        last = at
        while last < len(cells) and cells[last].char in NUMERALS:
            last += 1
        if last > at:
            yield from _run(cells[at:last])
        elif cells[at].char in ".:" and _is_digit(cells, at - 1) and _is_digit(cells, at + 1):
            yield cells[at]._replace(char="点")
            last = at + 1
        else:
            yield cells[at]
            last = at + 1
        at = last


def _is_digit(cells: list[Cell], at: int) -> bool:
    return 0 <= at < len(cells) and cells[at].char in "0123456789"


def _run(run: list[Cell]) -> Iterator[Cell]:
    """The cells of one run of numerals."""
    spoken = "".join(cell.char for cell in run)
    value = number(spoken) if any(char in _SMALL_UNITS or char in _LARGE_UNITS for char in spoken) else None
    if value is not None:
        yield from (Cell(digit, run[0].start, run[-1].end) for digit in str(value))
        return
    for cell in run:
        if cell.char == "幺" and len(run) == 1:
            yield cell
        else:
            yield cell._replace(char=str(_DIGITS.get(cell.char, cell.char)))


def number(spoken: str) -> int | None:
    """The value of a numeral with units, None where it is not one well-formed number.

    >>> [number(spoken) for spoken in ("四十五", "一百零五", "两百五", "一万二", "45万", "万一", "三四十")]
    [45, 105, 250, 12000, 450000, None, None]
    """
    parts = _NUMBER.fullmatch(spoken)
    if parts is None:
        return None
    total = 0
    for part, scale in zip(parts.groups(), (100_000_000, 10_000, 1), strict=True):
        if part:
            value = _section(part, unit_before=10_000 if total and scale == 1 else 1)
            if value is None:
                return None
            total += value * scale
    return total or None


def _section(spoken: str, unit_before: int) -> int | None:
    """The value of up to four places; a last bare digit counts in the next lower unit, unless 零 came before it.

    Args:
        spoken: the numeral, without 万 and 亿.
        unit_before: 10,000 where the section follows 万 or 亿, as in 一万二.
    """
    places = _SECTION.fullmatch(spoken)
    if places is None:
        return None
    thousands, hundreds, tens, ten, ones = places.groups()
    unit = 10 if ten else 100 if hundreds else 1000 if thousands else unit_before
    colloquial = unit > 10 and "零" not in spoken
    return (
        1000 * _value(thousands)
        + 100 * _value(hundreds)
        + (10 * _value(tens or "一") if ten else 0)
        + _value(ones) * (unit // 10 if colloquial else 1)
    )


def _value(digits: str | None) -> int:
    return 0 if not digits else _DIGITS[digits] if digits in _DIGITS else int(digits)
