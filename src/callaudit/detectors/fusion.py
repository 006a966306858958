"""Findings of all detectors brought together.

1. What customers and machines say makes no finding.
2. After the hang-up, and while the customer is on hold, a rude finding is one step graver.
3. Speech after the hang-up or on hold is a finding of its own, minor where harmless; with rude findings inside it is as
   grave as the gravest of them, and at least major.
4. Speech that the hang-up stage explains as harmless is no finding, unless a rude finding lies inside it.
5. A line left open is a finding of its own: what is said meanwhile makes it no graver, and it makes nothing graver.
6. Circumstances are added and weigh on the confidence (`confidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from callaudit.detectors.confidence import weighed
from callaudit.detectors.context import circumstances
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import JUDGED_PARTIES
from callaudit.domain.findings import SPEECH_CATEGORIES, TALK_CATEGORIES, Category, ContextEvidence, Finding, Severity
from callaudit.domain.hangups import YIELDS_TO_RUDENESS


def fuse(analysis: CallAnalysis, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Bring the findings of all detectors on one call together, by time."""
    judged = [finding for finding in findings if finding.party in JUDGED_PARTIES]
    timing = [finding for finding in judged if finding.category in TALK_CATEGORIES]
    open_line = [finding for finding in judged if finding.category is Category.LATE_HANGUP]
    rude = [_aggravated(finding) for finding in judged if finding.category in SPEECH_CATEGORIES]
    fused = [*rude, *_timed(analysis, timing, rude), *open_line]
    return tuple(sorted((_in_context(finding, analysis) for finding in fused), key=_by_time))


def _by_time(finding: Finding) -> tuple[object, ...]:
    return finding.span, finding.category.value, finding.finding_id


def _aggravated(finding: Finding) -> Finding:
    if not finding.phase.is_out_of_hearing:
        return finding
    return replace(finding, severity=finding.severity.raised())


def _timed(analysis: CallAnalysis, timing: Iterable[Finding], rude: Sequence[Finding]) -> Iterator[Finding]:
    """Speech after the hang-up or on hold, what is harmless and explained left out."""
    excused = [item for item in analysis.passed_over if item.reason in YIELDS_TO_RUDENESS]
    for finding in timing:
        inside = _rude_inside(finding, rude)
        if inside:
            yield replace(finding, severity=max([Severity.MAJOR, *inside], key=lambda severity: severity.rank))
        elif not any(item.explains(finding.party, finding.span) for item in excused):
            yield finding


def _rude_inside(timing: Finding, rude: Sequence[Finding]) -> list[Severity]:
    """Severities of the rude findings in a talk."""
    return [
        finding.severity
        for finding in rude
        if finding.phase is timing.phase
        and finding.span.overlaps(timing.span)
        and set(finding.utterances) & set(timing.utterances)
    ]


def _in_context(finding: Finding, analysis: CallAnalysis) -> Finding:
    """The finding with its circumstances, its confidence weighed by all of them."""
    evidence = (*finding.evidence, *circumstances(finding, analysis))
    weights = [item for item in evidence if isinstance(item, ContextEvidence)]
    return replace(finding, evidence=evidence, confidence=weighed(finding.confidence, weights))
