"""Analysed calls to findings: one file a detector, a plain tuple lists them, `fusion` brings them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.detectors.fusion import fuse
from callaudit.detectors.late_hangup import LateHangupDetector
from callaudit.detectors.on_hold import OnHoldDetector
from callaudit.detectors.post_hangup import PostHangupDetector
from callaudit.detectors.protocols import PhraseMatcher, RudenessClassifier
from callaudit.detectors.rude_speech import RudeSpeechDetector
from callaudit.detectors.score import score_call
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import Finding
from callaudit.ports import Detector
from callaudit.settings import HangupSettings

__all__ = ["FusedDetector", "detect_all", "make_detectors", "score_call"]


def make_detectors(
    matcher: PhraseMatcher, classifier: RudenessClassifier, settings: HangupSettings | None = None
) -> tuple[Detector, ...]:
    """Every detector there is.

    Args:
        matcher: finds lexicon entries.
        classifier: scores rudeness.
        settings: `[hangup]`; defaults where None.
    """
    settings = settings or HangupSettings()
    return (
        RudeSpeechDetector(matcher, classifier),
        PostHangupDetector(settings),
        OnHoldDetector(settings),
        LateHangupDetector(settings),
    )


def detect_all(analysis: CallAnalysis, detectors: Sequence[Detector]) -> tuple[Finding, ...]:
    """Findings of all detectors, fused, by time, with ids that are the same on every run."""
    return fuse(analysis, [finding for detector in detectors for finding in detector.detect(analysis)])


@dataclass(frozen=True, slots=True)
class FusedDetector:
    """Several detectors as one (a `Detector`)."""

    detectors: tuple[Detector, ...]

    @property
    def name(self) -> str:
        """Names of the detectors."""
        return "+".join(detector.name for detector in self.detectors)

    @property
    def version(self) -> str:
        """Versions of the detectors and of the fusion."""
        return "fusion 6;" + ";".join(f"{detector.name} {detector.version}" for detector in self.detectors)

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """All findings of a call, fused, by time."""
        return detect_all(analysis, self.detectors)
