"""Values as flat rows for tables and programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from callaudit.domain.analysis import CallAnalysis, FailedCall, JudgedCall
from callaudit.domain.findings import Finding, gravest
from callaudit.domain.names import printable
from callaudit.hangup.timer import read_timer

FINDING_SCHEMA = "callaudit.finding/1"
"""Goes up when a field is removed or changes its meaning; new fields do not raise it."""

TIMER_COLUMNS = ("timer_quiet_ms", "timer_limit_ms", "timer_flags")
"""What a mere timer would have said of the call (`hangup.timer`)."""
FINDING_COLUMNS = (
    *("schema", "finding_id", "call_id", "recording", "recording_sha256", "detector", "category", "severity"),
    *("confidence", "party", "party_basis", "start_ms", "end_ms", "phase", "quote", "evidence", "hangup_at_ms"),
    *("hangup_uncertainty_ms", *TIMER_COLUMNS, "agent_id", "queue", "call_score", "fingerprint"),
)
CALL_COLUMNS = (
    *("call_id", "recording", "score", "findings", "severity", "agent_id", "queue", "duration_ms", "hangup_at_ms"),
    *("hangup_uncertainty_ms", "hangup_by", *TIMER_COLUMNS, "warnings", "not_run", "engine"),
    *("recording_sha256", "fingerprint"),
)
FAILURE_COLUMNS = ("call_id", "recording", "code", "message", "hint", "stage", "recording_sha256")


def finding_row(judged: JudgedCall, finding: Finding) -> dict[str, Any]:
    """One finding as plain data: strings, numbers and None; `evidence` is a list of objects with a `kind`."""
    call = judged.analysis.call
    hangup = judged.analysis.hangup
    return {
        "schema": FINDING_SCHEMA,
        "finding_id": finding.finding_id,
        "call_id": printable(call.call_id),
        "recording": printable(call.recording.path),
        "recording_sha256": call.recording.sha256,
        "detector": finding.detector,
        "category": finding.category.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence,
        "party": finding.party.value,
        "party_basis": finding.party_basis.value,
        "start_ms": finding.span.start_ms,
        "end_ms": finding.span.end_ms,
        "phase": finding.phase.value,
        "quote": finding.quote,
        "evidence": [asdict(evidence) for evidence in finding.evidence],
        "hangup_at_ms": hangup.at_ms if hangup else None,
        "hangup_uncertainty_ms": hangup.uncertainty_ms if hangup else None,
        **_timer(judged.analysis),
        "agent_id": call.record.agent_id if call.record else None,
        "queue": call.record.queue if call.record else None,
        "call_score": judged.score,
        "fingerprint": judged.fingerprint,
    }


def call_row(judged: JudgedCall) -> dict[str, Any]:
    """One judged call as plain data."""
    analysis = judged.analysis
    record, hangup = analysis.call.record, analysis.hangup
    severity = gravest(judged.findings)
    return {
        "call_id": printable(analysis.call.call_id),
        "recording": printable(analysis.call.recording.path),
        "score": judged.score,
        "findings": len(judged.findings),
        "severity": severity.value if severity else None,
        "agent_id": record.agent_id if record else None,
        "queue": record.queue if record else None,
        "duration_ms": analysis.acoustics.duration_ms,
        "hangup_at_ms": hangup.at_ms if hangup else None,
        "hangup_uncertainty_ms": hangup.uncertainty_ms if hangup else None,
        "hangup_by": hangup.by.value if hangup and hangup.by else None,
        **_timer(analysis),
        "warnings": " ".join(analysis.warnings),
        "not_run": " ".join(f"{item.stage}:{item.reason}" for item in judged.not_run),
        "engine": analysis.transcript.engine,
        "recording_sha256": analysis.call.recording.sha256,
        "fingerprint": judged.fingerprint,
    }


def _timer(analysis: CallAnalysis) -> dict[str, Any]:
    timer = read_timer(analysis)
    values = (timer.quiet_ms, timer.limit_ms, timer.fires) if timer else (None, None, None)
    return dict(zip(TIMER_COLUMNS, values, strict=True))


def failure_row(failed: FailedCall) -> dict[str, Any]:
    """One failed call as plain data."""
    return {
        "call_id": printable(failed.call_id),
        "recording": printable(failed.path),
        "code": failed.code,
        "message": printable(failed.message),
        "hint": printable(failed.hint),
        "stage": failed.stage,
        "recording_sha256": failed.sha256,
    }
