"""Strings that compare equal when they were said alike, with a way back to the raw text.

Two normalisations, for two purposes:

* `fold` is for finding phrases. It is generous: besides width, case, script, numerals and punctuation it lets go
  of hesitations and of the difference between characters of one sound that speech engines mix up (他她它, 的得地).
* `normalise_for_cer` is for counting recognition errors. It forgives spelling alone, never a word.
"""

from __future__ import annotations

from dataclasses import dataclass

from callaudit.domain.spans import CharSpan
from callaudit.text.cells import Cell, cells_of, text_of
from callaudit.text.numerals import unify_numerals

_SAME_SOUND = str.maketrans("您妳她它牠嘛得地做", "你你他他他吗的的作")
"""Characters that speech engines cannot tell apart by ear, and the polite form of 你."""
_HESITATIONS = frozenset("嗯呃唔")
_HESITATIONS_ALONE = frozenset("啊哦噢喔额诶欸哎")
"""Hesitations only where they stand between pauses: 啊 closes phrases (去告啊), 额 opens words (额度)."""
_SENTENCE_ENDS = frozenset("。!?;")


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
    cells = unify_numerals(cells_of(text))
    kept: list[Cell] = []
    pauses: set[int] = set()
    breaks: set[int] = set()
    for at, cell in enumerate(cells):
        if cell.char.isalnum():
            if not _is_hesitation(cells, at):
                kept.append(cell)
        elif not cell.char.isspace() or _parts_chinese(cells, at):
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


def _parts_chinese(cells: list[Cell], at: int) -> bool:
    """Whether white space stands between two Chinese characters, where engines write it for a comma."""
    return 0 < at < len(cells) - 1 and all("一" <= cells[next_to].char <= "鿿" for next_to in (at - 1, at + 1))


def _is_edge(cells: list[Cell], at: int) -> bool:
    """Whether the position lies outside the text or holds no letter, numeral or character."""
    return not 0 <= at < len(cells) or not cells[at].char.isalnum()


def normalise_for_cer(text: str) -> str:
    """The form in which reference and transcript are compared for the character error rate.

    Simplified script, half width, lower case, numerals in Arabic digits (四十五 is 45, 二零二六 is 2026); no white
    space, no punctuation. Fillers and particles stay: dropping them is an error.

    >>> normalise_for_cer("您好，請問是 12345 熱線嗎？")
    '您好请问是12345热线吗'
    """
    return "".join(cell.char for cell in unify_numerals(cells_of(text)) if cell.char.isalnum())
