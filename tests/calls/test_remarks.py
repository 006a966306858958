from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from callaudit.calls.records import read_call_records
from callaudit.calls.remarks import remarks_on


def remarks(folder: Path, rows: Iterable[str], *recordings: str) -> tuple[str, ...]:
    """Remarks on records with call id and recording, of a scan of some recordings."""
    path = folder / "calls.csv"
    path.write_text("\n".join(["call_id,recording", *rows, ""]), encoding="utf-8")
    return remarks_on(read_call_records(path), [Path(name) for name in recordings])


def test_records_that_fit_are_counted_and_nothing_else_is_said(tmp_path: Path) -> None:
    assert remarks(tmp_path, ["1,one.wav", "2,two.wav"], "one.wav", "two.wav", "three.wav") == (
        "2 of 2 call records belong to a recording of this scan",
    )


def test_records_of_other_recordings_are_named(tmp_path: Path) -> None:
    assert remarks(tmp_path, ["1,one.wav", "2,monday/two.wav"], "one.wav", "tuesday/two.wav") == (
        "1 of 2 call records belong to a recording of this scan",
        "call records of other recordings: monday/two.wav",
    )


def test_of_many_names_a_few_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    rows = [f"{number},{number}.wav" for number in range(1, 8)]
    assert (
        remarks(tmp_path, rows)[1] == "call records of other recordings: 1.wav, 2.wav, 3.wav, 4.wav, 5.wav and 2 more"
    )


@pytest.mark.parametrize("second", ["1,one.wav", "2,one.wav"])
def test_a_recording_with_several_records_is_named_with_their_lines(tmp_path: Path, second: str) -> None:
    assert remarks(tmp_path, ["1,one.wav", "3,two.wav", second], "one.wav", "two.wav") == (
        "3 of 3 call records belong to a recording of this scan",
        "recordings with several call records: one.wav (lines 2, 4)",
    )


def test_a_record_that_a_longer_path_outdoes_is_not_used(tmp_path: Path) -> None:
    assert remarks(tmp_path, ["1,one.wav", "2,monday/one.wav"], "monday/one.wav") == (
        "1 of 2 call records belong to a recording of this scan",
        "call records of other recordings: one.wav",
    )


def test_a_call_id_of_several_recordings_is_named(tmp_path: Path) -> None:
    rows = ["7,one.wav", "7,two.wav", "8,three.wav", ",four.wav", ",five.wav"]
    assert remarks(tmp_path, rows, "one.wav", "two.wav", "three.wav", "four.wav", "five.wav")[1:] == (
        "call ids shared by several recordings: 7 (one.wav, two.wav)",
    )


def test_columns_that_nobody_knows_are_named(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("recording,skill\none.wav,7\n")
    assert remarks_on(read_call_records(path), [Path("one.wav")])[1:] == (
        "columns of the call records that mean nothing here: skill",
    )


def test_parts_of_a_call_with_recordings_of_their_own_are_counted_apart_and_reservations_said(tmp_path: Path) -> None:
    part = {"EndedTimestamp": 1772414150, "RecordURL": "https://h/part.mp3"}
    call = {"SessionId": "s", "EndedTimestamp": 1772414180, "RecordURL": "https://h/whole.mp3", "HungUpSide": "robot"}
    path = tmp_path / "calls.json"
    path.write_text(json.dumps({"TelCdrs": [{**call, "ServeParticipants": [part]}]}), encoding="utf-8")
    records = read_call_records(path)
    assert remarks_on(records, [Path("part.mp3")]) == (
        "1 of 2 call records belong to a recording of this scan",
        "call records of other recordings: whole.mp3",
        "call ids shared by several recordings: s (whole.mp3, part.mp3)",
    )
    assert remarks_on(records, [Path("whole.mp3")])[-1] == (
        "call records read with reservations: whole.mp3"
        " (field HungUpSide holds an unknown word: who hung up is left open)"
    )


def test_records_that_name_no_recording_go_by_their_ids(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    path.write_text('[{"conversationId": "c-0001"}, {"conversationId": "c-0002"}]', encoding="utf-8")
    assert remarks_on(read_call_records(path), [])[1] == "call records of other recordings: c-0001, c-0002"


def test_recordings_beside_their_records_are_read_past_and_named(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("recording\none.wav\n")
    (tmp_path / "one.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
    assert remarks_on(read_call_records(tmp_path), [Path("one.wav")])[1:] == (
        "files beside the call records that are no text: one.wav",
    )
