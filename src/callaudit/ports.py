"""The protocols of the stages, and their contract.

Every port has one verb. An implementation

1. is a function of its arguments: it reads no clock, no environment, no database, no global;
2. raises `CallError` kinds for a bad call, and `SetupError` kinds from its constructor alone;
3. never logs or prints what anybody said;
4. starts no threads of its own;
5. gives the same result for the same input and `version`, which goes into the call's fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from callaudit.domain.analysis import (
    Acoustics,
    CallAnalysis,
    CallEnd,
    CallOutcome,
    CallSource,
    PreparedCall,
    Warn,
)
from callaudit.domain.calls import Call, Recording
from callaudit.domain.findings import Finding
from callaudit.domain.line import LineChange, Music, Tone
from callaudit.domain.transcripts import SpeechRegion, Transcript, Utterance
from callaudit.domain.waveform import Waveform


class Versioned(Protocol):
    """Something whose name and version belong in the fingerprint."""

    @property
    def name(self) -> str:
        """Short name, such as `whisper`."""

    @property
    def version(self) -> str:
        """Whatever changes when the results may change."""


class AudioDecoder(Versioned, Protocol):
    """Bytes to sound."""

    def decode(self, source: CallSource) -> tuple[Recording, Waveform, tuple[Warn, ...]]:
        """Decode a recording to 16 kHz, channels apart.

        Raises:
            AudioError: empty, truncated beyond use, corrupt, too long, or not audio at all.
        """


class SpeechDetector(Versioned, Protocol):
    """Sound to stretches of speech."""

    def detect(self, wave: Waveform) -> tuple[SpeechRegion, ...]:
        """Speech regions of all channels, by time, then channel."""


class ToneDetector(Versioned, Protocol):
    """Sound to signals of the exchange."""

    def detect(self, wave: Waveform) -> tuple[Tone, ...]:
        """Call-progress tones of all channels, by time, then channel."""


class LineDetector(Versioned, Protocol):
    """Sound to changes of the line."""

    def detect(self, wave: Waveform) -> tuple[LineChange, ...]:
        """Moments from which on a channel is another to the end, by time, then channel."""


class MusicDetector(Versioned, Protocol):
    """Sound to music on hold."""

    def detect(self, wave: Waveform) -> tuple[Music, ...]:
        """Music of all channels, by time, then channel."""


class Transcriber(Versioned, Protocol):
    """Speech regions of several calls to transcripts."""

    def transcribe(self, calls: Sequence[PreparedCall]) -> tuple[Transcript, ...]:
        """One transcript for each call, in the same order.

        Raises:
            TranscriptionError: the engine failed.
        """


class PartyAttributor(Versioned, Protocol):
    """Who says what, where the channels do not tell."""

    def attribute(self, call: Call, utterances: Sequence[Utterance]) -> tuple[tuple[Utterance, ...], tuple[Warn, ...]]:
        """The utterances with parties filled in where the words give them away, and doubts about the channel map."""


class HangupLocator(Versioned, Protocol):
    """When the conversation was over."""

    def locate(self, call: Call, acoustics: Acoustics, utterances: Sequence[Utterance]) -> CallEnd:
        """The closing exchange, the hang-up, holds, what is innocent, and doubts about the call record."""


class Detector(Versioned, Protocol):
    """An analysed call to findings."""

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        """Findings of one kind, in order of time."""


class OutcomeStore(Protocol):
    """Where outcomes are kept."""

    def save(self, outcome: CallOutcome) -> None:
        """Keep one outcome; saving the same one again changes nothing.

        Raises:
            StorageError: the database refused.
        """
