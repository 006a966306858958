"""What was said, where in the recording, and how sure the engine was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.spans import TimeSpan


@dataclass(frozen=True, slots=True, order=True)
class SpeechRegion:
    """A stretch of one channel where somebody talks."""

    span: TimeSpan
    channel: int
    level_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One stretch of transcribed speech by one party.

    `avg_logprob`, `no_speech_prob` and `compression_ratio` keep Whisper's names and meaning.
    """

    index: int
    """Position in the transcript, by time."""
    channel: int
    party: Party
    party_basis: PartyBasis
    span: TimeSpan
    """Never outside the speech region it was heard in."""
    text: str
    """Simplified script; otherwise as the engine wrote it."""
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    compression_ratio: float = 1.0
    temperature: float = 0.0
    level_dbfs: float = 0.0


class DropReason(StrEnum):
    """Why hygiene set a piece of transcribed text aside."""

    LOOP = "loop"
    """The engine repeated itself."""
    BOILERPLATE = "boilerplate"
    """Subtitle credits and the like, which Whisper writes over silence."""
    NO_SPEECH = "no_speech"
    """Text without speech under it."""
    EMPTY = "empty"
    """Nothing but punctuation."""


@dataclass(frozen=True, slots=True)
class DroppedUtterance:
    """An utterance that does not count, and why; shown in the report, never searched."""

    utterance: Utterance
    reason: DropReason


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that was heard on one call, in order of time."""

    utterances: tuple[Utterance, ...]
    dropped: tuple[DroppedUtterance, ...]
    engine: str
    """Engine, model and version, such as `whisper 20250625 mini@1a2b3c4d`."""
