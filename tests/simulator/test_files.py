from __future__ import annotations

from pathlib import Path

import soundfile

from callaudit.calls.records import read_call_records
from callaudit.evaluation.truth import read_truths
from tests.simulator.bridge import record_of, truth_of
from tests.simulator.files import write, write_records
from tests.simulator.render import render
from tests.simulator.script import Source, Tail
from tests.simulator.shapes import CASES, scripts


def test_a_written_call_is_read_back_as_it_was(tmp_path: Path) -> None:
    calls = [render(script, 2) for script in scripts(2, 2)]
    paths = [write(call, tmp_path) for call in calls]
    truths = read_truths(tmp_path)
    for path, call in zip(paths, calls, strict=True):
        samples, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
        assert rate_hz == 8000
        assert (call.samples == samples.T).all()
        assert truths[path] == truth_of(call)


def test_every_kind_of_truth_is_read_back_as_it_was(tmp_path: Path) -> None:
    drawn = [script for script in scripts(len(CASES), 2) if script.tail in (Tail.NEXT_CALL, Tail.CHAT)]
    for script in drawn:
        call = render(script, 2)
        assert read_truths(write(call, tmp_path).parent)[tmp_path / f"{script.name}.wav"] == truth_of(call)
    assert len(drawn) == 2


def test_a_written_record_is_read_back_as_it_was(tmp_path: Path) -> None:
    calls = [render(script, 2) for script in scripts(len(CASES), 2) if script.source is Source.RECORD]
    records = [record for call in calls if (record := record_of(call))]
    write_records(records, tmp_path)
    read = read_call_records(tmp_path / "calls.csv")
    assert records
    for record in records:
        assert read.for_recording(tmp_path / record.recording) == record


def test_calls_without_records_leave_no_file_of_them(tmp_path: Path) -> None:
    write_records([], tmp_path)
    assert list(tmp_path.iterdir()) == []
