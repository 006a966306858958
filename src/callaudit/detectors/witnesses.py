"""What the lexicon found, as it counts for one party on one side of the hang-up, and as a finding shows it."""

from __future__ import annotations

from collections.abc import Iterable

from callaudit.domain.calls import Party
from callaudit.domain.findings import LexiconEvidence, Phase
from callaudit.lexicon.entries import Entry, Role
from callaudit.lexicon.matcher import LexiconMatch


def covers(entry: Entry, party: Party, phase: Phase) -> bool:
    """Whether an entry counts for this party in this phase; an unknown party may be the agent."""
    by_party = entry.role.covers(party) or (party is Party.UNKNOWN and entry.role is Role.AGENT)
    return by_party and entry.phase.covers(phase)


def covered(matches: Iterable[LexiconMatch], party: Party, phase: Phase) -> tuple[LexiconMatch, ...]:
    """Those of the matches whose entries count for this party in this phase."""
    return tuple(match for match in matches if covers(match.entry, party, phase))


def evidence_of(match: LexiconMatch, version: str) -> LexiconEvidence:
    """A match as evidence of a finding."""
    return LexiconEvidence(
        entry_id=match.entry.id,
        phrase=match.entry.phrase,
        matched=match.matched,
        chars=match.chars,
        lexicon=version,
        path=match.path,
    )
