"""When the conversation was over, and what says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan


class HangupSource(StrEnum):
    """What a hang-up time rests on."""

    CALL_RECORD = "call_record"
    """The switch's own record (话单)."""
    TONE = "tone"
    """A disconnect tone on the line (忙音)."""
    CLOSING = "closing"
    """The closing exchange (结束语), with the customer silent afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupEvidence:
    """One witness: what it heard and how far it can be trusted."""

    source: HangupSource
    at_ms: int
    """The time it names, from the start of the recording."""
    uncertainty_ms: int
    """The true time lies within plus or minus this."""
    confidence: float
    """0 to 1."""
    supports: bool = True
    """False where it speaks against the time that was chosen."""
    by: Party | None = None
    """Who hung up, where the witness knows."""
    detail: str = ""
    """A machine-readable fact such as `frequency_hz=450 cycles=6`; never words from the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """The moment the conversation is over (挂机), with every witness that voted, for or against."""

    at_ms: int
    uncertainty_ms: int
    confidence: float
    by: Party | None
    evidence: tuple[HangupEvidence, ...]

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("a hang-up rests on evidence")


class PassedOverReason(StrEnum):
    """Why speech after the closing or the hang-up was not flagged."""

    SURVEY = "survey"
    """A satisfaction survey or another machine prompt."""
    SILENT_CALLER = "silent_caller"
    """The agent closed a call on which the customer had fallen silent."""
    DIALOGUE_WENT_ON = "dialogue_went_on"
    """The customer spoke again after the goodbye."""
    CLOSING_WORDS = "closing_words"
    """Goodbyes that belong to the closing itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Speech that looks like speech after the hang-up and was not flagged, with the reason (未标记说明)."""

    span: TimeSpan
    party: Party
    quote: str
    reason: PassedOverReason
