"""Speech that goes on after the hang-up (挂机后讲话)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from callaudit.detectors.confidence import circumstance
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import JUDGED_PARTIES
from callaudit.domain.findings import (
    Category,
    Evidence,
    Finding,
    Phase,
    PostHangupEvidence,
    Severity,
    finding_id,
)
from callaudit.domain.hangups import Hangup, PassedOver, PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.boundary import is_after
from callaudit.hangup.stretches import Stretch, speech_stretches
from callaudit.settings import HangupSettings

NAME = "post_hangup"
SAME_TALK_MS = 4000
"""Speech with shorter pauses is one finding, in ms."""
MIN_WORDLESS_MS = 1000
"""Speech that got no text at all counts from this length, in ms: shorter sounds are coughs and handsets."""


class PostHangupDetector:
    """One finding for each talk after the hang-up, minor in itself (a `Detector`).

    Counts what agents, or speakers nobody can name, say after the hang-up, text or not, and leaves out what the
    hang-up stage has explained as innocent. The fusion makes it graver where the talk is rude.
    """

    name = NAME

    def __init__(self, settings: HangupSettings) -> None:
        self._min_speech_ms = settings.min_speech_ms
        self.version = f"2:{settings.min_speech_ms}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time; none without a hang-up."""
        hangup = analysis.hangup
        if hangup is None:
            return ()
        stretches = [
            stretch
            for stretch in speech_stretches(analysis.call, analysis.acoustics, analysis.transcript.utterances)
            if stretch.party in JUDGED_PARTIES
            and is_after(stretch.span, hangup)
            and not _is_passed_over(stretch, analysis.passed_over)
        ]
        talks = [talk for talk in _talks(stretches) if self._counts(talk)]
        return tuple(_finding(talk, hangup, analysis) for talk in talks)

    def _counts(self, talk: Sequence[Stretch]) -> bool:
        """Whether a talk is long enough."""
        wordless = not any(stretch.text for stretch in talk)
        least_ms = max(self._min_speech_ms, MIN_WORDLESS_MS) if wordless else self._min_speech_ms
        return _speech_ms(talk) >= least_ms


def _is_passed_over(stretch: Stretch, passed_over: Sequence[PassedOver]) -> bool:
    """Whether most of a stretch is explained; a survey explains whoever seems to speak.

    Dialogue that went on is dialogue before the hang-up, and explains nothing after it.
    """
    return any(
        item.reason is not PassedOverReason.DIALOGUE_WENT_ON
        and (item.party is stretch.party or item.reason is PassedOverReason.SURVEY)
        and 2 * item.span.overlap_ms(stretch.span) >= max(1, stretch.span.duration_ms)
        for item in passed_over
    )


def _talks(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    """Stretches of one party with short pauses between them."""
    talks: list[list[Stretch]] = []
    by_party = sorted(stretches, key=lambda stretch: (stretch.party, stretch.span))
    for _, same in groupby(by_party, key=lambda stretch: stretch.party):
        talk: list[Stretch] = []
        for stretch in same:
            if talk and stretch.span.start_ms - max(other.span.end_ms for other in talk) > SAME_TALK_MS:
                talks.append(talk)
                talk = []
            talk.append(stretch)
        talks.append(talk)
    return sorted(talks, key=lambda talk: talk[0].span)


def _speech_ms(talk: Sequence[Stretch]) -> int:
    return sum(stretch.span.duration_ms for stretch in talk)


def _finding(talk: Sequence[Stretch], hangup: Hangup, analysis: CallAnalysis) -> Finding:
    """One finding for a talk, which is one party's."""
    span = TimeSpan(talk[0].span.start_ms, max(stretch.span.end_ms for stretch in talk))
    witness = PostHangupEvidence(
        hangup_at_ms=hangup.at_ms,
        uncertainty_ms=hangup.uncertainty_ms,
        delay_ms=max(0, span.start_ms - hangup.at_ms),
        speech_ms=_speech_ms(talk),
        sources=tuple(dict.fromkeys(vote.source for vote in hangup.evidence if vote.supports)),
    )
    evidence: list[Evidence] = [witness]
    if not any(stretch.text for stretch in talk):
        evidence.append(circumstance("no_words"))
    if any(stretch.words.service for stretch in talk):
        evidence.append(circumstance("addresses_customer"))
    return Finding(
        finding_id=finding_id(analysis.call.recording.sha256, NAME, Category.POST_HANGUP, span),
        detector=NAME,
        category=Category.POST_HANGUP,
        severity=Severity.MINOR,
        confidence=hangup.confidence,
        party=talk[0].party,
        party_basis=talk[0].party_basis,
        span=span,
        phase=Phase.AFTER_HANGUP,
        quote=" ".join(stretch.text for stretch in talk if stretch.text),
        utterances=tuple(sorted({stretch.utterance for stretch in talk if stretch.utterance is not None})),
        evidence=tuple(evidence),
    )
