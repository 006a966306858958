"""What the stages hand to each other and what a call ends as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from callaudit.domain.addresses import ObjectState, address_of, is_label
from callaudit.domain.calls import Call, CallRecord, Party, Recording
from callaudit.domain.findings import Category, Finding
from callaudit.domain.hangups import YIELDS_TO_RUDENESS, Hangup, PassedOver
from callaudit.domain.holds import Hold
from callaudit.domain.line import LineChange, Music, Tone
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Transcript
from callaudit.domain.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSource:
    """A recording to scan, before anything is known of its contents."""

    path: Path
    """Names it: of a remote recording, the label of its address (`addresses.label_of`)."""
    record: CallRecord | None = None
    folder_parties: tuple[Party, ...] | None = None
    """Channel map set for the recording's folder."""
    url: str | None = None
    """Of a remote recording: its address."""
    listed: ObjectState | None = None
    """Of a remote recording: what the store said of it when it was found or, later, fetched."""
    local: Path | None = None
    """Of a remote recording: where its bytes lie on this machine for the moment."""

    @classmethod
    def kept_as(cls, path: Path) -> CallSource:
        """A recording that was scanned, by the path that it was kept under."""
        return cls(path=path, url=address_of(path) if is_label(path) else None)

    @property
    def readable_at(self) -> Path:
        """Where its bytes can be read on this machine."""
        return self.local or self.path


class Warn(StrEnum):
    """What a reviewer should know about a call although it was scanned."""

    TRUNCATED = "truncated"
    """The file holds less audio than its header says."""
    CHANNELS_ALIKE = "channels_alike"
    """Two channels with the same sound: treated as mixed."""
    CHANNEL_DEAD = "channel_dead"
    """One of two channels holds nothing but digital silence: treated as mixed."""
    CHANNEL_MAP_DOUBTFUL = "channel_map_doubtful"
    """The words suggest that agent and customer are swapped."""
    RECORD_DISTRUSTED = "record_distrusted"
    """The call record disagrees with the recording's length by over 2 s: its times were not used."""
    RECORD_INCONSISTENT = "record_inconsistent"
    """The call record tells its events in an impossible order: its times were not used."""
    RECORD_UNPLACED = "record_unplaced"
    """The call record does not say when the recording began: its times could not be used."""
    RECORD_REFUTED = "record_refuted"
    """The customer talks on after the call record's hang-up: it counts as evidence against."""
    SYNTHETIC_MODEL = "synthetic_model"
    """Transcribed by a model that knows synthetic speech only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acoustics:
    """What prepare heard, without the samples: picklable, storable, holds no words."""

    duration_ms: int
    regions: tuple[SpeechRegion, ...]
    """By time, then channel."""
    tones: tuple[Tone, ...]
    peaks: tuple[tuple[int, ...], ...]
    """Per channel, peak level 0..100 of equal slices of the recording: the waveform picture."""
    line_changes: tuple[LineChange, ...] = ()
    """Moments at which a channel changed for good, by time, then channel."""
    music: tuple[Music, ...] = ()
    """By time, then channel."""
    warnings: tuple[Warn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedCall:
    """A call ready for transcription."""

    call: Call
    wave: Waveform
    acoustics: Acoustics


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCall:
    """What is left of a recording once it is transcribed: all that `judge` needs, without the sound.

    It is kept so that a changed lexicon judges a year of calls anew without hearing them again. What `prepare` alone
    made is not kept: transcribing needs the sound, which has to be decoded again in any case.
    """

    recording: Recording
    acoustics: Acoustics
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class NotRun:
    """A stage that did not run on a call, and why: silence must never look like a clean call."""

    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The closing exchange (结束语) as it was heard."""

    span: TimeSpan
    utterances: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """What the hang-up stage tells of one call."""

    closing: Closing | None = None
    hangup: Hangup | None = None
    holds: tuple[Hold, ...] = ()
    """When the customer does not hear the agent before the hang-up, by time."""
    passed_over: tuple[PassedOver, ...] = ()
    """What is innocent, and why."""
    warnings: tuple[Warn, ...] = ()
    """Doubts about the call record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnalysis:
    """Everything detectors may read about one call."""

    call: Call
    acoustics: Acoustics
    transcript: Transcript
    closing: Closing | None
    hangup: Hangup | None
    passed_over: tuple[PassedOver, ...]
    """What the hang-up stage explains as innocent."""
    holds: tuple[Hold, ...] = ()
    """When the customer does not hear the agent before the hang-up, by time."""
    warnings: tuple[Warn, ...] = ()

    def refuted_by(self, findings: Iterable[Finding]) -> CallAnalysis:
        """The analysis without explanations of speech as innocent that turned out to be rude."""
        told = [finding for finding in findings if finding.category is not Category.LATE_HANGUP]
        unheard = [finding for finding in told if finding.phase.is_out_of_hearing]
        standing = tuple(
            item
            for item in self.passed_over
            if item.reason not in YIELDS_TO_RUDENESS
            or not any(item.explains(finding.party, finding.span) for finding in unheard)
        )
        return replace(self, passed_over=standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCall:
    """A finished call: the analysis, its findings and a score to rank by."""

    analysis: CallAnalysis
    findings: tuple[Finding, ...]
    """By time."""
    score: float
    """0 (nothing found) to 100."""
    not_run: tuple[NotRun, ...] = ()
    fingerprint: str = ""
    """Digest of engines, models, lexicon and settings that made this."""
    is_copy: bool = False
    """One of several files with the same bytes, judged apart from the call that stands for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """A recording that could not be scanned: one clear row."""

    path: Path
    call_id: str
    code: str
    message: str
    hint: str
    stage: str
    sha256: str | None = None
    """None where not even the bytes could be read."""
    fingerprint: str = ""
    """As of `JudgedCall`; empty where it failed before any engine saw it."""


CallOutcome = JudgedCall | FailedCall
