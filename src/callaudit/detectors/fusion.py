"""Findings of all detectors brought together: one offence, one finding.

1. What customers and machines say makes no finding.
2. Rude findings on overlapping stretches of one utterance are one offence: the evidence is joined. Category and
   severity are the lexicon's gravest, because an entry can be shown to the agent concerned; the classifier's only where
   the lexicon has none.
3. After the hang-up a rude finding is one step graver.
4. Speech after the hang-up is a finding of its own, minor where harmless; with rude findings inside it is as grave as
   the gravest of them, and at least major.
5. Circumstances are added and weigh on the confidence (`confidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from callaudit.detectors.clauses import JUDGED_PARTIES
from callaudit.detectors.confidence import classifier_strength, combined, phrase_strength, weighed
from callaudit.detectors.context import circumstances
from callaudit.detectors.gravity import gravity
from callaudit.detectors.rude_phrase import NAME as RUDE_PHRASE
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import (
    Category,
    ClassifierEvidence,
    ContextEvidence,
    Evidence,
    Finding,
    LexiconEvidence,
    Phase,
    Severity,
    finding_id,
)


def fuse(analysis: CallAnalysis, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Bring the findings of all detectors on one call together, by time."""
    judged = [finding for finding in findings if finding.party in JUDGED_PARTIES]
    timing = [finding for finding in judged if finding.category is Category.POST_HANGUP]
    speech = [finding for finding in judged if finding.category is not Category.POST_HANGUP]
    rude = [_aggravated(_merged(offence, analysis)) for offence in _offences(speech)]
    fused = [*rude, *(_with_rude_inside(finding, rude) for finding in timing)]
    return tuple(sorted((_in_context(finding, analysis) for finding in fused), key=_by_time))


def _by_time(finding: Finding) -> tuple[object, ...]:
    return finding.span, finding.category.value, finding.finding_id


def _offences(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that share words, together."""
    groups: list[list[Finding]] = []
    for finding in sorted(findings, key=_by_time):
        sharing = [group for group in groups if any(_same_offence(finding, other) for other in group)]
        groups = [group for group in groups if group not in sharing]
        groups.append([*(other for group in sharing for other in group), finding])
    return groups


def _same_offence(finding: Finding, other: Finding) -> bool:
    shared = set(finding.utterances) & set(other.utterances)
    return bool(shared) and finding.span.overlaps(other.span) and _share_words(finding, other)


def _share_words(finding: Finding, other: Finding) -> bool:
    """Padding alone makes neighbouring clauses overlap in time: one must lie in the other's words."""
    return finding.quote in other.quote or other.quote in finding.quote


def _merged(offence: Sequence[Finding], analysis: CallAnalysis) -> Finding:
    """One finding for one offence."""
    if len(offence) == 1:
        return offence[0]
    by_phrase = [finding for finding in offence if finding.detector == RUDE_PHRASE]
    main = max(by_phrase or offence, key=gravity)
    ordered = sorted(offence, key=lambda finding: (finding is not main, finding not in by_phrase))
    evidence: tuple[Evidence, ...] = tuple(dict.fromkeys(item for finding in ordered for item in finding.evidence))
    identity = finding_id(analysis.call.recording.sha256, main.detector, main.category, main.span)
    return replace(main, finding_id=identity, confidence=combined(_strengths(ordered)), evidence=evidence)


def _strengths(offence: Sequence[Finding]) -> Iterator[float]:
    """What the witnesses of one offence are worth, each counted once; phrase findings come first."""
    counted: set[Evidence] = set()
    for finding in offence:
        fresh = [item for item in finding.evidence if item not in counted]
        if len(fresh) == len(finding.evidence):
            yield finding.confidence
        else:
            yield from map(_strength, fresh)
        counted.update(fresh)


def _strength(item: Evidence) -> float:
    """What a witness is worth beside a phrase finding: entries that flag alone are in that finding already."""
    if isinstance(item, ClassifierEvidence):
        return classifier_strength(item.score, item.threshold)
    return phrase_strength(False, item.path) if isinstance(item, LexiconEvidence) else 0.0


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
