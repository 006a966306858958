"""The call that callaudit began with, judged by hand: a value that fills nearly every field of the domain."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from callaudit.domain.analysis import CallAnalysis, Closing, FailedCall, JudgedCall, NotRun, Warn
from callaudit.domain.calls import Call, Party, PartyBasis
from callaudit.domain.findings import (
    Category,
    ClassifierEvidence,
    ContextEvidence,
    Evidence,
    Finding,
    LexiconEvidence,
    MatchPath,
    Phase,
    PostHangupEvidence,
    Severity,
    finding_id,
)
from callaudit.domain.hangups import Hangup, HangupEvidence, HangupSource, PassedOver, PassedOverReason
from callaudit.domain.line import Tone, ToneKind
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.transcripts import DroppedUtterance, DropReason, Utterance
from tests.builders import (
    make_acoustics,
    make_analysis,
    make_call,
    make_dialogue,
    make_record,
    make_recording,
    make_transcript,
    make_utterance,
)

AGENT, CUSTOMER = Party.AGENT, Party.CUSTOMER
BEIJING = timezone(timedelta(hours=8))
START = datetime(2026, 11, 20, 14, 3, 7, tzinfo=BEIJING)
HANGUP_MS = 31_400
DURATION_MS = 58_000

TURNS = (
    (AGENT, "您好，这里是12345热线，工号3107，给您回访一下医院收费的事情。", 600),
    (CUSTOMER, "哦，就是多收了我四十五块钱那个事。", 8_200),
    (AGENT, "医院那边说已经核实了，费用三个工作日内退回您的卡里。", 12_300),
    (CUSTOMER, "行，那我再等等吧，我都打了三个电话了。", 18_300),
    (AGENT, "好的，还有其他问题吗？", 23_000),
    (CUSTOMER, "没有了，再见。", 25_700),
    (AGENT, "感谢您的来电，再见。", 27_600),
    (AGENT, "哎呀终于打完了。", 34_200),
    (AGENT, "为了45块钱打了仨电话，真是不要脸。", 37_500),
    (AGENT, "像个神经病一样，你说是不是有病。", 43_600),
    (AGENT, "中午吃什么呀？", 51_000),
)


def origin_utterances() -> tuple[Utterance, ...]:
    return tuple(
        replace(u, span=TimeSpan(u.span.start_ms, u.span.start_ms + 170 * len(u.text))) for u in make_dialogue(*TURNS)
    )


def origin_call(sha256: str = "5e" * 32, **changes: Any) -> JudgedCall:
    """Goodbye, no hang-up by the agent, abuse 6 and 12 seconds after the customer's own hang-up."""
    utterances = origin_utterances()
    findings = (
        _insult(sha256, utterances[8], 0.97, _insult_evidence()),
        _insult(sha256, utterances[9], 0.91, _sound_evidence()),
        replace(
            _insult(sha256, utterances[10], 0.72, (_late(19_600, 1_190),)),
            finding_id=finding_id(sha256, "post_hangup", Category.POST_HANGUP, utterances[10].span),
            detector="post_hangup",
            category=Category.POST_HANGUP,
            severity=Severity.MINOR,
        ),
    )
    defaults: dict[str, Any] = {
        "analysis": _analysis(sha256, utterances),
        "findings": findings,
        "score": 96.5,
        "not_run": (NotRun("hangup.call_record", "no_call_record"),),
        "fingerprint": "f3a91c0d77e2b845",
    }
    return JudgedCall(**{**defaults, **changes})


def clean_call(sha256: str = "c1" * 32, name: str = "clean") -> JudgedCall:
    utterances = make_dialogue((AGENT, "您好，请讲。"), (CUSTOMER, "谢谢，没事了。"))
    call = make_call(call_id=name, recording=make_recording(sha256=sha256, path=Path(f"calls/{name}.wav")))
    analysis = make_analysis(utterances, call=call)
    return JudgedCall(analysis=analysis, findings=(), score=0.0, fingerprint="f3a91c0d77e2b845")


def failed_call(name: str = "broken.mp3", **changes: Any) -> FailedCall:
    defaults: dict[str, Any] = {
        "path": Path("calls") / name,
        "call_id": Path(name).stem,
        "code": "audio.corrupt",
        "message": f"{name}: the decoder found no sound in it",
        "hint": "play the file; if it is silent, ask for it again",
        "stage": "decode",
        "sha256": "bad0" * 16,
    }
    return FailedCall(**{**defaults, **changes})


