"""Strings that compare equal when they were said alike, with a way back to the raw text.

Two normalisations, for two purposes:

* `fold` is for finding phrases. It is generous: besides width, case, script, numerals and punctuation it lets go
  of hesitations and of the difference between characters of one sound that speech engines mix up (他她它, 的得地).
* `normalise_for_cer` is for counting recognition errors. It forgives spelling alone, never a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.spans import CharSpan
from callaudit.text.cells import Cell, cells_of, text_of
from callaudit.text.numerals import CONTRACTIONS, NUMERALS, unify_numerals
from callaudit.text.script import simplified_by_character, to_simplified

_SAME_SOUND = str.maketrans("您妳她它牠嘛得地做", "你你他他他吗的的作")
"""Characters that speech engines cannot tell apart by ear, and the polite form of 你."""
_HESITATIONS = frozenset("嗯呃唔")
_HESITATIONS_ALONE = frozenset("啊哦噢喔额诶欸哎")
"""Hesitations only where they stand between pauses: 啊 closes phrases (去告啊), 额 opens words (额度)."""
_SENTENCE_ENDS = frozenset("。!?;")

_CHINESE = "[一-鿿]"
_ALTERED = "".join(sorted(NUMERALS | CONTRACTIONS | _HESITATIONS | _HESITATIONS_ALONE))
_ALONE = f"[{''.join(sorted(_HESITATIONS_ALONE))}]"
_NUMERAL = f"[{''.join(sorted(NUMERALS | CONTRACTIONS))}]"
_DIGIT_VALUES = str.maketrans("零〇一二两三四五六七八九", "001223456789")
_ORDINARY = "|".join(
    (
        f"(?![{_ALTERED}]){_CHINESE}",
        f"(?<={_CHINESE}){_ALONE}",
        f"{_ALONE}(?={_CHINESE})",
        f"(?<!{_NUMERAL})[零〇一二两三四五六七八九](?!{_NUMERAL})",
    )
)
"""A Chinese character of simplified text that folding keeps, one for one, whatever else stands around it."""
_UNIFIED = _SAME_SOUND | _DIGIT_VALUES
_SEPARATORS = " ,.!?;:，。！？；：、"
_SENTENCE_END = re.compile("[。！？；!?;]")
_ALL_ORDINARY = re.compile(f"(?:{_ORDINARY})*")
_ORDINARY_LINES = re.compile(f"(?:{_ORDINARY}|\n)*")
_ALL_SIMPLE = re.compile(f"(?:{_ORDINARY}|[{_SEPARATORS}])*")
_SEPARATED = re.compile(f"[{_SEPARATORS}]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text and its map to the raw text.

    Attributes:
        text: what to search.
        starts: for each folded character, the raw code point where its stretch begins.
        ends: for each folded character, the raw code point after its stretch; several characters may share one stretch.
        pauses: folded positions (0 to length) where the raw text has punctuation, or white space between characters.
        breaks: those of them where a sentence ends.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    pauses: frozenset[int]
    breaks: frozenset[int]

    def raw_span(self, start: int, end: int) -> CharSpan:
        """Raw code points behind the folded characters `[start, end)`; empty where that stretch is empty.

        Raises:
            IndexError: the stretch does not lie within the folded text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"{start}..{end} is not within the {len(self.text)} folded characters")
        if start == end:
            at = self.starts[start] if start < len(self.text) else (self.ends[-1] if self.ends else 0)
            return CharSpan(at, at)
        return CharSpan(self.starts[start], self.ends[end - 1])


def fold(text: str) -> Folded:
    """Fold a raw utterance for searching.

    Width (NFKC), case, script, numerals (四十五块 is 45块) and characters of the same sound are unified; white space,
    punctuation and hesitations go, but it is remembered where punctuation was.

    >>> fold("為了４５塊錢，嗯…打了仨電話").text
    '为了45块钱打了3个电话'
    >>> fold("為了４５塊錢").raw_span(2, 4)
    CharSpan(start=2, end=4)
    """
    simplified = simplified_by_character(text)
    if _ALL_SIMPLE.fullmatch(simplified):
        return _fold_simple(simplified)
    return _fold_cells(text)


