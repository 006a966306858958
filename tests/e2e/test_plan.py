"""Recordings and call records brought together, before any engine is asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from callaudit import assembly
from callaudit.domain.analysis import CallSource, FailedCall
from callaudit.resources import bundled
from callaudit.settings import Settings


def test_a_contradictory_record_leaves_its_call_in_the_scan_and_several_records_do_not(tmp_path: Path) -> None:
    for name in ("odd.wav", "twice.wav"):
        shutil.copy(bundled("samples", "record-hangup.wav"), tmp_path / name)
    rows = (
        {"recording": "odd.wav", "answer": "2026-03-02 09:15:20", "end": "2026-03-02 09:14:00"},
        {"recording": "twice.wav", "call_id": "7"},
        {"recording": "twice.wav", "call_id": "8"},
        {"recording": "away.wav", "call_id": "8"},
    )
    calls = tmp_path / "calls.jsonl"
    calls.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    plan = assembly.find_sources([str(tmp_path)], Settings(), calls)

    odd, twice = plan.sources
    assert isinstance(odd, CallSource)
    assert odd.record is not None
    assert isinstance(twice, FailedCall)
    assert twice.code == "calls.duplicate"
    assert plan.remarks == (
        "3 of 4 call records belong to a recording of this scan",
        "call records of other recordings: away.wav",
        "recordings with several call records: twice.wav (lines 2, 3)",
        "call ids shared by several recordings: 8 (twice.wav, away.wav)",
    )
