"""Speech that goes on after the hang-up (挂机后讲话)."""

from __future__ import annotations

from collections.abc import Sequence

from callaudit.detectors.confidence import circumstance
from callaudit.detectors.surveys import surveys_by_channel
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
from callaudit.domain.hangups import YIELDS_TO_RUDENESS, Hangup, PassedOver, PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.boundary import is_after
from callaudit.hangup.stretches import Stretch, speech_stretches
from callaudit.hangup.talks import Talk, talks_of
from callaudit.settings import HangupSettings

NAME = "post_hangup"
MIN_WORDLESS_MS = 1000
"""Speech that got no text at all counts from this length, in ms: shorter sounds are coughs and handsets."""

_BEFORE_HANGUP = frozenset({PassedOverReason.DIALOGUE_WENT_ON, PassedOverReason.NEXT_CALL})
"""What these explain comes before the hang-up, and excuses nothing after it."""


class PostHangupDetector:
    """One finding for each talk after the hang-up, minor in itself (a `Detector`).

    Counts what agents, or speakers nobody can name, say after the hang-up, text or not. Left out are what the hang-up
    stage has explained as innocent whatever is said in it, and whoever seems to speak where a survey is heard. The
    fusion makes it graver where the talk is rude, and drops what is innocent as long as it is not.
    """

    name = NAME

    def __init__(self, settings: HangupSettings) -> None:
        self._min_speech_ms = settings.min_speech_ms
        self.version = f"4:{settings.min_speech_ms}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time; none without a hang-up."""
        hangup = analysis.hangup
        if hangup is None:
            return ()
        surveys = surveys_by_channel(analysis)
        stretches = [
            stretch
            for stretch in speech_stretches(analysis.call, analysis.acoustics, analysis.transcript.utterances)
            if stretch.party in JUDGED_PARTIES
            and is_after(stretch.span, hangup)
            and not _is_passed_over(stretch, analysis.passed_over)
            and not any(_lies_in(stretch, survey) for survey in surveys.get(stretch.channel, ()))
        ]
        talks = [talk for talk in talks_of(stretches) if self._counts(talk)]
        return tuple(_finding(talk, hangup, analysis) for talk in talks)

    def _counts(self, talk: Talk) -> bool:
        """Whether a talk is long enough."""
        least_ms = self._min_speech_ms if talk.has_words else max(self._min_speech_ms, MIN_WORDLESS_MS)
        return talk.speech_ms >= least_ms


def _is_passed_over(stretch: Stretch, passed_over: Sequence[PassedOver]) -> bool:
    """Whether most of a stretch is explained, and not as dialogue before the hang-up."""
    return any(
        item.party is stretch.party
        and item.reason not in _BEFORE_HANGUP
        and item.reason not in YIELDS_TO_RUDENESS
        and _lies_in(stretch, item.span)
        for item in passed_over
    )


def _lies_in(stretch: Stretch, span: TimeSpan) -> bool:
    return 2 * span.overlap_ms(stretch.span) >= max(1, stretch.span.duration_ms)


def _finding(talk: Talk, hangup: Hangup, analysis: CallAnalysis) -> Finding:
    """One finding for a talk, which is one party's."""
    span = talk.span
    witness = PostHangupEvidence(
        hangup_at_ms=hangup.at_ms,
        uncertainty_ms=hangup.uncertainty_ms,
        delay_ms=max(0, span.start_ms - hangup.at_ms),
        speech_ms=talk.speech_ms,
        sources=tuple(dict.fromkeys(vote.source for vote in hangup.evidence if vote.supports)),
        shape=hangup.shape,
    )
    evidence: list[Evidence] = [witness]
    if not talk.has_words:
        evidence.append(circumstance("no_words"))
    if any(stretch.words.service for stretch in talk.stretches):
        evidence.append(circumstance("addresses_customer"))
    return Finding(
        finding_id=finding_id(analysis.call.recording.sha256, NAME, Category.POST_HANGUP, span),
        detector=NAME,
        category=Category.POST_HANGUP,
        severity=Severity.MINOR,
        confidence=hangup.confidence,
        party=talk.party,
        party_basis=talk.stretches[0].party_basis,
        span=span,
        phase=Phase.AFTER_HANGUP,
        quote=" ".join(stretch.text for stretch in talk.stretches if stretch.text),
        utterances=tuple(sorted({stretch.utterance for stretch in talk.stretches if stretch.utterance is not None})),
        evidence=tuple(evidence),
    )
