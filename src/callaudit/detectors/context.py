"""Circumstances that weigh for or against a rude finding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callaudit.detectors.confidence import circumstance
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.domain.findings import TIMING_CATEGORIES, Category, ContextEvidence, Finding, Phase
from callaudit.domain.hangups import PassedOverReason
from callaudit.hangup.boundary import is_surely_after

NEARBY_MS = 8000
"""An apology counts this close to the finding, in ms."""
LOW_LOGPROB = -1.0
"""Whisper's own threshold for a failed decoding."""

_APOLOGY = re.compile(r"对不起|抱歉|不好意思|请您?原谅|请您?谅解")
_POLITE = re.compile(r"请问|请您|您|谢谢|麻烦您|劳驾")
_GRAVE = frozenset({Category.INSULT, Category.THREAT})
"""A polite word excuses none of these."""


def circumstances(finding: Finding, analysis: CallAnalysis) -> Iterator[ContextEvidence]:
    """What weighs on a finding beside its witnesses; nothing on an open line, which nobody says."""
    if finding.category is Category.LATE_HANGUP:
        return
    if finding.party is Party.UNKNOWN:
        yield circumstance("party_unknown")
    if _is_badly_recognised(finding, analysis):
        yield circumstance("low_recognition_confidence")
    within = finding.phase is Phase.AFTER_HANGUP and not is_surely_after(finding.span, analysis.hangup)
    if within:
        yield circumstance("within_uncertainty")
    if finding.category in TIMING_CATEGORIES:
        return
    if finding.phase.is_out_of_hearing:
        if not within:
            yield circumstance(finding.phase.value)
    elif _has_apology_nearby(finding, analysis):
        yield circumstance("apology_nearby")
    if finding.category not in _GRAVE and _POLITE.search(finding.quote):
        yield circumstance("polite_words")
    if any(
        item.reason is PassedOverReason.SURVEY and item.span.overlaps(finding.span) for item in analysis.passed_over
    ):
        yield circumstance("in_survey")


def _is_badly_recognised(finding: Finding, analysis: CallAnalysis) -> bool:
    """Whether the engine was unsure of all the words the finding rests on."""
    mine = [said.avg_logprob for said in analysis.transcript.utterances if said.index in finding.utterances]
    return bool(mine) and max(mine) < LOW_LOGPROB


def _has_apology_nearby(finding: Finding, analysis: CallAnalysis) -> bool:
    return any(
        utterance.party is finding.party
        and utterance.span.gap_ms(finding.span) <= NEARBY_MS
        and _APOLOGY.search(utterance.text)
        for utterance in analysis.transcript.utterances
    )
