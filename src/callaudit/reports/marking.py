"""Where in the transcript the flags are: the characters of phrases, else those of the quote, else the whole line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.findings import Finding, LexiconEvidence
from callaudit.domain.spans import CharSpan
from callaudit.domain.transcripts import Utterance


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an utterance's text."""

    text: str
    marked: bool


def findings_by_utterance(judged: JudgedCall) -> dict[int, tuple[tuple[int, Finding], ...]]:
    """Numbered findings (from 1, as the report shows them) by the index of each utterance they concern."""
    found: dict[int, list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(judged.findings, 1):
        for index in finding.utterances:
            found.setdefault(index, []).append((number, finding))
    return {index: tuple(numbered) for index, numbered in found.items()}


def mark(utterance: Utterance, findings: Iterable[Finding]) -> tuple[Piece, ...]:
    """An utterance's text in pieces, those that findings quote marked."""
    spans = [span for finding in findings for span in _marks(utterance, finding)]
    return split(utterance.text, spans)


def split(text: str, spans: Sequence[CharSpan]) -> tuple[Piece, ...]:
    """A text cut at the edges of spans, which may overlap.

    >>> [piece.text for piece in split("真是不要脸。", [CharSpan(2, 5)])]
    ['真是', '不要脸', '。']
    """
    marked = [False] * len(text)
    for span in spans:
        for position in range(span.start, min(span.end, len(text))):
            marked[position] = True
    pieces: list[Piece] = []
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or marked[position] != marked[start]:
            pieces.append(Piece(text[start:position], marked[start]))
            start = position
    return tuple(pieces)


def _marks(utterance: Utterance, finding: Finding) -> list[CharSpan]:
    """The phrases of a finding; the quote where it rests on none; nothing where the finding is about several lines."""
    if finding.chars is None:
        return _phrases(utterance, finding)
    mine = utterance.index in finding.utterances
    return (_phrases(utterance, finding) or [finding.chars]) if mine else []


def _phrases(utterance: Utterance, finding: Finding) -> list[CharSpan]:
    """Phrases of a finding that stand in this utterance: its evidence names characters, not which utterance."""
    phrases = [item for item in finding.evidence if isinstance(item, LexiconEvidence)]
    return [item.chars for item in phrases if item.matched and item.chars.cut(utterance.text) == item.matched]
