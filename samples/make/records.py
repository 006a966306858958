"""`calls.csv`: what the switch of an imaginary call centre wrote down about some of the calls."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

from samples.make.scenario import Scenario
from samples.make.timeline import Timeline

COLUMNS = (
    *("call_id", "recording", "recording_start", "answer", "customer_hangup", "agent_hangup", "end"),
    *("hangup_by", "agent_id", "queue", "survey_start", "channel_map"),
)


def record_row(scenario: Scenario, timeline: Timeline, recording: str) -> dict[str, str] | None:
    """The call's row; None for a call without a record."""
    if scenario.record is None:
        return None
    start = datetime.fromisoformat(scenario.record.start)
    hangup_ms, hangup_by = (timeline.hangup[0], timeline.hangup[1].by) if timeline.hangup else (0, "unknown")
    return {
        "call_id": f"{start:%Y%m%d}-{scenario.name}",
        "recording": recording,
        "recording_start": scenario.record.start,
        "answer": scenario.record.start,
        "customer_hangup": _at(start, hangup_ms) if hangup_by == "customer" else "",
        "agent_hangup": "",
        "end": _at(start, timeline.duration_ms),
        "hangup_by": hangup_by,
        "agent_id": scenario.record.agent_id,
        "queue": scenario.record.queue,
        "survey_start": "" if timeline.survey_start_ms is None else _at(start, timeline.survey_start_ms),
        "channel_map": "agent,customer",
    }


def write_records(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the rows as CSV, UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _at(start: datetime, offset_ms: int) -> str:
    """As exact as the start of the recording is given: whole seconds stay whole, cut off as a switch does."""
    exact = "milliseconds" if start.microsecond else "seconds"
    return (start + timedelta(milliseconds=offset_ms)).isoformat(timespec=exact)
