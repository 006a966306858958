"""Which side of the hang-up a stretch of time lies on, and whether it lies within a hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from callaudit.domain.findings import Phase
from callaudit.domain.hangups import Hangup
from callaudit.domain.holds import Hold
from callaudit.domain.spans import TimeSpan

STRADDLE_MS = 500
"""Speech may begin this much before the hang-up and still lie after it, in ms: regions are padded."""


def is_after(span: TimeSpan, hangup: Hangup | None) -> bool:
    """Whether speech lies after the hang-up: its middle does, and it was not begun well before.

    Somebody who is cut off by the hang-up and finishes the sentence speaks before it. How uncertain the hang-up is
    moves nothing here; see `is_surely_after`.
    """
    if hangup is None or span.start_ms < hangup.at_ms - STRADDLE_MS:
        return False
    return span.start_ms + span.end_ms >= 2 * hangup.at_ms


def is_surely_after(span: TimeSpan, hangup: Hangup | None) -> bool:
    """Whether speech lies after the hang-up even if that was as late as its uncertainty allows."""
    return hangup is not None and is_after(span, replace(hangup, at_ms=hangup.at_ms + hangup.uncertainty_ms))


def hold_of(span: TimeSpan, holds: Iterable[Hold]) -> Hold | None:
    """The hold in which speech lies, but for the padding of its ends; None where it does in none.

    Speech that begins before a hold or ends after it is not in it: the customer heard some of it.
    """
    for hold in holds:
        reaches_out_ms = max(hold.span.start_ms - span.start_ms, span.end_ms - hold.span.end_ms)
        if reaches_out_ms <= STRADDLE_MS and 2 * span.overlap_ms(hold.span) >= max(1, span.duration_ms):
            return hold
    return None


def phase_of(span: TimeSpan, hangup: Hangup | None, holds: Iterable[Hold] = ()) -> Phase:
    """The phase in which something was said."""
    if is_after(span, hangup):
        return Phase.AFTER_HANGUP
    return Phase.ON_HOLD if hold_of(span, holds) else Phase.BEFORE_HANGUP
