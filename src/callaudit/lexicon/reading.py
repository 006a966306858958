"""One utterance read for the entries of a lexicon: what looks like a match, and which of that stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from callaudit.domain.findings import MatchPath
from callaudit.lexicon.entries import Lexicon
from callaudit.lexicon.hearing import Hearing
from callaudit.lexicon.patterns import parse, spellings
from callaudit.lexicon.search import SHORT_PHRASE, Occurrence, PatternSearch
from callaudit.text.normalize import fold
from callaudit.text.script import to_simplified
from callaudit.text.segment import Segmenter


class Refusal(StrEnum):
    """Why what looked like a match does not stand."""

    CUTS_WORD = "cuts_word"
    """It begins or ends within a word."""
    UNLESS = "unless"
    """One of the entry's `unless` contexts overlaps it."""
    SHADOWED = "shadowed"
    """A match that says at least as much holds it within itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What looks like a match; the owner is the number of the entry."""

    found: Occurrence
    path: MatchPath


class Searches:
    """All that has to be built once for a lexicon."""

    def __init__(self, lexicon: Lexicon, segmenter: Segmenter) -> None:
        """Build the automata.

        Args:
            lexicon: what to search for.
            segmenter: tells where words begin and end.
        """
        entries = lexicon.entries
        patterns = [parse(entry.phrase) for entry in entries]
        written = [spelling for entry in entries for spelling in spellings(entry.phrase)]
        self.segmenter = segmenter
        self.exact = PatternSearch(enumerate(patterns))
        self.hearing = Hearing(
            [(owner, patterns[owner]) for owner, entry in enumerate(entries) if entry.sound], segmenter.knows
        )
        self.contexts = tuple((owner, context) for owner, entry in enumerate(entries) for context in entry.unless)
        self.context_search = PatternSearch(
            (number, parse(context)) for number, (_, context) in enumerate(self.contexts)
        )
        self.phrases = frozenset(to_simplified("\n".join(written)).split("\n"))
        """Words that are no evidence against a match, being what is searched for."""


class Reading:
    """One utterance and what was seen in it."""

    def __init__(self, searches: Searches, text: str) -> None:
        """Search.

        Args:
            searches: for what.
            text: raw.
        """
        self._searches = searches
        self.text = text
        self.folded = fold(text)
        exact = set(searches.exact.find(self.folded))
        heard = [
            found for found in searches.hearing.find(self.folded) if not any(found.overlaps(other) for other in exact)
        ]
        self.candidates = [
            Candidate(found, path)
            for path, occurrences in ((MatchPath.EXACT, exact), (MatchPath.SOUND, heard))
            for found in occurrences
        ]

    @cached_property
    def standing(self) -> list[Candidate]:
        """Candidates that nothing in the text refuses, the longest of each entry at one place."""
        return longest(one for one in self.candidates if not (self._cuts_words(one) or self._contexts_of(one)))

    @cached_property
    def refused(self) -> list[tuple[Candidate, Refusal, str]]:
        """The others, with the reason and its words; those left out where the entry stands at the same place."""
        standing = self.standing
        refused = longest(one for one in self.candidates if self._cuts_words(one) or self._contexts_of(one))
        return [
            (one, *self._reason(one))
            for one in refused
            if not any(one.found.owner == other.found.owner and one.found.overlaps(other.found) for other in standing)
        ]

    @cached_property
    def _boundaries(self) -> frozenset[int]:
        return self._searches.segmenter.boundaries(self.text, ignoring=self._searches.phrases)

    @cached_property
    def _contexts(self) -> dict[int, list[tuple[Occurrence, str]]]:
        """Where contexts are, by the entry they belong to, with their patterns."""
        contexts: dict[int, list[tuple[Occurrence, str]]] = defaultdict(list)
        for found in self._searches.context_search.find(self.folded):
            entry, pattern = self._searches.contexts[found.owner]
            contexts[entry].append((found, pattern))
        return contexts

    def _contexts_of(self, one: Candidate) -> list[str]:
        """The `unless` patterns that take a candidate back."""
        return [pattern for found, pattern in self._contexts.get(one.found.owner, ()) if found.overlaps(one.found)]

    def _cuts_words(self, one: Candidate) -> bool:
        """Whether the words around a candidate leave it no whole.

        Heard matches are guesses already: they may cut no word at all, like short ones.
        """
        strict = one.path is MatchPath.SOUND or one.found.end - one.found.start <= SHORT_PHRASE
        return len(self._cuts(one)) >= (1 if strict else 2)

    def _cuts(self, one: Candidate) -> list[int]:
        """Which ends of a candidate lie within a word. 儿 after it belongs to the accent (没事儿)."""
        span = self.folded.raw_span(one.found.start, one.found.end)
        cuts = [span.start] if span.start not in self._boundaries else []
        if span.end not in self._boundaries and self.text[span.end : span.end + 1] != "儿":
            cuts.append(span.end)
        return cuts

    def _reason(self, one: Candidate) -> tuple[Refusal, str]:
        if not self._cuts_words(one):
            return Refusal.UNLESS, " ".join(dict.fromkeys(self._contexts_of(one)))
        words, cuts = pairwise(sorted(self._boundaries)), self._cuts(one)
        cut = [self.text[start:end] for start, end in words if any(start < at < end for at in cuts)]
        return Refusal.CUTS_WORD, " ".join(cut)


def longest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Of the candidates of one entry at one place, the one that holds the others."""
    by_owner: dict[int, list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda one: (one.found.start, -one.found.end)):
        kept = by_owner[one.found.owner]
        if not any(other.found.start <= one.found.start and one.found.end <= other.found.end for other in kept):
            kept.append(one)
    return [one for kept in by_owner.values() for one in kept]
