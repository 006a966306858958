"""A call whose every text tries to break out of what it is written into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callaudit.domain.analysis import FailedCall, JudgedCall, NotRun
from callaudit.domain.findings import ClassifierEvidence, ContextEvidence, Evidence, LexiconEvidence
from callaudit.domain.transcripts import DroppedUtterance
from tests.reports.origin_case import failed_call, origin_call

POLYGLOT = (
    "'\"></title></style></script></textarea>-->"
    "<svg/onload=alert(1)><img src=x onerror=alert(1)>{{7*7}}{% x %}\x1b[2J\u202e"
)


def hostile_call() -> JudgedCall:
    judged = origin_call()
    analysis = judged.analysis
    record = analysis.call.record
    assert record is not None
    recording = replace(
        analysis.call.recording, path=Path(f"calls/{POLYGLOT}\udcb2"), container=POLYGLOT, codec=POLYGLOT
    )
    call = replace(
        analysis.call,
        call_id=POLYGLOT,
        recording=recording,
        record=replace(record, agent_id=POLYGLOT, queue=POLYGLOT, call_id=POLYGLOT),
    )
    assert analysis.hangup is not None
    hangup = replace(analysis.hangup, evidence=tuple(replace(e, detail=POLYGLOT) for e in analysis.hangup.evidence))
    utterances = tuple(replace(u, text=POLYGLOT) for u in analysis.transcript.utterances)
    transcript = replace(
        analysis.transcript,
        utterances=utterances,
        dropped=tuple(DroppedUtterance(utterances[0], item.reason) for item in analysis.transcript.dropped),
        engine=POLYGLOT,
    )
    return replace(
        judged,
        analysis=replace(
            analysis,
            call=call,
            hangup=hangup,
            transcript=transcript,
            passed_over=tuple(replace(item, quote=POLYGLOT) for item in analysis.passed_over),
        ),
        findings=tuple(
            replace(f, finding_id=POLYGLOT, detector=POLYGLOT, quote=POLYGLOT, evidence=_hostile_evidence(f.evidence))
            for f in judged.findings
        ),
        not_run=(NotRun(POLYGLOT, POLYGLOT),),
        fingerprint=POLYGLOT,
    )


def hostile_failure() -> FailedCall:
    return failed_call(
        "x.wav", path=Path(POLYGLOT), call_id=POLYGLOT, code=POLYGLOT, message=POLYGLOT, hint=POLYGLOT, stage=POLYGLOT
    )


def _hostile_evidence(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    def poison(item: Evidence) -> Evidence:
        if isinstance(item, LexiconEvidence):
            return replace(item, entry_id=POLYGLOT, phrase=POLYGLOT, matched=POLYGLOT[14:17], lexicon=POLYGLOT)
        if isinstance(item, ClassifierEvidence):
            return replace(item, model=POLYGLOT, features=((POLYGLOT, 1.0),))
        return replace(item, fact=POLYGLOT) if isinstance(item, ContextEvidence) else item

    return tuple(poison(item) for item in evidence)