def _analysis(sha256: str, utterances: tuple[Utterance, ...]) -> CallAnalysis:
    acoustics = make_acoustics(
        utterances,
        duration_ms=DURATION_MS,
        peaks=tuple(_peaks(utterances, channel) for channel in (0, 1)),
        tones=(Tone(TimeSpan(31_600, 34_000), 1, ToneKind.BUSY, 3, 449.2),),
        warnings=(Warn.TRUNCATED,),
    )
    ghost = make_utterance("请不吝点赞 订阅 转发", CUSTOMER, 47_000, index=0)
    dropped = (DroppedUtterance(ghost, DropReason.BOILERPLATE),)
    return CallAnalysis(
        call=_call(sha256),
        acoustics=acoustics,
        transcript=make_transcript(utterances, dropped=dropped, engine="whisper 20250625 small@1a2b3c4d"),
        closing=Closing(span=TimeSpan(25_700, 29_300), utterances=(5, 6)),
        hangup=_hangup(),
        passed_over=(
            PassedOver(
                span=utterances[7].span,
                party=AGENT,
                quote=utterances[7].text,
                reason=PassedOverReason.CLOSING_WORDS,
            ),
        ),
        warnings=(Warn.TRUNCATED, Warn.SYNTHETIC_MODEL),
    )


def _call(sha256: str) -> Call:
    record = make_record(
        recording="20261120-140307_3107.wav",
        call_id="20261120-140307_3107",
        recording_start_at=START,
        answered_at=START,
        customer_hangup_at=START + timedelta(seconds=31),
        hangup_by=CUSTOMER,
        agent_id="3107",
        queue="回访一组",
        channel_parties=(AGENT, CUSTOMER),
    )
    recording = make_recording(
        sha256=sha256, path=Path("calls/20261120-140307_3107.wav"), duration_ms=DURATION_MS, size_bytes=928_044
    )
    return make_call(
        call_id="20261120-140307_3107", recording=recording, party_basis=PartyBasis.CALL_RECORD, record=record
    )


def _hangup() -> Hangup:
    record = HangupEvidence(
        source=HangupSource.CALL_RECORD, at_ms=31_000, uncertainty_ms=1_000, confidence=0.95, by=CUSTOMER
    )
    tone = HangupEvidence(
        source=HangupSource.TONE,
        at_ms=31_400,
        uncertainty_ms=400,
        confidence=0.9,
        detail="kind=busy frequency_hz=449 cycles=3",
    )
    closing = HangupEvidence(
        source=HangupSource.CLOSING, at_ms=29_300, uncertainty_ms=1_500, confidence=0.6, supports=False
    )
    return Hangup(at_ms=HANGUP_MS, uncertainty_ms=600, confidence=0.97, by=CUSTOMER, evidence=(record, tone, closing))


def _late(delay_ms: int, speech_ms: int) -> PostHangupEvidence:
    return PostHangupEvidence(
        hangup_at_ms=HANGUP_MS,
        uncertainty_ms=600,
        delay_ms=delay_ms,
        speech_ms=speech_ms,
        sources=(HangupSource.CALL_RECORD, HangupSource.TONE),
    )


def _insult_evidence() -> tuple[Evidence, ...]:
    return (
        LexiconEvidence(
            entry_id="insult.buyaolian",
            phrase="不要脸",
            matched="不要脸",
            chars=CharSpan(14, 17),
            lexicon="2026.11-9c41",
        ),
        ClassifierEvidence(
            model="rude-ngram 3",
            label=Category.INSULT,
            score=0.93,
            threshold=0.8,
            features=(("不要脸", 2.31), ("真是", 0.84)),
        ),
        _late(6_100, 3_060),
        ContextEvidence(fact="after_hangup", weight=0.1),
    )


def _sound_evidence() -> tuple[Evidence, ...]:
    return (
        LexiconEvidence(
            entry_id="insult.shenjingbing",
            phrase="神经病",
            matched="神经病",
            chars=CharSpan(2, 5),
            lexicon="2026.11-9c41",
            path=MatchPath.SOUND,
        ),
        _late(12_200, 2_720),
        ContextEvidence(fact="low_recognition_confidence", weight=-0.05),
    )


def _insult(sha256: str, utterance: Utterance, confidence: float, evidence: tuple[Evidence, ...]) -> Finding:
    return Finding(
        finding_id=finding_id(sha256, "rude_speech", Category.INSULT, utterance.span),
        detector="rude_speech",
        category=Category.INSULT,
        severity=Severity.CRITICAL,
        confidence=confidence,
        party=utterance.party,
        party_basis=utterance.party_basis,
        span=utterance.span,
        phase=Phase.AFTER_HANGUP,
        quote=utterance.text,
        utterances=(utterance.index,),
        evidence=evidence,
    )


def _peaks(utterances: tuple[Utterance, ...], channel: int, slices: int = 600) -> tuple[int, ...]:
    """A waveform that looks spoken: syllables inside the utterances of the channel, a faint floor elsewhere."""

    def peak(number: int) -> int:
        at_ms = number * DURATION_MS // slices
        talks = any(u.channel == channel and u.span.start_ms <= at_ms < u.span.end_ms for u in utterances)
        return int(14 + 22 * abs(math.sin(number * 1.7) * math.cos(number * 0.31))) if talks else 1 + number % 2

    return tuple(peak(number) for number in range(slices))
