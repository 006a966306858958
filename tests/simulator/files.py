"""Simulated calls as files, for `callaudit evaluate DIR`: WAVs with their truth beside them, and `calls.csv`."""

from __future__ import annotations

import csv
import json
import wave
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from callaudit.domain.calls import CallRecord, ClockSpan
from callaudit.evaluation.truth import SCHEMA, SUFFIX, TrueHangup
from tests.simulator.bridge import path_of, truth_of
from tests.simulator.render import SimulatedCall
from tests.simulator.voice import LINE_HZ

RECORDS = "calls.csv"


def write(call: SimulatedCall, folder: Path) -> Path:
    """Write recording and truth; the path of the recording."""
    path = folder / path_of(call)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(call.samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(LINE_HZ)
        file.writeframes(call.samples.T.astype("<i2").tobytes())
    text = json.dumps(_truth(call), ensure_ascii=False, indent=1)
    path.with_suffix(SUFFIX).write_text(text, encoding="utf-8")
    return path


def write_records(records: Iterable[CallRecord], folder: Path) -> None:
    """Write the call records in the neutral form; none leave no file."""
    rows = [_record_row(record) for record in records]
    if not rows:
        return
    with (folder / RECORDS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _record_row(record: CallRecord) -> dict[str, str]:
    def written(at: datetime | None) -> str:
        return at.isoformat() if at else ""

    def spans(of: Iterable[ClockSpan]) -> str:
        return ";".join(f"{written(one.start_at)}/{written(one.end_at)}" for one in of)

    return {
        "recording": record.recording,
        "call_id": record.call_id or "",
        "recording_start": written(record.recording_start_at),
        "customer_hangup": written(record.customer_hangup_at),
        "end": written(record.ended_at),
        "hangup_by": record.hangup_by.value if record.hangup_by else "",
        "hold": spans(record.hold_spans),
        "mute": spans(record.mute_spans),
    }


def _truth(call: SimulatedCall) -> dict[str, Any]:
    truth = truth_of(call)
    return {
        "schema": SCHEMA,
        "title": " ".join((call.script.shape, call.script.source, call.script.tail)),
        "synthetic": True,
        "error": None,
        "duration_ms": call.truth.duration_ms,
        "mixed": truth.is_mixed,
        "utterances": [
            {
                "party": said.party,
                "channel": said.channel,
                "start_ms": said.span.start_ms,
                "end_ms": said.span.end_ms,
                "text": said.text,
            }
            for said in truth.utterances
        ],
        "hangup": truth.hangup and _hangup(truth.hangup),
        "closing_end_ms": truth.closing_end_ms,
        "findings": [
            {
                "category": finding.category,
                "start_ms": finding.span.start_ms,
                "end_ms": finding.span.end_ms,
                "party": finding.party,
                "phase": finding.phase,
                "quote": finding.quote,
            }
            for finding in truth.findings
        ],
        "categories": list(truth.categories),
        "labels": dict(truth.labels),
    }


def _hangup(hangup: TrueHangup) -> dict[str, Any]:
    row: dict[str, Any] = {"at_ms": hangup.at_ms, "by": hangup.by, "kind": hangup.kind}
    if hangup.or_ms:
        row["or_ms"] = list(hangup.or_ms)
    if hangup.is_optional:
        row["optional"] = True
    return row
