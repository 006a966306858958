"""Where many patterns occur in one text, in a single pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callaudit.lexicon.patterns import Pattern
from callaudit.text.normalize import Folded

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

SHORT_PHRASE = 3
"""Characters; no pause may lie inside a phrase this short, and no word may be cut by it (see `matcher`)."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A pattern found at folded positions `[start, end)`."""

    owner: int
    """Number of whoever the pattern belongs to."""
    start: int
    end: int

    def overlaps(self, other: Occurrence) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end


_Places = list[tuple[int, int]]


class PatternSearch:
    """An Aho-Corasick automaton over the literals of many patterns, and the joining of stages across gaps.

    A pattern is looked at only where its rarest stage, that of the longest literals, is in the text: 你 and 了 begin
    hundreds of patterns and stand in every sentence.
    """

    def __init__(self, patterns: Iterable[tuple[int, Pattern]]) -> None:
        """Build the automaton.

        Args:
            patterns: what to search for, each with the number of its owner; an owner may have several.
        """
        self._patterns = tuple(patterns)
        literals = sorted({literal for _, one in self._patterns for stage in one.stages for literal in stage})
        numbers = {literal: number for number, literal in enumerate(literals)}
        self._stages = tuple(
            tuple(frozenset([numbers[literal] for literal in stage]) for stage in one.stages)
            for _, one in self._patterns
        )
        self._opened_by: dict[int, tuple[int, ...]] = {}
        for pattern, (_, one) in enumerate(self._patterns):
            alone = (pattern,)  # one for all literals: there are a hundred thousand
            for literal in self._stages[pattern][_rarest(one)]:
                others = self._opened_by.get(literal)
                self._opened_by[literal] = (*others, pattern) if others else alone
        self._automaton = _automaton(literals)  # sorted: half the time to build

    def find(self, folded: Folded, text: str | None = None) -> Iterator[Occurrence]:
        """All occurrences, overlapping ones included.

        Args:
            folded: where pauses lie, and where digits do.
            text: what to search in place of `folded.text`; of the same length.
        """
        if self._automaton is None or not folded.text:
            return
        places: dict[int, _Places] = {}
        searched = folded.text if text is None else text
        for literal, start, end in self._automaton.find_matches_as_indexes(searched, overlapping=True):
            places.setdefault(literal, []).append((start, end))
        opened = {pattern for literal in places if literal in self._opened_by for pattern in self._opened_by[literal]}
        for number in opened:
            stages = self._stages[number]
            if any(stage.isdisjoint(places) for stage in stages):
                continue
            owner, pattern = self._patterns[number]
            by_stage = [_places_of(stage, places, folded) for stage in stages]
            if all(by_stage):
                for start, end in _joined(by_stage, pattern):
                    if _fits(pattern, folded, start, end):
                        yield Occurrence(owner, start, end)


def _rarest(pattern: Pattern) -> int:
    """The stage least often seen by chance: the one whose shortest literal is the longest."""
    return max(range(len(pattern.stages)), key=lambda stage: min(map(len, pattern.stages[stage])))


def _places_of(stage: frozenset[int], places: Mapping[int, _Places], folded: Folded) -> _Places:
    """Where literals of a stage stand free."""
    return [
        place
        for literal, found in places.items()
        if literal in stage
        for place in found
        if _stands_free(folded, *place)
    ]


def _automaton(literals: list[str]) -> AhoCorasick | None:
    from ahocorasick_rs import AhoCorasick

    return AhoCorasick(literals) if literals else None


def _joined(by_stage: Sequence[_Places], pattern: Pattern) -> Iterator[tuple[int, int]]:
    """Where all stages follow one another within their gaps: one stretch for each place of the first stage and end."""
    reached = set(by_stage[0])
    for stage, gap in enumerate(pattern.gaps, start=1):
        reached = {
            (start, next_end)
            for start, end in reached
            for next_start, next_end in by_stage[stage]
            if end <= next_start <= end + gap
        }
    yield from sorted(reached)


def _stands_free(folded: Folded, start: int, end: int) -> bool:
    """Whether a literal is not torn: neither out of a longer number, nor, if short, across a pause."""
    if end - start <= SHORT_PHRASE and any(at in folded.pauses for at in range(start + 1, end)):
        return False
    return not (_joins_digits(folded.text, start) or _joins_digits(folded.text, end))


def _joins_digits(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isdecimal() and text[at].isdecimal()


def _fits(pattern: Pattern, folded: Folded, start: int, end: int) -> bool:
    """Whether a match lies within one sentence and at the clause edges the pattern asks for."""
    if any(at in folded.breaks for at in range(start + 1, end)):
        return False
    if pattern.opens_clause and start and start not in folded.pauses:
        return False
    return not pattern.closes_clause or end == len(folded.text) or end in folded.pauses
