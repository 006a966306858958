"""prepare, transcribe, judge: three plain functions over picklable values.

This module knows the ports and no engine. One call on a laptop is `judge(*transcribe([prepare(call)]))`; a night on one
machine or on a cluster is the same three functions somewhere else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from callaudit.domain.analysis import (
    Acoustics,
    CallAnalysis,
    CallSource,
    JudgedCall,
    NotRun,
    PreparedCall,
    Warn,
)
from callaudit.domain.calls import Call, Party, PartyBasis, Recording
from callaudit.domain.findings import Finding
from callaudit.domain.hangups import HangupSource
from callaudit.domain.names import printable
from callaudit.domain.transcripts import Transcript
from callaudit.domain.waveform import INT16_FULL_SCALE, Waveform
from callaudit.errors import AudioError, CallError
from callaudit.ports import (
    AudioDecoder,
    Detector,
    HangupLocator,
    LineDetector,
    MusicDetector,
    PartyAttributor,
    SpeechDetector,
    ToneDetector,
    Transcriber,
    Versioned,
)

MIXED_WARNINGS = frozenset({Warn.CHANNELS_ALIKE, Warn.CHANNEL_DEAD})
"""What makes a recording of two channels a mixed one."""

PEAK_SLICES = 600
"""Slices of the waveform picture: about one for each pixel column of a report."""


class Hook(Protocol):
    """Told after each step: progress bars, timing logs and tests listen here."""

    def __call__(self, stage: str, call_id: str, elapsed_ms: int) -> None:
        """One step is over, well or not."""


class Scorer(Protocol):
    """Findings to one number to rank calls by."""

    def __call__(self, findings: Sequence[Finding]) -> float:
        """0 (nothing found) to 100."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Every adapter a call passes through, wired by `assembly`."""

    decoder: AudioDecoder
    speech: SpeechDetector
    tones: ToneDetector
    line: LineDetector
    music: MusicDetector
    transcriber: Transcriber
    attributor: PartyAttributor
    locator: HangupLocator
    detector: Detector
    """All detectors fused into one."""
    scorer: Scorer
    channel_parties: tuple[Party, ...]
    """Channel map of the settings."""
    is_synthetic_model: bool = False
    """Whether the transcriber knows synthetic speech only."""

    def versions(self) -> dict[str, str]:
        """Name and version of every engine, by its role."""
        parts: dict[str, Versioned] = {
            "decoder": self.decoder,
            "speech": self.speech,
            "tones": self.tones,
            "line": self.line,
            "music": self.music,
            "transcriber": self.transcriber,
            "attributor": self.attributor,
            "locator": self.locator,
            "detector": self.detector,
        }
        return {role: f"{part.name} {part.version}" for role, part in parts.items()}


def ignore(stage: str, call_id: str, elapsed_ms: int) -> None:
    """The hook of those who do not listen."""


@contextmanager
def step(stage: str, call_id: str, hook: Hook = ignore) -> Iterator[None]:
    """Time one step, tell the hook, and put stage and call on any call error that passes through."""
    begun_s = time.perf_counter()
    try:
        yield
    except CallError as error:
        error.stage = error.stage or stage
        error.call_id = error.call_id or call_id
        raise
    finally:
        hook(stage, call_id, round((time.perf_counter() - begun_s) * 1000))


def call_id_of(source: CallSource) -> str:
    """The id of a call: its record's, else the name of its recording without the ending."""
    return (source.record and source.record.call_id) or source.path.stem


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedCall:
    """A recording as sound, with nothing heard in it yet."""

    call_id: str
    source: CallSource
    recording: Recording
    wave: Waveform
    warnings: tuple[Warn, ...]


def prepare(source: CallSource, engines: Engines, hook: Hook = ignore) -> PreparedCall:
    """Decode one recording and find its speech, tones, music and changes of the line; no words yet.

    Raises:
        AudioError: the recording cannot be used.
    """
    return listen(decode(source, engines, hook), engines, hook)


def decode(source: CallSource, engines: Engines, hook: Hook = ignore) -> DecodedCall:
    """The first half of `prepare`: bytes to sound.

    Raises:
        AudioError: the recording cannot be used.
    """
    call_id = call_id_of(source)
    with step("decode", call_id, hook):
        recording, wave, warnings = engines.decoder.decode(source)
        if call_of(source, recording, warnings, engines.channel_parties).is_mixed:
            wave = _loudest_channel(wave)  # the other holds the same sound, or none
    return DecodedCall(call_id=call_id, source=source, recording=recording, wave=wave, warnings=warnings)


def listen(decoded: DecodedCall, engines: Engines, hook: Hook = ignore) -> PreparedCall:
    """The second half of `prepare`: sound to speech, tones, music and changes of the line."""
    call_id, wave = decoded.call_id, decoded.wave
    with step("speech", call_id, hook):
        regions = engines.speech.detect(wave)
    with step("tones", call_id, hook):
        tones = engines.tones.detect(wave)
    with step("line", call_id, hook):
        line_changes = engines.line.detect(wave)
    with step("music", call_id, hook):
        music = engines.music.detect(wave)
    return PreparedCall(
        call=call_of(decoded.source, decoded.recording, decoded.warnings, engines.channel_parties),
        wave=wave,
        acoustics=Acoustics(
            duration_ms=decoded.recording.duration_ms,
            regions=regions,
            tones=tones,
            line_changes=line_changes,
            peaks=peaks_of(wave),
            music=music,
            warnings=decoded.warnings,
        ),
    )


