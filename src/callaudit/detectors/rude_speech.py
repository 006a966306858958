"""Speech that the classifier finds rude, whatever its words."""

from __future__ import annotations

from collections.abc import Iterator

from callaudit.detectors.clauses import Clause, clause_at, clauses_of, judged_utterances, phase_of_clause
from callaudit.detectors.confidence import classifier_strength, combined, phrase_strength
from callaudit.detectors.protocols import PhraseMatcher, RudenessClassifier, RudenessScore
from callaudit.detectors.rude_phrase import covers, evidence_of
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import (
    Category,
    ClassifierEvidence,
    Evidence,
    Finding,
    Severity,
    finding_id,
)
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.spans import CharSpan
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.phrases import read_closing
from callaudit.lexicon.matcher import LexiconMatch

NAME = "rude_speech"
SEVERITY = {Category.INSULT: Severity.MAJOR, Category.THREAT: Severity.MAJOR}
"""Severity by label where no lexicon entry says better; minor for all others."""
MIN_CHARS = 2


class RudeSpeechDetector:
    """One finding for each clause scored at or over the threshold (a `Detector`).

    Where no clause of an utterance is, the utterance as a whole is scored too. Left out are goodbyes, surveys, and
    clauses in which the lexicon sees nothing but quoted speech. Lexicon entries that never flag alone add weight.
    """

    name = NAME

    def __init__(self, classifier: RudenessClassifier, matcher: PhraseMatcher) -> None:
        self._classifier = classifier
        self._matcher = matcher
        self.version = f"1 {classifier.name} {classifier.version} {classifier.threshold:g} {matcher.version}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time."""
        surveys = [item.span for item in analysis.passed_over if item.reason is PassedOverReason.SURVEY]
        return tuple(
            finding
            for utterance in judged_utterances(analysis)
            if not any(utterance.span.overlaps(span) for span in surveys)
            for finding in self._in_utterance(utterance, analysis)
        )

    def _in_utterance(self, utterance: Utterance, analysis: CallAnalysis) -> Iterator[Finding]:
        matches = self._matcher.match(utterance.text)
        clauses = clauses_of(utterance)
        scored = [self._scored(clause, matches) for clause in clauses]
        found = [pair for pair in scored if pair is not None]
        if not found and len(clauses) > 1:
            whole = self._scored(clause_at(utterance, CharSpan(0, len(utterance.text))), matches)
            found = [whole] if whole else []
        for clause, score in found:
            yield self._finding(clause, score, matches, analysis)

    def _scored(self, clause: Clause, matches: tuple[LexiconMatch, ...]) -> tuple[Clause, RudenessScore] | None:
        """The clause with its score; None where that makes no finding."""
        if len(clause.text) < MIN_CHARS or read_closing(clause.text).only or _is_quoted(clause, matches):
            return None
        score = self._classifier.score(clause.text)
        return (clause, score) if score.rude >= self._classifier.threshold else None

    def _finding(
        self, clause: Clause, score: RudenessScore, matches: tuple[LexiconMatch, ...], analysis: CallAnalysis
    ) -> Finding:
        phase = phase_of_clause(clause, analysis)
        label = Category(score.label)
        threshold = self._classifier.threshold
        weak = [
            match
            for match in matches
            if not match.entry.alone
            and not match.doubts
            and match.chars.overlaps(clause.chars)
            and covers(match.entry, clause.utterance.party, phase)
        ]
        strengths = [classifier_strength(score.rude, threshold)]
        strengths += [phrase_strength(False, match.path) for match in weak]
        witness = ClassifierEvidence(
            model=f"{self._classifier.name} {self._classifier.version}",
            label=label,
            score=score.rude,
            threshold=threshold,
            features=score.features,
        )
        evidence: tuple[Evidence, ...] = (witness, *(evidence_of(match, self._matcher.version) for match in weak))
        return Finding(
            finding_id=finding_id(analysis.call.recording.sha256, NAME, label, clause.span),
            detector=NAME,
            category=label,
            severity=SEVERITY.get(label, Severity.MINOR),
            confidence=combined(strengths),
            party=clause.utterance.party,
            party_basis=clause.utterance.party_basis,
            span=clause.span,
            phase=phase,
            quote=clause.text,
            utterances=(clause.utterance.index,),
            evidence=evidence,
        )


def _is_quoted(clause: Clause, matches: tuple[LexiconMatch, ...]) -> bool:
    """Whether the lexicon found quoted speech here and nothing said in earnest."""
    here = [match for match in matches if match.chars.overlaps(clause.chars) and match.entry.alone]
    return bool(here) and all(match.doubts for match in here)
