"""Calls, the recordings that hold them, and what the switch wrote down about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class Party(StrEnum):
    """Who talks: agent (坐席), customer (客户), a machine, or nobody can tell."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    UNKNOWN = "unknown"


JUDGED_PARTIES = frozenset({Party.AGENT, Party.UNKNOWN})
"""Whose words are judged; what customers and machines say never makes a finding."""


class PartyBasis(StrEnum):
    """How the party of a channel or an utterance is known."""

    SETTING = "setting"
    """The channel map of the settings."""
    FOLDER = "folder"
    """The channel map set for the recording's folder."""
    CALL_RECORD = "call_record"
    """The channel map of the call record."""
    MIXED = "mixed"
    """One channel holds both parties (or both channels are alike): the party is unknown."""
    WORDS = "words"
    """Mixed recording; the words of the utterance and its turn give the party away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The artefact that holds a call, identified by the SHA-256 of its bytes."""

    sha256: str
    path: Path
    container: str
    """File format as found in the magic bytes, such as `wav` or `mp3`."""
    codec: str
    """Codec as the decoder names it, such as `pcm_alaw`."""
    sample_rate_hz: int
    """Rate of the file, before resampling."""
    channels: int
    duration_ms: int
    """Length as decoded, not as a header claims."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ClockSpan:
    """Stretch of time on the switch's clock, such as a customer on hold; its ends are aware datetimes."""

    start_at: datetime
    end_at: datetime

    def __post_init__(self) -> None:
        if self.end_at < self.start_at:
            raise ValueError("a stretch of time ends after it starts")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """What the switch wrote about one call (话单): neutral fields, all optional but the recording.

    Times are aware datetimes on the switch's clock. `clock_uncertainty_ms` is what one of them may be off by, 1000 for
    whole seconds.
    """

    recording: str
    """File name, or path relative to the record file or absolute, of the recording; empty where none is named."""
    call_id: str | None = None
    recording_start_at: datetime | None = None
    answered_at: datetime | None = None
    customer_hangup_at: datetime | None = None
    agent_hangup_at: datetime | None = None
    ended_at: datetime | None = None
    hangup_by: Party | None = None
    agent_id: str | None = None
    queue: str | None = None
    survey_start_at: datetime | None = None
    channel_parties: tuple[Party, ...] | None = None
    clock_uncertainty_ms: int = 1000
    possible_starts_at: tuple[datetime, ...] = ()
    """Where the system does not say when the recording began: the moments at which it may have."""
    hold_spans: tuple[ClockSpan, ...] = ()
    """When the customer was on hold (保持)."""
    mute_spans: tuple[ClockSpan, ...] = ()
    """When the agent's microphone was muted (静音)."""
    is_distrusted: bool = False
    """Whether its own fields disagree, such as a duration with the times it is counted from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One conversation: its recording, its record if there is one, and which party is on which channel."""

    call_id: str
    recording: Recording
    channel_parties: tuple[Party, ...]
    """Party by channel (0-based); a mixed recording is one channel of `UNKNOWN`, however many its file has."""
    party_basis: PartyBasis
    record: CallRecord | None = None

    @property
    def is_mixed(self) -> bool:
        """Whether no channel belongs to one party alone."""
        return self.party_basis is PartyBasis.MIXED

    def channel_of(self, party: Party) -> int | None:
        """Channel (0-based) of a party; None where unknown."""
        return self.channel_parties.index(party) if party in self.channel_parties else None