def transcribe(calls: Sequence[PreparedCall], engines: Engines, hook: Hook = ignore) -> tuple[Transcript, ...]:
    """Transcribe several calls together, one transcript for each in the same order.

    Raises:
        TranscriptionError: the engine failed; which call is at fault is not known when there are several.
    """
    with step("transcribe", ",".join(call.call.call_id for call in calls), hook):
        return engines.transcriber.transcribe(calls)


def judge(
    call: Call, acoustics: Acoustics, transcript: Transcript, engines: Engines, hook: Hook = ignore
) -> JudgedCall:
    """Decide what a transcribed call holds: parties, hang-up, findings, score. Pure, milliseconds.

    The transcript may be an older one: its parties are taken from the call, whose channel map may have changed.
    """
    spoken = tuple(
        replace(utterance, party=call.channel_parties[utterance.channel], party_basis=call.party_basis)
        for utterance in transcript.utterances
    )
    with step("attribute", call.call_id, hook):
        utterances, party_warnings = engines.attributor.attribute(call, spoken)
    with step("hangup", call.call_id, hook):
        end = engines.locator.locate(call, acoustics, utterances)
    synthetic = (Warn.SYNTHETIC_MODEL,) if engines.is_synthetic_model else ()
    analysis = CallAnalysis(
        call=call,
        acoustics=acoustics,
        transcript=replace(transcript, utterances=utterances),
        closing=end.closing,
        hangup=end.hangup,
        holds=end.holds,
        passed_over=end.passed_over,
        warnings=acoustics.warnings + party_warnings + end.warnings + synthetic,
    )
    with step("detect", call.call_id, hook):
        findings = engines.detector.detect(analysis)
    return JudgedCall(
        analysis=analysis.refuted_by(findings),
        findings=findings,
        score=engines.scorer(findings),
        not_run=_not_run(analysis),
    )


def call_of(source: CallSource, recording: Recording, warnings: Sequence[Warn], by_setting: tuple[Party, ...]) -> Call:
    """The call that a decoded recording holds.

    Raises:
        AudioError: the channel map does not fit the recording's channels.
    """
    parties, basis = assign_parties(source, recording, warnings, by_setting)
    return Call(
        call_id=call_id_of(source),
        recording=recording,
        channel_parties=parties,
        party_basis=basis,
        record=source.record,
    )


def assign_parties(
    source: CallSource, recording: Recording, warnings: Sequence[Warn], by_setting: tuple[Party, ...]
) -> tuple[tuple[Party, ...], PartyBasis]:
    """Which party is on which channel, and how that is known: call record before folder before setting.

    Raises:
        AudioError: the channel map does not fit the recording's channels.
    """
    if recording.channels == 1 or not MIXED_WARNINGS.isdisjoint(warnings):
        return (Party.UNKNOWN,), PartyBasis.MIXED
    if source.record and source.record.channel_parties:
        parties, basis = source.record.channel_parties, PartyBasis.CALL_RECORD
    elif source.folder_parties:
        parties, basis = source.folder_parties, PartyBasis.FOLDER
    else:
        parties, basis = by_setting, PartyBasis.SETTING
    if len(parties) != recording.channels:
        raise AudioError(
            f"{printable(recording.path)}: {recording.channels} channels, but the channel map names {len(parties)}",
            code="audio.channels",
            hint="name the party of every channel in the channel map of the settings, the folder or the call record",
        )
    return parties, basis


def _loudest_channel(wave: Waveform) -> Waveform:
    """The channel with the highest peak, copied, so that the others can be let go."""
    peaks = [max(peaks) for peaks in peaks_of(wave)]
    channel = peaks.index(max(peaks))
    return Waveform(np.ascontiguousarray(wave.samples[channel : channel + 1]), wave.sample_rate_hz)


def peaks_of(wave: Waveform, slices: int = PEAK_SLICES) -> tuple[tuple[int, ...], ...]:
    """Peak level, 0..100 of full scale, of equal slices of each channel."""
    frames = wave.samples.shape[1]
    edges = np.linspace(0, frames, slices + 1).astype(np.int64)[:-1]
    starts = np.unique(np.minimum(edges, max(0, frames - 1)))

    def peaks(channel: int) -> tuple[int, ...]:
        samples = wave.samples[channel]
        highest = np.maximum.reduceat(samples, starts).astype(np.int32)
        lowest = np.minimum.reduceat(samples, starts).astype(np.int32)
        return tuple(int(peak) for peak in np.maximum(highest, -lowest) * 100 // int(INT16_FULL_SCALE))

    return tuple(peaks(channel) for channel in range(wave.channels))


def _not_run(analysis: CallAnalysis) -> tuple[NotRun, ...]:
    """What could not be looked for on this call."""
    missing = []
    if not analysis.acoustics.regions:
        missing.append(NotRun("transcribe", "no_speech_found"))
    elif not analysis.transcript.utterances:
        missing.append(NotRun("detect", "no_words"))
    if analysis.hangup is None:
        missing.append(NotRun("post_hangup", "no_hangup_evidence"))
    if analysis.call.record is None:
        missing.append(NotRun(f"hangup.{HangupSource.CALL_RECORD.value}", "no_call_record"))
    if analysis.call.is_mixed:
        missing.append(NotRun("customer_silence_by_channel", "mixed_recording"))
    return tuple(missing)
