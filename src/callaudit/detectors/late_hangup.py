"""A line that stays open long after the conversation is over (非正常挂机): an optional rule, off by default.

Customers may take their time to hang up, and many service rules oblige the agent to wait for it; where they do not for
some seconds, other rules oblige the agent to. The time runs from the closing exchange, or from the last word to or from
the customer after it, until somebody disconnects. What agents say to others meanwhile does not reset it, and is no
matter of this rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from callaudit.domain.analysis import CallAnalysis, Closing
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Finding, OpenLineEvidence, Severity, finding_id
from callaudit.domain.hangups import DISCONNECTS, EndShape, Hangup, HangupEvidence, HangupSource, PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.boundary import phase_of
from callaudit.settings import HangupSettings

NAME = "late_hangup"

_HANDED_ON = frozenset({EndShape.MACHINE_ANSWERED, EndShape.AFTER_TRANSFER})
"""Somebody else has the line then, and the agent has done his part."""
_NO_OPEN_LINE = frozenset(
    {
        PassedOverReason.SURVEY,
        PassedOverReason.NEXT_CALL,
        PassedOverReason.ON_HOLD,
        PassedOverReason.SILENT_CALLER,
    }
)
"""As above; and where the caller never spoke, waiting is what the script asks for."""
_STILL_DIALOGUE = frozenset(
    {
        PassedOverReason.DIALOGUE_WENT_ON,
        PassedOverReason.CLOSING_WORDS,
        PassedOverReason.UNNOTICED,
        PassedOverReason.UNKNOWN_SPEAKER,
    }
)
"""Words to or from the customer, or perhaps so."""


@dataclass(frozen=True, slots=True)
class _OpenLine:
    """The time in which nobody had hung up."""

    span: TimeSpan
    end: HangupEvidence | None


class LateHangupDetector:
    """One minor finding for a line that stays open longer than `open_line_s` (a `Detector`)."""

    name = NAME

    def __init__(self, settings: HangupSettings) -> None:
        self._limit_ms = round(settings.open_line_s * 1000)
        self.version = f"1:{self._limit_ms}"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """The finding, or none: where the rule is off, and where no closing exchange was heard."""
        hangup, closing = analysis.hangup, analysis.closing
        if not self._limit_ms or hangup is None or closing is None or _is_handed_on(analysis, hangup, closing):
            return ()
        line = _open_line(analysis, hangup, closing)
        if line is None or line.span.duration_ms <= self._limit_ms:
            return ()
        return (_finding(line, self._limit_ms, hangup, analysis),)


def _is_handed_on(analysis: CallAnalysis, hangup: Hangup, closing: Closing) -> bool:
    """Whether a machine, another desk or another call follows, or nobody was there at all."""
    speaks = analysis.transcript.utterances
    machine = any(said.party is Party.SYSTEM and said.span.start_ms >= closing.span.start_ms for said in speaks)
    explained = any(
        item.reason in _NO_OPEN_LINE and item.span.end_ms > closing.span.start_ms for item in analysis.passed_over
    )
    return hangup.shape in _HANDED_ON or machine or explained


def _open_line(analysis: CallAnalysis, hangup: Hangup, closing: Closing) -> _OpenLine | None:
    """From the last word of the dialogue to the disconnect, or to the end; None where the disconnect came first."""
    words = [item.span.end_ms for item in analysis.passed_over if item.reason in _STILL_DIALOGUE]
    over_ms = max([closing.span.end_ms, *words])
    ends = [vote for vote in hangup.evidence if vote.source in DISCONNECTS and (vote.supports or vote.at_ms > over_ms)]
    end = min(ends, key=lambda vote: vote.at_ms, default=None)
    until_ms = analysis.acoustics.duration_ms if end is None else end.at_ms
    return _OpenLine(TimeSpan(over_ms, until_ms), end) if until_ms > over_ms else None


def _finding(line: _OpenLine, limit_ms: int, hangup: Hangup, analysis: CallAnalysis) -> Finding:
    """The agent's finding; nobody's where the recording does not tell which channel is the agent's."""
    call, span = analysis.call, line.span
    goodbyes = [vote.uncertainty_ms for vote in hangup.evidence if vote.source is HangupSource.CLOSING]
    evidence = OpenLineEvidence(
        over_at_ms=span.start_ms,
        open_ms=span.duration_ms,
        limit_ms=limit_ms,
        uncertainty_ms=max(goodbyes, default=hangup.uncertainty_ms) + (line.end.uncertainty_ms if line.end else 0),
        ended_by=line.end.source if line.end else None,
    )
    return Finding(
        finding_id=finding_id(call.recording.sha256, NAME, Category.LATE_HANGUP, span),
        detector=NAME,
        category=Category.LATE_HANGUP,
        severity=Severity.MINOR,
        confidence=hangup.confidence,
        party=Party.UNKNOWN if call.channel_of(Party.AGENT) is None else Party.AGENT,
        party_basis=call.party_basis,
        span=span,
        phase=phase_of(span, hangup),
        quote="",
        utterances=(),
        evidence=(evidence,),
    )
