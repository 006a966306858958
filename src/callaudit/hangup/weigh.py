"""One hang-up out of several witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callaudit.domain.hangups import Hangup, HangupEvidence, HangupSource

HANGS_UP_WITHIN_MS = 5000
"""Customers hang up this soon after the goodbye: a closing that much earlier agrees with the hang-up, in ms."""
CONTRADICTION_FACTOR = 0.85
"""What one contradicting witness leaves of the confidence."""


def weigh(witnesses: Sequence[HangupEvidence], spoken_ms: Sequence[int]) -> Hangup | None:
    """Choose the time, and say who voted for and against it.

    1. The call record's hang-up goes before a busy tone, the tone before the closing exchange. The mere end of the
       call in a record goes last: it says when the line dropped, not when the conversation was over.
    2. A witness that cannot tell more than the whole second is narrowed down: to a tone within its uncertainty, or to
       what is left of it after the goodbye.
    3. Where somebody spoke between the closing exchange and that time, the line was merely left open: the
       conversation was over with the closing, and nobody had hung up.

    Args:
        witnesses: all of them, those that spoke against themselves (`supports` false) included.
        spoken_ms: starts of speech that belongs to no closing, by agent or unknown, in ms.

    Returns:
        The hang-up; None without a supporting witness. Confidence is `1 - Π(1 - confidence)` over the agreeing
        witnesses, times 0.85 for each that disagrees.
    """
    supporting = sorted((witness for witness in witnesses if witness.supports), key=_rank)
    if not supporting:
        return None
    first = supporting[0]
    closing = next((witness for witness in supporting if witness.source is HangupSource.CLOSING), None)
    if closing is not None and any(closing.at_ms <= start_ms < first.at_ms for start_ms in spoken_ms):
        at_ms, uncertainty_ms, by = closing.at_ms, closing.uncertainty_ms, None
    else:
        at_ms, uncertainty_ms = _narrow(first, supporting[1:])
        by = next((witness.by for witness in supporting if witness.by is not None), None)
    votes = tuple(
        replace(witness, supports=witness.supports and _agrees(witness, at_ms, uncertainty_ms)) for witness in witnesses
    )
    return Hangup(at_ms=at_ms, uncertainty_ms=uncertainty_ms, confidence=_confidence(votes), by=by, evidence=votes)


def _rank(witness: HangupEvidence) -> tuple[int, int]:
    if witness.source is HangupSource.CALL_RECORD:
        return (3 if witness.detail == "event=end" else 0), witness.at_ms
    return (1 if witness.source is HangupSource.TONE else 2), witness.at_ms


def _narrow(first: HangupEvidence, others: Sequence[HangupEvidence]) -> tuple[int, int]:
    """Time and uncertainty of the first witness, made finer by those that agree with it."""
    if first.source is not HangupSource.CALL_RECORD:
        return first.at_ms, first.uncertainty_ms
    low_ms, high_ms = first.at_ms - first.uncertainty_ms, first.at_ms + first.uncertainty_ms
    for other in others:
        finer = other.uncertainty_ms < first.uncertainty_ms
        if finer and other.source is HangupSource.TONE and low_ms <= other.at_ms + other.uncertainty_ms:
            if other.at_ms - other.uncertainty_ms <= high_ms:
                return other.at_ms, other.uncertainty_ms
        elif finer and low_ms < other.at_ms - other.uncertainty_ms < high_ms:
            low_ms = other.at_ms - other.uncertainty_ms
    return (low_ms + high_ms) // 2, (high_ms - low_ms + 1) // 2


def _agrees(witness: HangupEvidence, at_ms: int, uncertainty_ms: int) -> bool:
    """Whether the witness's time and the chosen one can be the same; goodbyes come a moment before the hang-up."""
    early_ms = HANGS_UP_WITHIN_MS if witness.source is HangupSource.CLOSING else 0
    allowed_ms = witness.uncertainty_ms + uncertainty_ms
    return -allowed_ms <= at_ms - witness.at_ms <= allowed_ms + early_ms


def _confidence(votes: Sequence[HangupEvidence]) -> float:
    doubt, factor = 1.0, 1.0
    for vote in votes:
        if vote.supports:
            doubt *= 1 - vote.confidence
        else:
            factor *= CONTRADICTION_FACTOR
    return round((1 - doubt) * factor, 3)
