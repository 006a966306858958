"""How sure a finding is: a plain sum that can be read out.

    confidence = 1 - Π(1 - strength of each witness) + Σ weight of each circumstance, within 0.05..0.99

Strengths and weights are judgements that rank findings, not measured probabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod

from callaudit.domain.findings import ContextEvidence, MatchPath

EXACT = 0.8
"""A lexicon phrase that flags alone, by its characters."""
SOUND = 0.6
"""The same by its sound."""
WEAK = 0.2
"""A lexicon phrase that only adds weight."""
CLASSIFIER_FROM, CLASSIFIER_TO = 0.5, 0.9
"""A score at the threshold, and a score of 1."""
LOWEST, HIGHEST = 0.05, 0.99

CONTEXT_WEIGHTS: Mapping[str, float] = {
    "after_hangup": 0.05,
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


def phrase_strength(alone: bool, path: MatchPath) -> float:
    """What a lexicon match is worth."""
    if not alone:
        return WEAK
    return EXACT if path is MatchPath.EXACT else SOUND


def classifier_strength(score: float, threshold: float) -> float:
    """What a classifier score at or over its threshold is worth."""
    over = (score - threshold) / max(1e-9, 1 - threshold)
    return CLASSIFIER_FROM + (CLASSIFIER_TO - CLASSIFIER_FROM) * min(1.0, max(0.0, over))


def combined(strengths: Iterable[float]) -> float:
    """Several witnesses together."""
    return 1 - prod(1 - strength for strength in strengths)


def weighed(strength: float, circumstances: Iterable[ContextEvidence]) -> float:
    """Confidence under these circumstances, rounded to thousandths."""
    total = strength + sum(item.weight for item in circumstances)
    return round(min(HIGHEST, max(LOWEST, total)), 3)
