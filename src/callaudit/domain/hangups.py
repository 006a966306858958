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
    LINE = "line"
    """The customer's channel changed for good: digital silence, another background (线路变化)."""
    PROMPT = "prompt"
    """A machine speaks: survey, mailbox, network announcement (系统语音)."""
    CLOSING = "closing"
    """The closing exchange (结束语), with the customer silent afterwards."""
    TALK = "talk"
    """Somebody talks about the caller, fainter, to somebody else (背后议论): supports, never decides."""


DISCONNECTS = frozenset({HangupSource.CALL_RECORD, HangupSource.TONE, HangupSource.LINE})
"""What happens on the line, or in the switch, when somebody hangs up."""


class HangupBy(StrEnum):
    """Who ended the call."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    NOBODY = "nobody"
    """The line was left open (未挂断)."""


class EndShape(StrEnum):
    """What the end of a call looks like, and with it what speech after it means."""

    OPEN_LINE = "S1"
    """Nobody hung up: goodbyes, then the agent talks."""
    CUSTOMER_LEFT = "S2"
    """The customer hung up, the agent's leg is recorded on."""
    MACHINE_ANSWERED = "S3"
    """An outbound call reached a mailbox or an announcement of the network."""
    ON_HOLD = "S4"
    """The customer is on hold or the microphone muted, and the agent talks."""
    AFTER_TRANSFER = "S5"
    """The call went on to a survey or another desk."""


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
    by: HangupBy | None = None
    """Who hung up, where the witness knows."""
    detail: str = ""
    """A machine-readable fact such as `frequency_hz=450 cycles=6`; never words from the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """The moment the conversation is over (挂机), with every witness that voted, for or against."""

    at_ms: int
    uncertainty_ms: int
    confidence: float
    by: HangupBy | None
    """None where no witness knows."""
    evidence: tuple[HangupEvidence, ...]
    shape: EndShape | None = None
    """None where the evidence fits no shape."""

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
    READ_BACK = "read_back"
    """The agent reads the work order aloud while writing it (复述工单)."""
    NEXT_CALL = "next_call"
    """The agent's next call in the same recording (下一通电话)."""
    CHAT = "chat"
    """A harmless word or two (闲聊)."""
    UNNOTICED = "unnoticed"
    """The agent has not noticed that the customer is gone, and speaks to him (未察觉客户已挂机)."""
    UNKNOWN_SPEAKER = "unknown_speaker"
    """Mixed recording, the line left open: nothing tells whether agent or customer speaks (说话人不明)."""
    ASIDE = "aside"
    """Mixed recording, the line left open: somebody talks about anything but the call (与来电无关的话)."""
    ON_HOLD = "on_hold"
    """The agent consults while the customer is on hold (保持中咨询)."""


YIELDS_TO_RUDENESS = frozenset(
    {
        PassedOverReason.READ_BACK,
        PassedOverReason.CHAT,
        PassedOverReason.UNNOTICED,
        PassedOverReason.UNKNOWN_SPEAKER,
        PassedOverReason.ON_HOLD,
    }
)
"""Reasons that hold only as long as nothing rude is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Speech that looks like speech after the hang-up and was not flagged, with the reason (未标记说明)."""

    span: TimeSpan
    party: Party
    quote: str
    reason: PassedOverReason

    def explains(self, party: Party, span: TimeSpan) -> bool:
        """Whether it is about what this party says then: two may talk at once, and one of them be rude."""
        return self.party is party and self.span.overlaps(span)
