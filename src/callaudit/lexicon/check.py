"""Whether a lexicon keeps its own promises: every entry finds its hits, and no entry flags a miss or a clean corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from callaudit.lexicon.entries import Entry
from callaudit.lexicon.matcher import LexiconMatch, LexiconMatcher
from callaudit.lexicon.patterns import Pattern, parse


class Fault(StrEnum):
    """What can be wrong with an entry that is well-formed."""

    NO_HITS = "no_hits"
    """It has no example to prove that it works."""
    NO_MISSES = "no_misses"
    """It has no harmless sentence to prove that it is careful."""
    HIT_NOT_FOUND = "hit_not_found"
    """It is not found in its own example."""
    MISS_FLAGGED = "miss_flagged"
    """A harmless sentence is flagged, by this entry or another that counts alone."""
    DUPLICATE = "duplicate"
    """Another entry has a spelling in common with it."""
    SHADOWED = "shadowed"
    """In every one of its own examples another entry takes its place."""
    SET_OFF = "set_off"
    """It takes part in flagging a harmless line of a corpus."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one entry."""

    fault: Fault
    entry_id: str
    place: str
    """File and line."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.entry_id}: {self.message}"


def check(matcher: LexiconMatcher, set_off: Mapping[str, Sequence[str]] | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a lexicon, in the order of its entries.

    Args:
        matcher: of a well-formed lexicon; malformed files already fail in `load_lexicon`.
        set_off: places of harmless lines that an entry takes part in flagging, by its id.
    """
    first_with: dict[Pattern, Entry] = {}
    return tuple(
        problem
        for entry in matcher.lexicon.entries
        for problem in (
            *_spelling_faults(entry, first_with),
            *_hit_faults(entry, matcher),
            *_miss_faults(entry, matcher),
            *_corpus_faults(entry, set_off or {}),
        )
    )


def _spelling_faults(entry: Entry, first_with: dict[Pattern, Entry]) -> Iterator[Problem]:
    for spelling in _each_spelling(parse(entry.phrase)):
        first = first_with.setdefault(spelling, entry)
        if first is not entry:
            words = "{..}".join(stage[0] for stage in spelling.stages)
            yield _problem(Fault.DUPLICATE, entry, f"{words} also stands for {first.id} ({first.place})")
            return


def _each_spelling(pattern: Pattern) -> Iterator[Pattern]:
    """The pattern once for each of its strings; one with gaps as a whole."""
    if not pattern.is_plain:
        yield pattern
        return
    for literal in pattern.stages[0]:
        yield replace(pattern, stages=((literal,),))


def _hit_faults(entry: Entry, matcher: LexiconMatcher) -> Iterator[Problem]:
    if not entry.hits:
        yield _problem(Fault.NO_HITS, entry, "no example in `hits`")
        return
    seen = False
    for hit in entry.hits:
        if not any(match.entry == entry for match in _plain(matcher.match_all(hit))):
            yield _problem(Fault.HIT_NOT_FOUND, entry, f"not found in its hit {hit!r}")
            seen = True
        seen = seen or any(match.entry == entry for match in matcher.match(hit))
    if not seen:
        yield _problem(Fault.SHADOWED, entry, "another entry takes its place in every hit")


def _miss_faults(entry: Entry, matcher: LexiconMatcher) -> Iterator[Problem]:
    if not entry.misses:
        yield _problem(Fault.NO_MISSES, entry, "no example in `misses`")
    for miss in entry.misses:
        for match in _plain(matcher.match_all(miss)):
            if match.entry == entry or match.entry.alone:
                yield _problem(Fault.MISS_FLAGGED, entry, f"{match.entry.id} is found in the miss {miss!r}")


def _corpus_faults(entry: Entry, set_off: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    for place in set_off.get(entry.id, ()):
        yield _problem(Fault.SET_OFF, entry, f"set off by the harmless line {place}")


def _plain(matches: tuple[LexiconMatch, ...]) -> Iterator[LexiconMatch]:
    """The matches without a doubt, which alone can flag."""
    return (match for match in matches if not match.doubts)


def _problem(fault: Fault, entry: Entry, message: str) -> Problem:
    return Problem(fault, entry.id, entry.place, message)
