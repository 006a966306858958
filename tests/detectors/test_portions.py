from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from callaudit.detectors.portions import LONGEST, portions
from callaudit.lexicon.matcher import LexiconMatch
from tests.detectors.fakes import FakeMatcher


@dataclass(frozen=True)
class EveryMatch(FakeMatcher):
    """Finds a phrase wherever it stands, and counts the characters it was given."""

    given: list[int] = field(default_factory=list)

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        self.given.append(len(text))
        found = []
        for at in range(len(text)):
            for match in super().match(text[at : at + 4]):
                if match.chars.start == 0:
                    found.append(LexiconMatch(match.entry, _moved(match, at), match.matched, match.path))
        return tuple(found)


def _moved(match: LexiconMatch, by: int):
    return type(match.chars)(match.chars.start + by, match.chars.end + by)


def pieces_of(text: str) -> list[str]:
    return [portion.cut(text) for portion in portions(text, EveryMatch())]


@pytest.mark.parametrize("length", [0, 1, LONGEST])
def test_a_text_that_one_person_can_say_is_one_portion(length: int) -> None:
    assert pieces_of("好" * length) == ["好" * length]


@pytest.mark.parametrize(
    "text",
    ["好" * 2000, "好，" * 900, "您好请讲。" * 300, "不要脸" * 700, "神经病有完没完，" * 200, "\n" * 1200],
)
def test_portions_are_short_and_together_the_text(text: str) -> None:
    pieces = pieces_of(text)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= LONGEST


def test_sentences_stay_whole() -> None:
    assert {piece[-1] for piece in pieces_of("您好，请讲。" * 300)} == {"。"}


def test_without_sentences_the_clauses_stay_whole() -> None:
    assert {piece[-1] for piece in pieces_of("您好请讲，" * 300)} == {"，"}


@pytest.mark.parametrize("shift", range(4))
def test_a_phrase_is_never_cut_apart(shift: int) -> None:
    text = "好" * (LONGEST - shift) + "不要脸" + "好" * LONGEST
    assert sum("不要脸" in piece for piece in pieces_of(text)) == 1


def test_what_is_searched_grows_with_the_text_and_not_with_its_square() -> None:
    def searched(length: int) -> int:
        matcher = EveryMatch()
        list(portions("好" * length, matcher))
        return sum(matcher.given)

    assert searched(80 * LONGEST) <= 2.1 * searched(40 * LONGEST)
