"""Simulated calls as files: a WAV with its truth beside it, for `callaudit evaluate DIR`."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

from callaudit.evaluation.truth import SCHEMA, SUFFIX
from tests.simulator.bridge import path_of, truth_of
from tests.simulator.render import SimulatedCall
from tests.simulator.voice import LINE_HZ


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
        "hangup": truth.hangup and {"at_ms": truth.hangup.at_ms, "by": truth.hangup.by, "kind": truth.hangup.kind},
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
    }
