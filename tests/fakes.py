"""Engines for tests, written to the ports: some scripted, some that fail the way real ones do."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from callaudit.domain.analysis import Acoustics, CallAnalysis, CallEnd, CallSource, PreparedCall, Warn
from callaudit.domain.calls import Call, Recording
from callaudit.domain.findings import Finding
from callaudit.domain.line import LineChange, Music, Tone
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Transcript, Utterance
from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError, TranscriptionError
from callaudit.pipeline import Engines
from tests.builders import STEREO, make_finding, make_recording, make_transcript, make_utterance, make_wave


@dataclass
class Fake:
    """Name and version of every fake."""

    name: str = "fake"
    version: str = "1"


@dataclass
class FakeDecoder(Fake):
    """Decodes any path to a second of noise; paths named in `bad` fail, paths in `crash` raise what no one expects."""

    bad: frozenset[str] = frozenset()
    crash: frozenset[str] = frozenset()
    warnings: tuple[Warn, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    def decode(self, source: CallSource) -> tuple[Recording, Waveform, tuple[Warn, ...]]:
        if source.path.stem in self.bad:
            raise AudioError(f"{source.path.name}: not audio", code="audio.not_audio", hint="look at the file")
        if source.path.stem in self.crash:
            raise ZeroDivisionError("the text of a call must not get out")
        wave = make_wave(1.0, channels=2)
        recording = make_recording(
            path=source.path, sha256=self.digests.get(source.path.stem, sha_of(source)), duration_ms=wave.duration_ms
        )
        return recording, wave, self.warnings


def sha_of(source: CallSource) -> str:
    """A digest that depends on the name alone."""
    return os.fsencode(source.path.stem).hex().ljust(64, "0")


@dataclass
class FakeSpeech(Fake):
    def detect(self, wave: Waveform) -> tuple[SpeechRegion, ...]:
        return (SpeechRegion(TimeSpan(0, wave.duration_ms), 0, -20.0),)


@dataclass
class NoTones(Fake):
    def detect(self, wave: Waveform) -> tuple[Tone, ...]:
        return ()


@dataclass
class NoLineChanges(Fake):
    def detect(self, wave: Waveform) -> tuple[LineChange, ...]:
        return ()


@dataclass
class NoMusic(Fake):
    def detect(self, wave: Waveform) -> tuple[Music, ...]:
        return ()


@dataclass
class ScriptedTranscriber(Fake):
    """Says what the script holds for a call id; refuses calls named in `poison`, and every group that holds one."""

    script: Mapping[str, str] = field(default_factory=dict)
    poison: frozenset[str] = frozenset()
    groups: list[int] = field(default_factory=list)

    def transcribe(self, calls: Sequence[PreparedCall]) -> tuple[Transcript, ...]:
        self.groups.append(len(calls))
        if any(call.call.call_id in self.poison for call in calls):
            raise TranscriptionError("engine failed", code="speech.engine", hint="try a smaller model")
        return tuple(
            make_transcript([make_utterance(self.script.get(call.call.call_id, "您好"), end_ms=1000)]) for call in calls
        )


@dataclass
class SameParties(Fake):
    def attribute(self, call: Call, utterances: Sequence[Utterance]) -> tuple[tuple[Utterance, ...], tuple[Warn, ...]]:
        return tuple(utterances), ()


@dataclass
class NoHangup(Fake):
    def locate(self, call: Call, acoustics: Acoustics, utterances: Sequence[Utterance]) -> CallEnd:
        return CallEnd()


@dataclass
class WordDetector(Fake):
    """Finds one word."""

    word: str = "不要脸"

    def detect(self, analysis: CallAnalysis) -> tuple[Finding, ...]:
        return tuple(
            make_finding(span=utterance.span, quote=utterance.text)
            for utterance in analysis.transcript.utterances
            if self.word in utterance.text
        )


def score(findings: Sequence[Finding]) -> float:
    return float(min(100, 10 * len(findings)))


def make_engines(**changes: object) -> Engines:
    """Engines that work; name those that should not."""
    engines = Engines(
        decoder=FakeDecoder(),
        speech=FakeSpeech(),
        tones=NoTones(),
        line=NoLineChanges(),
        music=NoMusic(),
        transcriber=ScriptedTranscriber(),
        attributor=SameParties(),
        locator=NoHangup(),
        detector=WordDetector(),
        scorer=score,
        channel_parties=STEREO,
    )
    return replace(engines, **changes)  # type: ignore[arg-type]
