"""Values for tests: every field has a default, so a test names only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from callaudit.domain.analysis import Acoustics, CallAnalysis, FailedCall, JudgedCall
from callaudit.domain.calls import Call, CallRecord, Party, PartyBasis, Recording
from callaudit.domain.findings import (
    Category,
    Finding,
    LexiconEvidence,
    Phase,
    Severity,
    finding_id,
)
from callaudit.domain.hangups import Hangup, HangupBy, HangupEvidence, HangupSource
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Transcript, Utterance
from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform

SHA = "ab" * 32
STEREO = (Party.AGENT, Party.CUSTOMER)


def make_recording(**changes: Any) -> Recording:
    defaults: dict[str, Any] = {
        "sha256": SHA,
        "path": Path("calls/one.wav"),
        "container": "wav",
        "codec": "pcm_alaw",
        "sample_rate_hz": 8000,
        "channels": 2,
        "duration_ms": 30_000,
        "size_bytes": 480_044,
    }
    return Recording(**{**defaults, **changes})


def make_call(**changes: Any) -> Call:
    """A stereo call, agent on channel 0; `mixed=True` makes it a mono recording of unknown parties."""
    mixed = changes.pop("mixed", False)
    defaults: dict[str, Any] = {
        "call_id": "one",
        "recording": make_recording(channels=1 if mixed else 2),
        "channel_parties": (Party.UNKNOWN,) if mixed else STEREO,
        "party_basis": PartyBasis.MIXED if mixed else PartyBasis.SETTING,
        "record": None,
    }
    return Call(**{**defaults, **changes})


def make_record(**changes: Any) -> CallRecord:
    return CallRecord(**{"recording": "one.wav", "call_id": "one", **changes})


def make_utterance(
    text: str, party: Party = Party.AGENT, start_ms: int = 0, end_ms: int | None = None, **changes: Any
) -> Utterance:
    """One utterance; its channel follows the party, its length the text (200 ms a character)."""
    span = TimeSpan(start_ms, start_ms + 200 * max(1, len(text)) if end_ms is None else end_ms)
    defaults: dict[str, Any] = {
        "index": 0,
        "channel": 1 if party is Party.CUSTOMER else 0,
        "party": party,
        "party_basis": PartyBasis.MIXED if party is Party.UNKNOWN else PartyBasis.SETTING,
        "span": span,
        "text": text,
        "avg_logprob": -0.2,
        "no_speech_prob": 0.01,
        "compression_ratio": 1.0,
        "level_dbfs": -24.0,
    }
    return Utterance(**{**defaults, **changes})


def make_dialogue(*turns: tuple[Party, str] | tuple[Party, str, int], gap_ms: int = 300) -> tuple[Utterance, ...]:
    """Utterances one after another; a third item of a turn is its start in ms."""
    utterances: list[Utterance] = []
    at_ms = 0
    for index, (party, text, *start) in enumerate(turns):
        at_ms = start[0] if start else at_ms
        utterances.append(make_utterance(text, party, at_ms, index=index))
        at_ms = utterances[-1].span.end_ms + gap_ms
    return tuple(utterances)


def make_transcript(utterances: Sequence[Utterance] = (), **changes: Any) -> Transcript:
    return Transcript(**{"utterances": tuple(utterances), "dropped": (), "engine": "oracle 1", **changes})


def make_acoustics(utterances: Sequence[Utterance] = (), **changes: Any) -> Acoustics:
    """Acoustics that agree with the utterances: one speech region each."""
    regions = tuple(sorted(SpeechRegion(u.span, u.channel, u.level_dbfs) for u in utterances))
    defaults: dict[str, Any] = {
        "duration_ms": 30_000,
        "regions": regions,
        "tones": (),
        "peaks": ((0,) * 8,) * 2,
        "warnings": (),
    }
    return Acoustics(**{**defaults, **changes})


def make_hangup(at_ms: int = 10_000, **changes: Any) -> Hangup:
    evidence = HangupEvidence(
        source=HangupSource.CALL_RECORD, at_ms=at_ms, uncertainty_ms=500, confidence=0.9, by=HangupBy.CUSTOMER
    )
    defaults: dict[str, Any] = {
        "at_ms": at_ms,
        "uncertainty_ms": 500,
        "confidence": 0.9,
        "by": HangupBy.CUSTOMER,
        "evidence": (evidence,),
    }
    return Hangup(**{**defaults, **changes})


def make_analysis(utterances: Sequence[Utterance] = (), **changes: Any) -> CallAnalysis:
    defaults: dict[str, Any] = {
        "call": make_call(),
        "acoustics": make_acoustics(utterances),
        "transcript": make_transcript(utterances),
        "closing": None,
        "hangup": None,
        "passed_over": (),
        "warnings": (),
    }
    return CallAnalysis(**{**defaults, **changes})


def make_finding(**changes: Any) -> Finding:
    span = changes.pop("span", TimeSpan(12_000, 13_000))
    category = changes.get("category", Category.INSULT)
    detector = changes.get("detector", "rude_phrase")
    defaults: dict[str, Any] = {
        "finding_id": finding_id(SHA, detector, category, span),
        "detector": detector,
        "category": category,
        "severity": Severity.MAJOR,
        "confidence": 0.9,
        "party": Party.AGENT,
        "party_basis": PartyBasis.SETTING,
        "span": span,
        "phase": Phase.BEFORE_HANGUP,
        "quote": "不要脸",
        "utterances": (0,),
        "evidence": (
            LexiconEvidence(
                entry_id="insult.buyaolian", phrase="不要脸", matched="不要脸", chars=CharSpan(0, 3), lexicon="test"
            ),
        ),
    }
    return Finding(**{**defaults, **changes})


def make_judged(utterances: Sequence[Utterance] = (), **changes: Any) -> JudgedCall:
    defaults: dict[str, Any] = {
        "analysis": make_analysis(utterances),
        "findings": (),
        "score": 0.0,
        "not_run": (),
        "fingerprint": "test",
    }
    return JudgedCall(**{**defaults, **changes})


def make_failed(**changes: Any) -> FailedCall:
    defaults: dict[str, Any] = {
        "path": Path("/recordings/bad.wav"),
        "call_id": "bad",
        "code": "audio.corrupt",
        "message": "bad.wav: damaged",
        "hint": "fetch it again",
        "stage": "decode",
    }
    return FailedCall(**{**defaults, **changes})


def make_wave(seconds: float = 1.0, channels: int = 2, sample_rate_hz: int = SPEECH_RATE_HZ, seed: int = 0) -> Waveform:
    """Faint noise, different on every channel."""
    rng = np.random.default_rng(seed)
    frames = int(seconds * sample_rate_hz)
    return Waveform(rng.integers(-30, 30, (channels, frames)).astype(np.int16), sample_rate_hz)


def tone(frequency_hz: float, seconds: float, level: float = 0.3, sample_rate_hz: int = SPEECH_RATE_HZ) -> np.ndarray:
    """int16 sine."""
    t = np.arange(int(seconds * sample_rate_hz)) / sample_rate_hz
    return (level * 32767 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.int16)
