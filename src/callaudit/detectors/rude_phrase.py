"""Forbidden phrases of the lexicon, said by the agent or by nobody knows whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callaudit.detectors.clauses import Clause, clause_at, clauses_of, covering, judged_utterances, phase_of_clause
from callaudit.detectors.confidence import combined, phrase_strength
from callaudit.detectors.gravity import gravity
from callaudit.detectors.protocols import PhraseMatcher
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.domain.findings import Finding, LexiconEvidence, Phase, finding_id
from callaudit.domain.spans import CharSpan
from callaudit.domain.transcripts import Utterance
from callaudit.lexicon.entries import Entry, Role
from callaudit.lexicon.matcher import LexiconMatch

NAME = "rude_phrase"


class RudePhraseDetector:
    """One finding for each clause that holds an entry flagging alone (a `Detector`).

    A clause's category and severity are those of its gravest entry. Entries that never flag alone add their evidence
    to a clause that is flagged already. A doubtful match (quoted speech) counts nothing.
    """

    name = NAME

    def __init__(self, matcher: PhraseMatcher) -> None:
        self._matcher = matcher
        self.version = f"1 {matcher.version}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time."""
        return tuple(
            finding for utterance in judged_utterances(analysis) for finding in self._in_utterance(utterance, analysis)
        )

    def _in_utterance(self, utterance: Utterance, analysis: CallAnalysis) -> Iterator[Finding]:
        matches = [match for match in self._matcher.match(utterance.text) if not match.doubts]
        if not any(match.entry.alone for match in matches):
            return
        for clause, found in _by_clause(utterance, matches):
            phase = phase_of_clause(clause, analysis)
            counting = [match for match in found if covers(match.entry, utterance.party, phase)]
            if any(match.entry.alone for match in counting):
                yield self._finding(clause, counting, phase, analysis)

    def _finding(
        self, clause: Clause, matches: Sequence[LexiconMatch], phase: Phase, analysis: CallAnalysis
    ) -> Finding:
        gravest = max((match.entry for match in matches if match.entry.alone), key=gravity)
        strengths = (phrase_strength(match.entry.alone, match.path) for match in matches)
        return Finding(
            finding_id=finding_id(analysis.call.recording.sha256, NAME, gravest.category, clause.span),
            detector=NAME,
            category=gravest.category,
            severity=gravest.severity,
            confidence=combined(strengths),
            party=clause.utterance.party,
            party_basis=clause.utterance.party_basis,
            span=clause.span,
            phase=phase,
            quote=clause.text,
            utterances=(clause.utterance.index,),
            evidence=tuple(evidence_of(match, self._matcher.version) for match in matches),
        )


def covers(entry: Entry, party: Party, phase: Phase) -> bool:
    """Whether an entry counts for this party in this phase; an unknown party may be the agent."""
    by_party = entry.role.covers(party) or (party is Party.UNKNOWN and entry.role is Role.AGENT)
    return by_party and entry.phase.covers(phase)


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


def _by_clause(utterance: Utterance, matches: Sequence[LexiconMatch]) -> list[tuple[Clause, list[LexiconMatch]]]:
    """Matches by the clause they stand in, by place; one that reaches over a pause joins the clauses."""
    clauses = clauses_of(utterance)
    groups: list[tuple[Clause, list[LexiconMatch]]] = []
    for match in matches:
        clause = covering(clauses, match.chars)
        if clause is None:
            continue
        if groups and groups[-1][0].chars.overlaps(clause.chars):
            before, held = groups.pop()
            joined = CharSpan(before.chars.start, max(before.chars.end, clause.chars.end))
            groups.append((clause_at(utterance, joined), [*held, match]))
        else:
            groups.append((clause, [match]))
    return groups
