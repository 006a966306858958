"""Hang-ups: found, missed or false, and how far off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.calls import Party
from callaudit.domain.hangups import Hangup
from callaudit.evaluation.truth import Truth

FALSE_BEFORE_END_MS = 1000


class HangupVerdict(StrEnum):
    """What became of the hang-up of one call."""

    FOUND = "found"
    MISSED = "missed"
    FALSE = "false"
    """Set before the parties had finished, on a call where nobody hung up."""
    NONE = "none"
    """Nothing to find and nothing false. A hang-up set after the last word of the parties does no harm."""


@dataclass(frozen=True, slots=True)
class HangupScore:
    """The hang-up of one call against the truth."""

    verdict: HangupVerdict
    error_ms: int | None = None
    """Found minus true; positive where it was set too late. None unless found."""
    kind: str | None = None
    """What tells the true hang-up, such as `closing`; None where there is none."""


def score_hangup(truth: Truth, hangup: Hangup | None) -> HangupScore:
    """Compare the hang-up that was located with the true one."""
    if truth.hangup is not None:
        if hangup is None:
            return HangupScore(HangupVerdict.MISSED, kind=truth.hangup.kind)
        return HangupScore(HangupVerdict.FOUND, hangup.at_ms - truth.hangup.at_ms, truth.hangup.kind)
    last_word_ms = max((said.span.end_ms for said in truth.utterances if said.party is not Party.SYSTEM), default=0)
    cuts = hangup is not None and hangup.at_ms < last_word_ms - FALSE_BEFORE_END_MS
    return HangupScore(HangupVerdict.FALSE if cuts else HangupVerdict.NONE)
