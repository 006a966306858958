"""Dialogues for hang-up tests: the polite middle of a call, and ends of every shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from callaudit.classifier.talk import TalkClassifier
from callaudit.detectors.post_hangup import PostHangupDetector
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Call, CallRecord, Party
from callaudit.domain.findings import Finding
from callaudit.domain.line import Tone, ToneKind
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Utterance
from callaudit.hangup.locate import EvidenceHangupLocator
from callaudit.settings import HangupSettings
from callaudit.text.parties import WordPartyAttributor
from tests.builders import (
    make_acoustics,
    make_analysis,
    make_call,
    make_dialogue,
    make_record,
    make_recording,
    make_transcript,
)

A, C, U, S = Party.AGENT, Party.CUSTOMER, Party.UNKNOWN, Party.SYSTEM
START = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
Turn = tuple[Party, str] | tuple[Party, str, int]

MIDDLE: tuple[Turn, ...] = (
    (A, "您好热线中心请问有什么可以帮您"),
    (C, "我们楼里的电梯坏了两天了"),
    (A, "请问您住在哪个小区"),
    (C, "河边的那个小区三号楼"),
    (A, "我已经帮您登记好了"),
)
GOODBYES: tuple[Turn, ...] = ((A, "感谢您的来电再见"), (C, "好的谢谢再见"))


def dialogue(*turns: Turn, mixed: bool = False, pause_ms: dict[int, int] | None = None) -> tuple[Utterance, ...]:
    """Turns one after another; `pause_ms` gives the pause before a turn, by index (negative from the end)."""
    pauses = {index % len(turns): value for index, value in (pause_ms or {}).items()}
    said: list[Utterance] = []
    at_ms = 0
    for index, utterance in enumerate(make_dialogue(*turns)):
        at_ms += pauses.get(index, 300)
        moved = utterance.span.shift(at_ms - utterance.span.start_ms)
        said.append(replace(utterance, span=moved))
        at_ms = moved.end_ms
    if not mixed:
        return tuple(said)
    return tuple(replace(one, channel=0, party=U, party_basis=make_call(mixed=True).party_basis) for one in said)


def record(**offsets_ms: int | None) -> CallRecord:
    """A call record by offsets from the start of the recording, in ms."""
    times = {name: START + timedelta(milliseconds=ms) for name, ms in offsets_ms.items() if ms is not None}
    return make_record(recording_start_at=START, **times)


def busy(start_ms: int, end_ms: int, channel: int = 1, cycles: int = 6) -> Tone:
    return Tone(TimeSpan(start_ms, end_ms), channel, ToneKind.BUSY, cycles, 451.0)


def analyse(utterances: Sequence[Utterance], duration_ms: int | None = None, **changes: Any) -> CallAnalysis:
    """Attribute and locate, as the pipeline does; `drop_ms` after the last word by default 5000."""
    drop_ms = changes.pop("drop_ms", 5000)
    last_ms = max((one.span.end_ms for one in utterances), default=0)
    length_ms = last_ms + drop_ms if duration_ms is None else duration_ms
    mixed = changes.pop("mixed", bool(utterances) and all(one.party is U for one in utterances))
    extra: Sequence[SpeechRegion] = changes.pop("regions", ())
    call: Call = make_call(
        mixed=mixed,
        recording=make_recording(duration_ms=length_ms, channels=1 if mixed else 2),
        record=changes.pop("record", None),
    )
    acoustics = make_acoustics(
        utterances, duration_ms=length_ms, tones=changes.pop("tones", ()), music=changes.pop("music", ())
    )
    acoustics = replace(acoustics, line_changes=changes.pop("line_changes", ()))
    acoustics = replace(acoustics, regions=tuple(sorted((*acoustics.regions, *extra))))
    settings = HangupSettings(**changes)
    named, party_warnings = WordPartyAttributor(talk_reader()).attribute(call, utterances)
    end = EvidenceHangupLocator(settings, talk_reader()).locate(call, acoustics, named)
    return make_analysis(
        call=call,
        acoustics=acoustics,
        transcript=make_transcript(named),
        closing=end.closing,
        hangup=end.hangup,
        holds=end.holds,
        passed_over=end.passed_over,
        warnings=party_warnings + end.warnings,
    )


@cache
def talk_reader() -> TalkClassifier:
    """The bundled model of talk."""
    return TalkClassifier()


def after_hangup(analysis: CallAnalysis) -> tuple[Finding, ...]:
    return PostHangupDetector(HangupSettings()).detect(analysis)
