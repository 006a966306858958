"""Contempt while the customer is on hold or the microphone muted (保持中讲话)."""

from __future__ import annotations

from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import Category, Finding, OnHoldEvidence, Phase, Severity, finding_id
from callaudit.domain.holds import Hold, HoldSource
from callaudit.hangup.boundary import is_after
from callaudit.hangup.hold import talks_on_hold
from callaudit.hangup.stretches import speech_stretches
from callaudit.hangup.talks import Talk
from callaudit.settings import HangupSettings

NAME = "on_hold"
CONFIDENCE = {HoldSource.RECORD_HOLD: 0.9, HoldSource.RECORD_MUTE: 0.9, HoldSource.MUSIC: 0.8}
"""How sure it is that the customer did not hear it; judgements, as those of the witnesses of a hang-up."""


class OnHoldDetector:
    """One finding for each talk in a hold, minor in itself (a `Detector`).

    Counts what agents, or speakers nobody can name, say. The fusion makes it graver where the talk is rude, and drops
    what the hang-up stage explains as consulting as long as it is not.
    """

    name = NAME

    def __init__(self, settings: HangupSettings) -> None:
        self._min_speech_ms = settings.min_speech_ms
        self.version = f"1:{settings.min_speech_ms}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings by time; none without a hold."""
        if not analysis.holds:
            return ()
        stretches = speech_stretches(analysis.call, analysis.acoustics, analysis.transcript.utterances)
        before = [stretch for stretch in stretches if not is_after(stretch.span, analysis.hangup)]
        findings = (
            _finding(talk, hold, analysis)
            for talk, hold in talks_on_hold(before, analysis.holds)
            if talk.speech_ms >= self._min_speech_ms
        )
        return tuple(sorted(findings, key=lambda finding: finding.span))


def _finding(talk: Talk, hold: Hold, analysis: CallAnalysis) -> Finding:
    return Finding(
        finding_id=finding_id(analysis.call.recording.sha256, NAME, Category.ON_HOLD, talk.span),
        detector=NAME,
        category=Category.ON_HOLD,
        severity=Severity.MINOR,
        confidence=CONFIDENCE[hold.source],
        party=talk.party,
        party_basis=talk.stretches[0].party_basis,
        span=talk.span,
        phase=Phase.ON_HOLD,
        quote=" ".join(stretch.text for stretch in talk.stretches),
        utterances=tuple(sorted({stretch.utterance for stretch in talk.stretches if stretch.utterance is not None})),
        evidence=(OnHoldEvidence(hold=hold, speech_ms=talk.speech_ms),),
    )