def folded_texts(texts: Sequence[str]) -> list[str]:
    """`fold(text).text` of every text; of many short ones in a tenth of the time.

    >>> folded_texts(["您別", "四十五"])
    ['你别', '45']
    """
    joined = "\n".join(texts)
    simplified = to_simplified(joined)
    pieces, unified = simplified.split("\n"), simplified.translate(_UNIFIED).split("\n")
    if len(simplified) != len(joined) or len(pieces) != len(texts):
        return [fold(text).text for text in texts]
    if _ORDINARY_LINES.fullmatch(simplified):
        return unified
    return [
        after if _ALL_ORDINARY.fullmatch(before) else fold(text).text
        for text, before, after in zip(texts, pieces, unified, strict=True)
    ]


def _fold_simple(simplified: str) -> Folded:
    """The same as `_fold_cells` for text of ordinary characters and separators: most of what people say."""
    pauses: set[int] = set()
    breaks: set[int] = set()
    removed = 0
    for run in _SEPARATED.finditer(simplified):
        at = run.start() - removed
        removed += len(run.group())
        is_inside = run.start() > 0 and run.end() < len(simplified)
        if run.group().strip(" ") or (run.group() == " " and is_inside):
            pauses.add(at)
        if _SENTENCE_END.search(run.group()):
            breaks.add(at)
    places = (
        [at for at, char in enumerate(simplified) if char not in _SEPARATORS] if removed else range(len(simplified))
    )
    return Folded(
        text=(_SEPARATED.sub("", simplified) if removed else simplified).translate(_UNIFIED),
        starts=tuple(places),
        ends=tuple(at + 1 for at in places),
        pauses=frozenset(pauses),
        breaks=frozenset(breaks),
    )


def _fold_cells(text: str) -> Folded:
    """`fold` for any text, character by character."""
    cells = unify_numerals(cells_of(text))
    kept: list[Cell] = []
    pauses: set[int] = set()
    breaks: set[int] = set()
    for at, cell in enumerate(cells):
        if cell.char.isalnum():
            if not _is_hesitation(cells, at):
                kept.append(cell)
        elif not cell.char.isspace() or _parts_chinese(text, cell):
            pauses.add(len(kept))
            if cell.char in _SENTENCE_ENDS:
                breaks.add(len(kept))
    return Folded(
        text=text_of(kept).translate(_SAME_SOUND),
        starts=tuple(cell.start for cell in kept),
        ends=tuple(cell.end for cell in kept),
        pauses=frozenset(pauses),
        breaks=frozenset(breaks),
    )


def _is_hesitation(cells: list[Cell], at: int) -> bool:
    """Whether the character is a filled pause rather than part of a word."""
    char = cells[at].char
    if char in _HESITATIONS:
        return True
    return char in _HESITATIONS_ALONE and _is_edge(cells, at - 1) and _is_edge(cells, at + 1)


def _parts_chinese(text: str, space: Cell) -> bool:
    """Whether white space stands between two Chinese characters, where engines write it for a comma."""
    around = text[max(0, space.start - 1) : space.start] + text[space.end : space.end + 1]
    return len(around) == 2 and all("一" <= char <= "鿿" for char in around)


def _is_edge(cells: list[Cell], at: int) -> bool:
    """Whether the position lies outside the text, or holds no letter, numeral or character, or one that is let go."""
    return not 0 <= at < len(cells) or not cells[at].char.isalnum() or cells[at].char in _HESITATIONS


def normalise_for_cer(text: str) -> str:
    """The form in which reference and transcript are compared for the character error rate.

    Simplified script, half width, lower case, numerals in Arabic digits (四十五 is 45, 二零二六 is 2026); no white
    space, no punctuation. Fillers and particles stay: dropping them is an error.

    >>> normalise_for_cer("您好，請問是 12345 熱線嗎？")
    '您好请问是12345热线吗'
    """
    return "".join(cell.char for cell in unify_numerals(cells_of(text)) if cell.char.isalnum())
