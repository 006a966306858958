from __future__ import annotations

from dataclasses import replace

import pytest

from callaudit.domain.findings import ContextEvidence, LexiconEvidence
from callaudit.domain.spans import CharSpan
from callaudit.reports.marking import Piece, findings_by_utterance, mark, split
from tests.builders import make_finding, make_judged, make_utterance


@pytest.mark.parametrize(
    ("spans", "pieces"),
    [
        ([], ["真是不要脸。"]),
        ([(2, 5)], ["真是", "*不要脸", "。"]),
        ([(0, 6)], ["*真是不要脸。"]),
        ([(0, 2), (2, 5)], ["*真是不要脸", "。"]),
        ([(2, 4), (3, 5)], ["真是", "*不要脸", "。"]),
        ([(5, 99)], ["真是不要脸", "*。"]),
        ([(9, 12)], ["真是不要脸。"]),
        ([(3, 3)], ["真是不要脸。"]),
    ],
)
def test_a_text_is_cut_at_the_edges_of_its_marks(spans: list[tuple[int, int]], pieces: list[str]) -> None:
    made = split("真是不要脸。", [CharSpan(*span) for span in spans])
    assert [("*" if piece.marked else "") + piece.text for piece in made] == pieces


def test_an_empty_text_has_no_pieces() -> None:
    assert split("", []) == ()


def phrase(matched: str, start: int) -> LexiconEvidence:
    chars = CharSpan(start, start + len(matched))
    return LexiconEvidence(entry_id="insult.x", phrase=matched, matched=matched, chars=chars, lexicon="test")


def test_the_very_characters_of_a_phrase_are_marked() -> None:
    finding = make_finding(evidence=(phrase("不要脸", 2),))
    assert mark(make_utterance("真是不要脸"), [finding]) == (Piece("真是", False), Piece("不要脸", True))


def test_a_phrase_of_another_utterance_is_not_marked_here() -> None:
    finding = make_finding(evidence=(phrase("不要脸", 2),))
    assert mark(make_utterance("您好请讲吧"), [finding]) == (Piece("您好请讲吧", False),)


def test_evidence_without_characters_marks_nothing() -> None:
    finding = make_finding(evidence=(ContextEvidence(fact="after_hangup", weight=0.1),))
    assert mark(make_utterance("真是"), [finding]) == (Piece("真是", False),)


def test_the_quote_is_marked_where_no_phrase_was_found() -> None:
    finding = make_finding(chars=CharSpan(3, 6), evidence=(ContextEvidence(fact="after_hangup", weight=0.1),))
    assert mark(make_utterance("您好，真难缠，再见"), [finding]) == (
        Piece("您好，", False),
        Piece("真难缠", True),
        Piece("，再见", False),
    )


def test_a_phrase_is_marked_rather_than_the_quote_around_it() -> None:
    finding = make_finding(chars=CharSpan(0, 5), evidence=(phrase("不要脸", 2),))
    assert mark(make_utterance("真是不要脸"), [finding]) == (Piece("真是", False), Piece("不要脸", True))


def test_a_quote_is_not_marked_in_another_utterance_that_says_the_same() -> None:
    finding = make_finding(chars=CharSpan(2, 5), evidence=(phrase("不要脸", 2),), utterances=(0,))
    assert mark(make_utterance("真是不要脸", index=1), [finding]) == (Piece("真是不要脸", False),)


def test_a_finding_is_found_under_each_of_its_utterances_by_its_number() -> None:
    first = make_finding(utterances=(0, 2))
    second = replace(first, utterances=(2,))
    found = findings_by_utterance(make_judged(findings=(first, second)))
    assert {index: [number for number, _ in numbered] for index, numbered in found.items()} == {0: [1], 2: [1, 2]}
