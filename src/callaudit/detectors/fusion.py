"""Findings of all detectors brought together.

1. What customers and machines say makes no finding.
2. After the hang-up a rude finding is one step graver.
3. Speech after the hang-up is a finding of its own, minor where harmless; with rude findings inside it is as grave as
   the gravest of them, and at least major.
4. Circumstances are added and weigh on the confidence (`confidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from callaudit.detectors.confidence import weighed
from callaudit.detectors.context import circumstances
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import JUDGED_PARTIES
from callaudit.domain.findings import (
    Category,
    ContextEvidence,
    Finding,
    Phase,
    Severity,
)


def fuse(analysis: CallAnalysis, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Bring the findings of all detectors on one call together, by time."""
    judged = [finding for finding in findings if finding.party in JUDGED_PARTIES]
    timing = [finding for finding in judged if finding.category is Category.POST_HANGUP]
    speech = [finding for finding in judged if finding.category is not Category.POST_HANGUP]
    rude = [_aggravated(finding) for finding in speech]
    fused = [*rude, *(_with_rude_inside(finding, rude) for finding in timing)]
    return tuple(sorted((_in_context(finding, analysis) for finding in fused), key=_by_time))


def _by_time(finding: Finding) -> tuple[object, ...]:
    return finding.span, finding.category.value, finding.finding_id


def _aggravated(finding: Finding) -> Finding:
    if finding.phase is not Phase.AFTER_HANGUP:
        return finding
    return replace(finding, severity=finding.severity.raised())


def _with_rude_inside(timing: Finding, rude: Sequence[Finding]) -> Finding:
    inside = [
        finding.severity
        for finding in rude
        if finding.phase is Phase.AFTER_HANGUP
        and finding.span.overlaps(timing.span)
        and set(finding.utterances) & set(timing.utterances)
    ]
    if not inside:
        return timing
    return replace(timing, severity=max([Severity.MAJOR, *inside], key=lambda severity: severity.rank))


def _in_context(finding: Finding, analysis: CallAnalysis) -> Finding:
    """The finding with its circumstances, its confidence weighed by all of them."""
    evidence = (*finding.evidence, *circumstances(finding, analysis))
    weights = [item for item in evidence if isinstance(item, ContextEvidence)]
    return replace(finding, evidence=evidence, confidence=weighed(finding.confidence, weights))
