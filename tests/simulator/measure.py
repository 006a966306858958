"""What became of simulated calls: hang-ups in ms, talk after the hang-up by utterance, flags on innocent calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category
from callaudit.domain.spans import TimeSpan
from callaudit.evaluation.timing import FALSE_BEFORE_END_MS
from tests.simulator.render import SimulatedCall
from tests.simulator.script import Script, Shape

NEAR_MS = 2000
"""A hang-up further off than this is not the one that happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMeasure:
    """One call against its truth."""

    script: Script
    is_true: bool
    """Whether there was a hang-up to find, and not to find it is a fault."""
    is_set: bool
    """Whether one was reported."""
    error_ms: int | None
    """Reported minus true, where both are there; to the nearest where several moments are right."""
    is_false: bool
    """A hang-up well before the last word of a call that had none."""
    said_after: int
    """Utterances after the hang-up."""
    found_after: int
    """Of those, how many a finding covers by half."""
    reported: int
    """Findings of speech after the hang-up."""
    right: int
    """Of those, how many meet an utterance that is."""
    false_tones: int
    """Tones reported where the exchange sent none that ends a call."""

    @property
    def is_found(self) -> bool:
        """Whether the hang-up is where it was."""
        return self.error_ms is not None and abs(self.error_ms) <= NEAR_MS

    @property
    def is_wrong(self) -> bool:
        """Whether anything went wrong at all."""
        lost = self.is_true and not self.is_found
        wrong = self.is_false or self.false_tones > 0 or self.right < self.reported
        return lost or wrong or self.found_after < self.said_after


def measure(call: SimulatedCall, judged: JudgedCall) -> CallMeasure:
    """Compare one judged call with its truth."""
    truth, hangup = call.truth, judged.analysis.hangup
    error_ms, is_false = None, False
    if hangup is not None and truth.hangup is not None:
        right_ms = (truth.hangup.at_ms, *truth.other_ends_ms)
        error_ms = min((hangup.at_ms - at_ms for at_ms in right_ms), key=abs)
    elif hangup is not None:
        last_ms = max((said.span.end_ms for said in truth.spoken if said.party is not Party.SYSTEM), default=0)
        is_false = hangup.at_ms < last_ms - FALSE_BEFORE_END_MS
    sent = [heard.span for heard in truth.tones if heard.sound.signal.ends_the_call]
    claims = [item.span for item in judged.findings if item.category is Category.POST_HANGUP]
    return CallMeasure(
        script=call.script,
        is_true=truth.hangup is not None and (hangup is not None or call.script.must_be_found),
        is_set=hangup is not None,
        error_ms=error_ms,
        is_false=is_false,
        said_after=len(truth.after),
        found_after=sum(2 * _covered_ms(span, claims) >= span.duration_ms for span in truth.after),
        reported=len(claims),
        right=sum(any(claim.overlaps(span) for span in truth.after) for claim in claims),
        false_tones=sum(not any(tone.span.overlaps(span) for span in sent) for tone in judged.analysis.acoustics.tones),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """Several calls summed."""

    calls: int
    true: int
    found: int
    false: int
    median_ms: int | None
    p95_ms: int | None
    """Of the absolute error over found hang-ups."""
    said_after: int
    found_after: int
    reported: int
    right: int
    flagged_innocent: int
    innocent: int

    @property
    def precision(self) -> float | None:
        """Findings that meet talk after the hang-up."""
        return self.right / self.reported if self.reported else None

    @property
    def recall(self) -> float | None:
        """Utterances after the hang-up that a finding covers."""
        return self.found_after / self.said_after if self.said_after else None


def summed(measures: Iterable[CallMeasure]) -> Row:
    """One row of the table."""
    calls = list(measures)
    errors = [abs(call.error_ms) for call in calls if call.is_found and call.error_ms is not None]
    innocent = [call for call in calls if call.script.shape is Shape.INNOCENT]
    return Row(
        calls=len(calls),
        true=sum(call.is_true for call in calls),
        found=sum(call.is_found for call in calls),
        false=sum(call.is_false or (call.is_set and call.is_true and not call.is_found) for call in calls),
        median_ms=round(float(np.median(errors))) if errors else None,
        p95_ms=round(float(np.percentile(errors, 95))) if errors else None,
        said_after=sum(call.said_after for call in calls),
        found_after=sum(call.found_after for call in calls),
        reported=sum(call.reported for call in calls),
        right=sum(call.right for call in calls),
        flagged_innocent=sum(call.reported > 0 for call in innocent),
        innocent=len(innocent),
    )


def _covered_ms(span: TimeSpan, claims: Sequence[TimeSpan]) -> int:
    return max((span.overlap_ms(claim) for claim in claims), default=0)
