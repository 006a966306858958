"""Rude speech: what is said in one breath, weighed by lexicon and classifier together.

A breath is an utterance, or as many of its clauses as make up `LONGEST_BREATH`. It is judged as a whole, because its
clauses explain one another: 哪个王八羔子扎我车胎 不是 是钉子 insults nobody. What is quoted and played is then the
clause that gave rise to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callaudit.detectors.clauses import (
    Clause,
    breaths_of,
    clause_at,
    clauses_within,
    judged_utterances,
    phase_of_clause,
)
from callaudit.detectors.cues import cues_of
from callaudit.detectors.gravity import gravity
from callaudit.detectors.protocols import PhraseMatcher, RudenessClassifier, RudenessScore
from callaudit.detectors.witnesses import covers, evidence_of
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import Category, ClassifierEvidence, Finding, Phase, Severity, finding_id
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.spans import CharSpan
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.phrases import read_closing
from callaudit.lexicon.matcher import LexiconMatch

NAME = "rude_speech"
SEVERITY = {Category.INSULT: Severity.MAJOR, Category.THREAT: Severity.MAJOR}
"""Severity by category where no lexicon entry says better; minor for all others."""
MIN_CHARS = 2
FEW_WORDS = 2
"""So few characters beside entries that only add weight add nothing: 我不知道, 这个办不了啊."""


@dataclass(frozen=True, slots=True)
class JudgedBreath:
    """A breath with all that witnesses say of it."""

    breath: Clause
    phase: Phase
    matches: tuple[LexiconMatch, ...]
    """What the lexicon found and counts for this party in this phase, by place; doubtful matches included."""
    score: RudenessScore

    def earnest(self, within: Clause) -> tuple[LexiconMatch, ...]:
        """The matches in a clause that nothing speaks against."""
        return tuple(match for match in self.matches if not match.doubts and match.chars.overlaps(within.chars))


class RudeSpeechDetector:
    """One finding for each clause that makes its breath rude (a `Detector`).

    Left out are goodbyes, breaths in which all that the lexicon finds is quoted, and those that hold nothing but
    entries which only add weight. While a survey runs, only entries that flag alone are believed: the classifier does
    not know its announcements.
    """

    name = NAME

    def __init__(self, matcher: PhraseMatcher, classifier: RudenessClassifier) -> None:
        self._matcher = matcher
        self._classifier = classifier
        self._lexicon = matcher.version  # asked for once: it is a digest of all entries
        self.version = f"2 {classifier.name} {classifier.version} {classifier.threshold:g} {self._lexicon}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time."""
        surveys = [item.span for item in analysis.passed_over if item.reason is PassedOverReason.SURVEY]
        found: list[Finding] = []
        for utterance in judged_utterances(analysis):
            in_survey = any(utterance.span.overlaps(span) for span in surveys)
            for judged in self.judge(utterance, analysis):
                if self._is_rude(judged) and not (in_survey and not judged_alone(judged)):
                    found += (self._finding(clause, judged, analysis) for clause in self._carriers(judged))
        return tuple(found)

    def judge(self, utterance: Utterance, analysis: CallAnalysis) -> Iterator[JudgedBreath]:
        """Every breath of an utterance in which there is something to judge."""
        matches = self._matcher.match(utterance.text)
        for breath in breaths_of(utterance):
            if len(breath.text) < MIN_CHARS or read_closing(breath.text).only:
                continue
            phase = phase_of_clause(breath, analysis)
            counting = tuple(
                match
                for match in matches
                if match.chars.overlaps(breath.chars) and covers(match.entry, utterance.party, phase)
            )
            yield JudgedBreath(breath, phase, counting, self._classifier.score(breath.text, cues_of(counting)))

    def _is_rude(self, judged: JudgedBreath) -> bool:
        if judged.score.rude < self._classifier.threshold or cues_of(judged.matches).doubtful:
            return False
        return judged_alone(judged) or _words_beside(judged) > FEW_WORDS

    def _carriers(self, judged: JudgedBreath) -> Sequence[Clause]:
        """The clauses of a rude breath that make it so, by place.

        Those are the ones in which an entry flags alone, and those that would be rude by themselves. Without any of
        them it is the one whose absence would change most.
        """
        clauses = clauses_within(judged.breath)
        if len(clauses) < 2:
            return [judged.breath]
        named = _joined(clauses, [match for match in judged.earnest(judged.breath) if match.entry.alone])
        others = (clause for clause in clauses if not any(clause.chars.overlaps(one.chars) for one in named))
        rude = [clause for clause in others if self._score_of(clause, judged) >= self._classifier.threshold]
        found = sorted([*named, *rude], key=lambda clause: clause.chars)
        return found or [min(clauses, key=lambda clause: self._score_without(clause, judged.breath))]

    def _score_of(self, clause: Clause, judged: JudgedBreath) -> float:
        return self._classifier.score(clause.text, cues_of(judged.earnest(clause))).rude

    def _score_without(self, clause: Clause, breath: Clause) -> float:
        text, start = breath.text, breath.chars.start
        rest = f"{text[: clause.chars.start - start]} {text[clause.chars.end - start :]}".strip()
        return self._classifier.score(rest).rude

    def _finding(self, clause: Clause, judged: JudgedBreath, analysis: CallAnalysis) -> Finding:
        matches, utterance, score = judged.earnest(clause), clause.utterance, judged.score
        entries = [match.entry for match in matches if match.entry.alone]
        gravest = max(entries, key=gravity, default=None)
        label = Category(score.label)
        category = gravest.category if gravest else label
        witness = ClassifierEvidence(
            model=f"{self._classifier.name} {self._classifier.version}",
            label=label,
            score=score.rude,
            threshold=self._classifier.threshold,
            features=self._classifier.reasons(judged.breath.text),
        )
        return Finding(
            finding_id=finding_id(analysis.call.recording.sha256, NAME, category, clause.span),
            detector=NAME,
            category=category,
            severity=gravest.severity if gravest else SEVERITY.get(label, Severity.MINOR),
            confidence=score.rude,
            party=utterance.party,
            party_basis=utterance.party_basis,
            span=clause.span,
            phase=judged.phase,
            quote=clause.text,
            utterances=(utterance.index,),
            chars=clause.chars,
            evidence=(*(evidence_of(match, self._lexicon) for match in matches), witness),
        )


def judged_alone(judged: JudgedBreath) -> bool:
    """Whether an entry that flags alone is among what was found."""
    return any(match.entry.alone for match in judged.earnest(judged.breath))


def _words_beside(judged: JudgedBreath) -> int:
    """Letters, digits and characters of a breath that are in no entry which only adds weight."""
    weak = [match.chars for match in judged.matches if not match.entry.alone]
    first = judged.breath.chars.start
    places = (first + at for at, char in enumerate(judged.breath.text) if char.isalnum())
    return sum(not any(span.start <= place < span.end for span in weak) for place in places)


def _joined(clauses: Sequence[Clause], matches: Sequence[LexiconMatch]) -> list[Clause]:
    """The clauses that matches stand in, by place; those that one match reaches over are one."""
    spans: list[CharSpan] = []
    for match in matches:
        touched = [clause.chars for clause in clauses if clause.chars.overlaps(match.chars)]
        if not touched:
            continue
        span = CharSpan(touched[0].start, touched[-1].end)
        if spans and spans[-1].overlaps(span):
            last = spans.pop()
            span = CharSpan(last.start, max(last.end, span.end))
        spans.append(span)
    return [clause_at(clauses[0].utterance, span) for span in spans]
