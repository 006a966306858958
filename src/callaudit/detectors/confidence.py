"""How sure a finding is: what its witnesses are worth, and what the circumstances add or take.

    confidence = witnesses + Σ weight of each circumstance, within 0.05..0.99

For rude words the witnesses are worth the calibrated probability of `classifier`. The weights of circumstances are
judgements that rank findings, not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callaudit.domain.findings import ContextEvidence

LOWEST, HIGHEST = 0.05, 0.99

CONTEXT_WEIGHTS: Mapping[str, float] = {
    "after_hangup": 0.05,
    "on_hold": 0.05,
    "within_uncertainty": -0.15,
    "party_unknown": -0.15,
    "apology_nearby": -0.15,
    "polite_words": -0.1,
    "low_recognition_confidence": -0.15,
    "in_survey": -0.2,
    "addresses_customer": -0.2,
    "no_words": -0.3,
}
"""Circumstances and what each adds to the confidence."""


def circumstance(fact: str) -> ContextEvidence:
    """A circumstance with its weight."""
    return ContextEvidence(fact=fact, weight=CONTEXT_WEIGHTS[fact])


def weighed(strength: float, circumstances: Iterable[ContextEvidence]) -> float:
    """Confidence under these circumstances, rounded to thousandths."""
    total = strength + sum(item.weight for item in circumstances)
    return round(min(HIGHEST, max(LOWEST, total)), 3)
