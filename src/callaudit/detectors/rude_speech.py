"""Rude speech: what is said in one breath, weighed by lexicon and classifier together.

A breath is an utterance, or as many of its clauses as make up `LONGEST_BREATH`. It is judged as a whole, because its
clauses explain one another. What is quoted and played is then the clause that gave rise to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
from callaudit.detectors.surveys import surveys_by_channel
from callaudit.detectors.witnesses import covered, evidence_of
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import Category, ClassifierEvidence, Finding, Phase, Severity, finding_id
from callaudit.domain.spans import CharSpan, TimeSpan
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
class Judged:
    """A breath, or a clause of it, with all that witnesses say of it."""

    stretch: Clause
    phase: Phase
    matches: tuple[LexiconMatch, ...]
    """What the lexicon found and counts for this party in this phase, by place; doubtful matches included."""
    score: RudenessScore

    @property
    def earnest(self) -> tuple[LexiconMatch, ...]:
        """The matches that nothing speaks against."""
        return tuple(match for match in self.matches if not match.doubts)

    @property
    def named(self) -> tuple[LexiconMatch, ...]:
        """Those of them that flag alone."""
        return tuple(match for match in self.earnest if match.entry.alone)


class RudeSpeechDetector:
    """One finding for each clause that makes its breath rude (a `Detector`).

    Left out are goodbyes, breaths in which all that the lexicon finds is quoted, and those that hold nothing but
    entries which only add weight. While a survey is heard on the channel, only entries that flag alone are believed:
    the classifier does not know its prompts.
    """

    name = NAME

    def __init__(self, matcher: PhraseMatcher, classifier: RudenessClassifier) -> None:
        self._matcher = matcher
        self._classifier = classifier
        self._lexicon = matcher.version  # asked for once: it is a digest of all entries
        self.version = f"4 {classifier.name} {classifier.version} {classifier.threshold:g} {self._lexicon}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time."""
        return self.findings(self.judge_all(analysis), analysis)

    def judge_all(self, analysis: CallAnalysis) -> tuple[Judged, ...]:
        """Every breath of a call in which there is something to judge."""
        return tuple(breath for utterance in judged_utterances(analysis) for breath in self._judge(utterance, analysis))

    def findings(self, judged: Iterable[Judged], analysis: CallAnalysis) -> tuple[Finding, ...]:
        """What the judged breaths of a call come to."""
        surveys = surveys_by_channel(analysis)
        return tuple(
            self._finding(offence, analysis)
            for breath in judged
            if breath.named or not _lies_in_any(breath.stretch.utterance, surveys)
            for offence in self._offences(breath)
        )

    def _judge(self, utterance: Utterance, analysis: CallAnalysis) -> Iterator[Judged]:
        """Every breath of an utterance in which there is something to judge; none reaches over the hang-up."""
        matches = self._matcher.match(utterance.text)
        for stretch in breaths_of(utterance, lambda clause: phase_of_clause(clause, analysis)):
            judged = self._judged(stretch, phase_of_clause(stretch, analysis), matches)
            if judged.named or not (len(stretch.text) < MIN_CHARS or read_closing(stretch.text).only):
                yield judged

    def _judged(self, stretch: Clause, phase: Phase, matches: Iterable[LexiconMatch]) -> Judged:
        within = (match for match in matches if match.chars.overlaps(stretch.chars))
        counting = covered(within, stretch.utterance.party, phase)
        return Judged(stretch, phase, counting, self._classifier.score(stretch.text, cues_of(counting)))

    def _is_rude(self, judged: Judged) -> bool:
        if judged.score.rude < self._classifier.threshold or cues_of(judged.matches).doubtful:
            return False
        return bool(judged.named) or _words_beside(judged) > FEW_WORDS

    def _offences(self, breath: Judged) -> list[Judged]:
        """The clauses that make a breath rude, by place.

        Those are the ones in which an entry flags alone, and those that would be rude by themselves. Without any of
        them it is the one whose absence would change most, with all that was found in the breath.
        """
        clauses = clauses_within(breath.stretch)
        if not self._is_rude(breath):
            return []
        if len(clauses) < 2:
            return [breath]
        parts = [self._judged(one, breath.phase, breath.matches) for one in _joined(clauses, breath.named)]
        others = (clause for clause in clauses if not any(clause.chars.overlaps(part.stretch.chars) for part in parts))
        rude = [
            part for part in (self._judged(one, breath.phase, breath.matches) for one in others) if self._is_rude(part)
        ]
        found = [*(_surer(part, breath) for part in parts), *rude]
        if found:
            return sorted(found, key=lambda part: part.stretch.chars)
        return [replace(breath, stretch=min(clauses, key=lambda clause: self._score_without(clause, breath)))]

    def _score_without(self, clause: Clause, breath: Judged) -> float:
        text, start = breath.stretch.text, breath.stretch.chars.start
        rest = f"{text[: clause.chars.start - start]} {text[clause.chars.end - start :]}".strip()
        left = [match for match in breath.matches if not match.chars.overlaps(clause.chars)]
        return self._classifier.score(rest, cues_of(left)).rude

    def _finding(self, judged: Judged, analysis: CallAnalysis) -> Finding:
        clause, utterance, score = judged.stretch, judged.stretch.utterance, judged.score
        gravest = max((match.entry for match in judged.named), key=gravity, default=None)
        label = Category(score.label)
        category = gravest.category if gravest else label
        witness = ClassifierEvidence(
            model=f"{self._classifier.name} {self._classifier.version}",
            label=label,
            score=score.rude,
            threshold=self._classifier.threshold,
            features=self._classifier.reasons(clause.text),
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
            evidence=(*(evidence_of(match, self._lexicon) for match in judged.earnest), witness),
        )


def _lies_in_any(utterance: Utterance, surveys: Mapping[int, tuple[TimeSpan, ...]]) -> bool:
    return any(utterance.span.overlaps(survey) for survey in surveys.get(utterance.channel, ()))


def _surer(part: Judged, breath: Judged) -> Judged:
    """The part with its own score or its breath's, whichever speaks more clearly."""
    return part if part.score.rude >= breath.score.rude else replace(part, score=breath.score)


def _words_beside(judged: Judged) -> int:
    """Letters, digits and characters that are in no entry which only adds weight."""
    weak = [match.chars for match in judged.matches if not match.entry.alone]
    first = judged.stretch.chars.start
    places = (first + at for at, char in enumerate(judged.stretch.text) if char.isalnum())
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
