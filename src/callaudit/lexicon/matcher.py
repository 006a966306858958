"""Finding the entries of a lexicon in an utterance.

Characters are what is searched; words are evidence. A match stands when

* its folded characters are there within one sentence, or, from three syllables on, its sounds are;
* it does not cut words apart: a short phrase cuts none, a longer one not at both ends (不要脸 in 不要/脸部/识别);
* none of the entry's `unless` contexts overlaps it;
* no graver or equal match of this or another entry holds it within itself.

Reported speech and words about oneself leave a doubt on the match instead of removing it, so that a report can say
why nothing was flagged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from callaudit.domain.findings import MatchPath
from callaudit.domain.spans import CharSpan
from callaudit.lexicon.doubts import doubts_about
from callaudit.lexicon.entries import Entry, Lexicon
from callaudit.lexicon.patterns import Pattern, parse, spellings
from callaudit.lexicon.search import SHORT_PHRASE, Occurrence, PatternSearch
from callaudit.text.homophones import is_spoken, same_syllables, sound_codes
from callaudit.text.normalize import Folded, fold
from callaudit.text.script import to_simplified
from callaudit.text.segment import Segmenter

FEWEST_SOUNDS = 3
"""Syllables from which a phrase is searched by ear: with two, false matches triple."""
ALGORITHM = "1"
"""Raised when the rules of this package change what matches."""


@dataclass(frozen=True, slots=True)
class LexiconMatch:
    """An entry found in an utterance.

    Attributes:
        entry: what was found.
        chars: where, in code points of the raw text.
        matched: the raw text there.
        path: whether the characters agreed or the sounds.
        doubts: keys of what speaks against taking it at face value, see `doubts`; a match with a doubt flags nothing.
    """

    entry: Entry
    chars: CharSpan
    matched: str
    path: MatchPath
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    found: Occurrence
    path: MatchPath


class LexiconMatcher:
    """Searches utterances for all entries of a lexicon at once."""

    name = "lexicon"

    def __init__(self, lexicon: Lexicon, segmenter: Segmenter) -> None:
        """Build the automata.

        Args:
            lexicon: what to search for.
            segmenter: tells where words begin and end.
        """
        self.lexicon = lexicon
        self._segmenter = segmenter
        self._entries = lexicon.entries
        patterns = [parse(entry.phrase) for entry in self._entries]
        self._exact = PatternSearch(enumerate(patterns))
        self._contexts = PatternSearch(
            (owner, parse(context)) for owner, entry in enumerate(self._entries) for context in entry.unless
        )
        spoken = {
            owner: by_ear
            for owner, pattern in enumerate(patterns)
            if self._entries[owner].sound and (by_ear := _by_ear(pattern))
        }
        self._sound = PatternSearch(
            (owner, replace(patterns[owner], stages=(tuple(by_ear),))) for owner, by_ear in spoken.items()
        )
        self._spoken = spoken
        self._phrases = frozenset(
            to_simplified(spelling) for entry in self._entries for spelling in spellings(entry.phrase)
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.lexicon, self._segmenter)

    @property
    def version(self) -> str:
        """Digest of the lexicon, the rules of matching, and the segmenter."""
        return f"{self.lexicon.version}/{ALGORITHM}/{self._segmenter.name} {self._segmenter.version}"

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        """All entries found in a raw utterance, by place; those within a match of equal or greater gravity left out."""
        return self._matches(text, shadowing=True)

    def match_all(self, text: str) -> tuple[LexiconMatch, ...]:
        """The same with the overshadowed ones: what each entry finds taken by itself."""
        return self._matches(text, shadowing=False)

    def _matches(self, text: str, shadowing: bool) -> tuple[LexiconMatch, ...]:
        folded = fold(text)
        candidates = self._candidates(text, folded)
        if shadowing:
            candidates = [one for one in candidates if not any(self._shadows(other, one) for other in candidates)]
        matches = (self._match(text, folded, candidate) for candidate in candidates)
        return tuple(sorted(matches, key=lambda match: (match.chars, match.entry.id)))

    def _candidates(self, text: str, folded: Folded) -> list[_Candidate]:
        """Whatever stands, by characters first, then by ear where no characters were found."""
        exact = set(self._exact.find(folded))
        heard = [
            occurrence
            for occurrence in self._sound.find(folded, sound_codes(folded.text))
            if not any(occurrence.overlaps(other) for other in exact) and self._sounds_right(folded.text, occurrence)
        ]
        if not exact and not heard:
            return []
        contexts = list(self._contexts.find(folded))
        boundaries = self._segmenter.boundaries(text, ignoring=self._phrases)
        return [
            _Candidate(occurrence, path)
            for path, occurrences in ((MatchPath.EXACT, exact), (MatchPath.SOUND, heard))
            for occurrence in _longest(
                occurrence
                for occurrence in occurrences
                if _respects_words(text, folded, occurrence, boundaries, path)
                and not any(context.owner == occurrence.owner and context.overlaps(occurrence) for context in contexts)
            )
        ]

    def _sounds_right(self, text: str, occurrence: Occurrence) -> bool:
        """Whether what was heard is near enough to one of the strings of the entry."""
        heard = text[occurrence.start : occurrence.end]
        return any(_is_near(literal, heard) for literal in self._spoken[occurrence.owner][sound_codes(heard)])

    def _shadows(self, one: _Candidate, other: _Candidate) -> bool:
        """Whether `one` holds `other` within itself and says at least as much; of two alike the first entry wins."""
        inner, outer = other.found, one.found
        if one is other or not (outer.start <= inner.start and inner.end <= outer.end):
            return False
        weight, other_weight = self._weight(outer), self._weight(inner)
        if (outer.start, outer.end) != (inner.start, inner.end):
            return weight >= other_weight
        return (weight, -outer.owner) > (other_weight, -inner.owner)

    def _weight(self, occurrence: Occurrence) -> tuple[bool, int]:
        entry = self._entries[occurrence.owner]
        return entry.alone, entry.severity.rank

    def _match(self, text: str, folded: Folded, candidate: _Candidate) -> LexiconMatch:
        found = candidate.found
        chars = folded.raw_span(found.start, found.end)
        entry = self._entries[found.owner]
        doubts = doubts_about(entry.category, text, folded, found.start, found.end)
        return LexiconMatch(entry, chars, chars.cut(text), candidate.path, doubts)


def _by_ear(pattern: Pattern) -> dict[str, list[str]]:
    """The strings of a plain pattern that can be searched by ear, under their sound codes."""
    spoken: dict[str, list[str]] = defaultdict(list)
    if pattern.is_plain:
        for literal in pattern.stages[0]:
            if len(literal) >= FEWEST_SOUNDS and is_spoken(literal):
                spoken[sound_codes(literal)].append(literal)
    return spoken


def _is_near(literal: str, heard: str) -> bool:
    """Whether enough of a phrase was written as it is; engines slip in a syllable, seldom in all.

    Half of the characters must agree. In a phrase of three syllables even confusable ones (n/l, an/ang) do not pass:
    这么香 is not 这么闲.
    """
    agreeing = sum(one == other for one, other in zip(literal, heard, strict=True))
    if 2 * agreeing < len(literal):
        return False
    return len(literal) > FEWEST_SOUNDS or same_syllables(literal, heard)


def _longest(occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Of the occurrences of one entry at one place, the one that holds the others."""
    by_owner: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in sorted(occurrences, key=lambda found: (found.start, -found.end)):
        kept = by_owner[occurrence.owner]
        if not any(other.start <= occurrence.start and occurrence.end <= other.end for other in kept):
            kept.append(occurrence)
    return [occurrence for kept in by_owner.values() for occurrence in kept]


def _respects_words(
    text: str, folded: Folded, occurrence: Occurrence, boundaries: frozenset[int], path: MatchPath
) -> bool:
    """Whether the words around a match leave it whole.

    Heard matches are guesses already: they may cut no word at all. 儿 after a match belongs to the accent (没事儿).
    """
    span = folded.raw_span(occurrence.start, occurrence.end)
    cuts = (span.start not in boundaries) + (span.end not in boundaries and text[span.end : span.end + 1] != "儿")
    strict = path is MatchPath.SOUND or occurrence.end - occurrence.start <= SHORT_PHRASE
    return cuts == 0 if strict else cuts < 2
