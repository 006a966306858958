"""Finding the entries of a lexicon in an utterance.

Characters are what is searched; words are evidence. A match stands when

* its folded characters are there within one sentence, or its sounds are (`hearing`);
* it does not cut words apart: a short phrase cuts none, a longer one not at both ends (不要脸 in 不要/脸部/识别);
* none of the entry's `unless` contexts overlaps it;
* no graver or equal match of this or another entry holds it within itself.

Reported speech and words about oneself leave a doubt on the match instead of removing it, so that a report can say
why nothing was flagged. `LexiconMatcher.explain` tells of the matches that did not stand, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callaudit.domain.findings import MatchPath
from callaudit.domain.spans import CharSpan
from callaudit.lexicon.doubts import doubts_about
from callaudit.lexicon.entries import Entry, Lexicon
from callaudit.lexicon.reading import Candidate, Reading, Refusal, Searches
from callaudit.text.segment import Segmenter

ALGORITHM = "3"
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
class Sighting:
    """What looked like a match.

    Attributes:
        match: what was seen.
        refusal: why it does not stand; None where it does.
        by: the words it cuts, the `unless` pattern, or the id of the entry that stands in its place.
    """

    match: LexiconMatch
    refusal: Refusal | None = None
    by: str = ""


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
        self._searches = Searches(lexicon, segmenter)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.lexicon, self._segmenter)

    @property
    def version(self) -> str:
        """Digest of the lexicon, the rules of matching, and the segmenter."""
        return f"{self.lexicon.version}/{ALGORITHM}/{self._segmenter.name} {self._segmenter.version}"

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        """All entries found in a raw utterance, by place; those within a match of equal or greater gravity left out."""
        reading = Reading(self._searches, text)
        standing = reading.standing
        return self._matches(reading, [one for one in standing if self._shadow(one, standing) is None])

    def match_all(self, text: str) -> tuple[LexiconMatch, ...]:
        """The same with the overshadowed ones: what each entry finds taken by itself."""
        reading = Reading(self._searches, text)
        return self._matches(reading, reading.standing)

    def explain(self, text: str) -> tuple[Sighting, ...]:
        """What `match` finds, and what it saw and refused, by place; of each entry the longest at one place."""
        reading = Reading(self._searches, text)
        sightings = [Sighting(self._match(reading, one), refusal, by) for one, refusal, by in reading.refused]
        for one in reading.standing:
            shadow = self._shadow(one, reading.standing)
            match = self._match(reading, one)
            sightings.append(Sighting(match, Refusal.SHADOWED, self._entry(shadow).id) if shadow else Sighting(match))
        return tuple(sorted(sightings, key=lambda one: (one.match.chars, one.match.entry.id)))

    def _matches(self, reading: Reading, candidates: Iterable[Candidate]) -> tuple[LexiconMatch, ...]:
        matches = (self._match(reading, one) for one in candidates)
        return tuple(sorted(matches, key=lambda match: (match.chars, match.entry.id)))

    def _match(self, reading: Reading, one: Candidate) -> LexiconMatch:
        found, folded, entry = one.found, reading.folded, self._entry(one)
        chars = folded.raw_span(found.start, found.end)
        doubts = doubts_about(entry.category, reading.text, folded, found.start, found.end)
        return LexiconMatch(entry, chars, chars.cut(reading.text), one.path, doubts)

    def _shadow(self, one: Candidate, others: Iterable[Candidate]) -> Candidate | None:
        """The first that stands in another's place; of two alike the first entry wins."""
        return next((other for other in others if self._shadows(other, one)), None)

    def _shadows(self, one: Candidate, other: Candidate) -> bool:
        """Whether `one` holds `other` within itself and says at least as much."""
        inner, outer = other.found, one.found
        if one is other or not (outer.start <= inner.start and inner.end <= outer.end):
            return False
        weight, other_weight = self._weight(one), self._weight(other)
        if (outer.start, outer.end) != (inner.start, inner.end):
            return weight >= other_weight
        return (weight, -outer.owner) > (other_weight, -inner.owner)

    def _weight(self, one: Candidate) -> tuple[bool, int]:
        entry = self._entry(one)
        return entry.alone, entry.severity.rank

    def _entry(self, one: Candidate) -> Entry:
        return self.lexicon.entries[one.found.owner]
