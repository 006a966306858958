"""Hang-ups: found, missed or false, and how far off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.calls import Party
from callaudit.domain.hangups import Hangup
from callaudit.evaluation.truth import Truth

NEAR_MS = 2000
"""A hang-up further off than this is not the one that happened."""
FALSE_BEFORE_END_MS = 1000


class HangupVerdict(StrEnum):
    """What became of the hang-up of one call."""

    FOUND = "found"
    MISSED = "missed"
    """None was set."""
    ELSEWHERE = "elsewhere"
    """Set over `NEAR_MS` from the true one: that one is missed, and this one false."""
    FALSE = "false"
    """Set before the parties had finished, on a call where nobody hung up."""
    NONE = "none"
    """Nothing to find and nothing false. A hang-up set after the last word of the parties does no harm."""

    @property
    def had_one(self) -> bool:
        """Whether there was a hang-up to find."""
        return self in {HangupVerdict.FOUND, HangupVerdict.MISSED, HangupVerdict.ELSEWHERE}

    @property
    def set_wrongly(self) -> bool:
        """Whether a hang-up was set where there is none."""
        return self in {HangupVerdict.FALSE, HangupVerdict.ELSEWHERE}


@dataclass(frozen=True, slots=True)
class HangupScore:
    """The hang-up of one call against the truth."""

    verdict: HangupVerdict
    error_ms: int | None = None
    """Set minus true; positive where it was set too late. None unless there are both."""
    kind: str | None = None
    """What tells the true hang-up, such as `closing`; None where there is none."""


def score_hangup(truth: Truth, hangup: Hangup | None) -> HangupScore:
    """Compare the hang-up that was located with the true one, or with the nearest where several moments are right."""
    true = truth.hangup
    if true is None:
        return HangupScore(HangupVerdict.FALSE if _cuts(truth, hangup) else HangupVerdict.NONE)
    if hangup is None:
        return HangupScore(HangupVerdict.NONE if true.is_optional else HangupVerdict.MISSED, kind=true.kind)
    error_ms = min((hangup.at_ms - at_ms for at_ms in (true.at_ms, *true.or_ms)), key=abs)
    verdict = HangupVerdict.FOUND if abs(error_ms) <= NEAR_MS else HangupVerdict.ELSEWHERE
    return HangupScore(verdict, error_ms, true.kind)


def _cuts(truth: Truth, hangup: Hangup | None) -> bool:
    """Whether a hang-up is set while the parties still talk."""
    last_word_ms = max((said.span.end_ms for said in truth.utterances if said.party is not Party.SYSTEM), default=0)
    return hangup is not None and hangup.at_ms < last_word_ms - FALSE_BEFORE_END_MS
