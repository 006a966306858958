"""One hang-up out of several witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callaudit.domain.hangups import DISCONNECTS, EndShape, Hangup, HangupBy, HangupEvidence, HangupSource
from callaudit.hangup.prompts import SURVEY_HEARD
from callaudit.hangup.record import END_OF_RECORD, SURVEY_IN_RECORD

HANGS_UP_WITHIN_MS = 5000
"""Customers hang up this soon after the goodbye: a closing that much earlier agrees with the hang-up, in ms."""
TONE_FOLLOWS_WITHIN_MS = 3000
"""The exchange answers a released line with its tone this soon, in ms."""
CLOCK_OFF_MS = 3000
"""The switch's clock may be this much off the recording's, in ms, and the call's length not betray it: what the line
itself tells goes before it."""
CONTRADICTION_FACTOR = 0.85
"""What one contradicting witness leaves of the confidence."""


def weigh(witnesses: Sequence[HangupEvidence], spoken_ms: Sequence[int]) -> Hangup | None:
    """Choose the time, and say who voted for and against it.

    1. The call record's hang-up goes before what the line itself tells, tone, change or announcement, the earliest of
       these before the closing exchange, and that before a survey. The mere end of the call in a record goes last: it
       says when the line dropped, not when the conversation was over.
    2. A witness is narrowed down by finer ones: a change of the line within its uncertainty, a tone, or what is left
       of it after the goodbye. For the call record, tone and change may lie further off, as clocks do.
    3. Where somebody spoke between the closing exchange and that time, the line was merely left open: the
       conversation was over with the closing, and nobody had hung up. Where a survey began at once, the agent had
       handed the customer to it all the same.

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
    first, closing = supporting[0], _of(HangupSource.CLOSING, supporting)
    at_ms, uncertainty_ms = _narrow(first, supporting[1:])
    left_open = closing is not None and any(
        closing.at_ms <= start_ms and (first is closing or start_ms < at_ms) for start_ms in spoken_ms
    )
    if closing is not None and left_open:
        at_ms, uncertainty_ms = closing.at_ms, closing.uncertainty_ms
    votes = tuple(
        replace(witness, supports=witness.supports and _agrees(witness, at_ms, uncertainty_ms)) for witness in witnesses
    )
    by_nobody = left_open and not any(vote.supports and vote.detail == SURVEY_HEARD for vote in votes)
    return Hangup(
        at_ms=at_ms,
        uncertainty_ms=uncertainty_ms,
        confidence=confidence(votes),
        by=HangupBy.NOBODY if by_nobody else next((vote.by for vote in votes if vote.supports and vote.by), None),
        evidence=votes,
        shape=EndShape.OPEN_LINE if by_nobody else _shape(first, votes),
    )


def confidence(votes: Sequence[HangupEvidence]) -> float:
    """What the votes are worth together, 0 to 1."""
    doubt, factor = 1.0, 1.0
    for vote in votes:
        if vote.supports:
            doubt *= 1 - vote.confidence
        else:
            factor *= CONTRADICTION_FACTOR
    return round((1 - doubt) * factor, 3)


def _of(source: HangupSource, witnesses: Sequence[HangupEvidence]) -> HangupEvidence | None:
    return next((witness for witness in witnesses if witness.source is source), None)


def _rank(witness: HangupEvidence) -> tuple[int, int]:
    if witness.source is HangupSource.CALL_RECORD:
        return (4 if witness.detail == END_OF_RECORD else 0), witness.at_ms
    if witness.source is HangupSource.CLOSING:
        return 2, witness.at_ms
    return (3 if witness.detail == SURVEY_HEARD else 1), witness.at_ms


def _shape(first: HangupEvidence, votes: Sequence[HangupEvidence]) -> EndShape | None:
    """What the end looks like where the line was not left open."""
    prompts = [vote for vote in votes if vote.source is HangupSource.PROMPT]
    if any(vote.detail == SURVEY_HEARD for vote in prompts) or first.detail == SURVEY_IN_RECORD:
        return EndShape.AFTER_TRANSFER
    if first in prompts:
        return EndShape.MACHINE_ANSWERED
    left = first.source in DISCONNECTS and first.detail != END_OF_RECORD
    return EndShape.CUSTOMER_LEFT if left and first.by in (HangupBy.CUSTOMER, None) else None


def _narrow(first: HangupEvidence, others: Sequence[HangupEvidence]) -> tuple[int, int]:
    """Time and uncertainty of the first witness, made finer by those that agree with it."""
    low_ms, high_ms = first.at_ms - first.uncertainty_ms, first.at_ms + first.uncertainty_ms
    if first.source not in DISCONNECTS:
        return first.at_ms, first.uncertainty_ms
    finer = [other for other in others if other.uncertainty_ms < first.uncertainty_ms]
    on_the_line = [other for other in finer if other.source in DISCONNECTS and other.detail != END_OF_RECORD]
    off_ms = CLOCK_OFF_MS if first.source is HangupSource.CALL_RECORD else 0
    for other in sorted(on_the_line, key=lambda other: other.uncertainty_ms):
        if low_ms - off_ms <= other.at_ms + other.uncertainty_ms and (
            other.at_ms - other.uncertainty_ms <= high_ms + off_ms
        ):
            return other.at_ms, other.uncertainty_ms
    if first.source is HangupSource.CALL_RECORD:
        for other in finer:
            if low_ms < other.at_ms - other.uncertainty_ms < high_ms:
                low_ms = other.at_ms - other.uncertainty_ms
    return (low_ms + high_ms) // 2, (high_ms - low_ms + 1) // 2


def _agrees(witness: HangupEvidence, at_ms: int, uncertainty_ms: int) -> bool:
    """Whether the witness's time and the chosen one can be the same.

    Goodbyes come a moment before the hang-up, tones and surveys a moment after it.
    """
    early_ms = HANGS_UP_WITHIN_MS if witness.source is HangupSource.CLOSING else 0
    late_ms = _comes_after_ms(witness)
    allowed_ms = witness.uncertainty_ms + uncertainty_ms
    return -allowed_ms - late_ms <= at_ms - witness.at_ms <= allowed_ms + early_ms


def _comes_after_ms(witness: HangupEvidence) -> int:
    if witness.source is HangupSource.TONE:
        return TONE_FOLLOWS_WITHIN_MS
    return HANGS_UP_WITHIN_MS if witness.detail == SURVEY_HEARD else 0
