from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.calls.records import read_call_records
from callaudit.domain.calls import CallRecord, Party
from callaudit.domain.contradictions import contradiction
from callaudit.errors import CallRecordError, ExitCode, InputError

HEADER = (
    "call_id,recording,recording_start,answer,customer_hangup,agent_hangup,end,hangup_by,agent_id,queue,survey_start"
)


def write(folder: Path, text: str, name: str = "calls.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def the_record(path: Path, recording: str = "one.wav") -> CallRecord:
    record = read_call_records(path).for_recording(Path(recording))
    assert record is not None
    return record


def test_every_neutral_column_is_read(tmp_path: Path) -> None:
    header = f"{HEADER},channel_map\n"
    row = (
        "77,one.wav,2026-03-02T09:15:20+08:00,2026-03-02T09:15:21+08:00,2026-03-02T09:16:00+08:00,"
        '2026-03-02T09:16:05+08:00,2026-03-02T09:16:06+08:00,customer,1043,回访组,,"customer,agent"\n'
    )
    record = the_record(write(tmp_path, header + row))
    assert record == CallRecord(
        recording="one.wav",
        call_id="77",
        recording_start_at=datetime(2026, 3, 2, 1, 15, 20, tzinfo=UTC),
        answered_at=datetime(2026, 3, 2, 1, 15, 21, tzinfo=UTC),
        customer_hangup_at=datetime(2026, 3, 2, 1, 16, 0, tzinfo=UTC),
        agent_hangup_at=datetime(2026, 3, 2, 1, 16, 5, tzinfo=UTC),
        ended_at=datetime(2026, 3, 2, 1, 16, 6, tzinfo=UTC),
        hangup_by=Party.CUSTOMER,
        agent_id="1043",
        queue="回访组",
        channel_parties=(Party.CUSTOMER, Party.AGENT),
        clock_uncertainty_ms=1000,
    )


@pytest.mark.parametrize(
    "hold",
    ["1772414130.5/1772414140.5;1772414150/1772414155", "2026-03-02T09:15:30.5/1772414140.5;1772414150/1772414155 ; "],
)
def test_holds_and_mutes_are_stretches_of_time(tmp_path: Path, hold: str) -> None:
    record = the_record(write(tmp_path, f"recording,hold,mute\none.wav,{hold},\n"))
    pairs = [["1772414130.5", 1772414140.5], [1772414150, 1772414155]]
    values = {"recording": "one.wav", "hold": pairs, "mute": None}
    assert record == the_record(write(tmp_path, json.dumps(values), "calls.jsonl"))
    assert [(span.end_at - span.start_at).total_seconds() for span in record.hold_spans] == [10, 5]
    assert (record.mute_spans, record.clock_uncertainty_ms) == ((), 1000)


def test_json_lines_say_the_same_as_csv(tmp_path: Path) -> None:
    values = {
        "recording": "one.wav",
        "call_id": 77,
        "recording_start": 1772414120,
        "customer_hangup": 1772414160.0,
        "hangup_by": "customer",
        "channel_map": ["agent", "customer"],
    }
    from_json = the_record(write(tmp_path, f"\n{json.dumps(values)}\n", "calls.jsonl"))
    header = "recording,call_id,recording_start,customer_hangup,hangup_by,channel_map"
    row = 'one.wav,77,1772414120,1772414160.0,customer,"agent,customer"'
    assert from_json == the_record(write(tmp_path, f"{header}\n{row}\n"))
    assert from_json.call_id == "77"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "recording,queue\r\n录音一.wav,回访组\r\n", encoding=encoding)
    assert the_record(path, "录音一.wav").queue == "回访组"


def test_tabs_may_separate_columns(tmp_path: Path) -> None:
    assert the_record(write(tmp_path, "recording\tqueue\none.wav\ta,b\n")).queue == "a,b"


def test_quoted_values_may_hold_separators_line_ends_and_quotation_marks(tmp_path: Path) -> None:
    records = read_call_records(write(tmp_path, 'recording,queue,note\none.wav,"a,""b""","x\ny"\ntwo.wav,5" c,\n'))
    found = [records.for_recording(Path(name)) for name in ("one.wav", "two.wav")]
    assert [record and record.queue for record in found] == ['a,"b"', '5" c']
    assert [entry.line for entry in records.entries] == [2, 4]


def test_columns_are_known_in_any_case_and_unknown_ones_listed(tmp_path: Path) -> None:
    records = read_call_records(write(tmp_path, " Recording ,Skill,QUEUE\none.wav,7,q\n"))
    record = records.for_recording(Path("one.wav"))
    assert record is not None
    assert record.queue == "q"
    assert records.unknown_columns == ("skill",)


def test_empty_values_and_short_and_blank_rows_are_absent(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER}\n,one.wav\n\n , ,,\n")
    assert the_record(path) == CallRecord(recording="one.wav")
    assert len(read_call_records(path)) == 1


@pytest.mark.parametrize(
    ("word", "party"),
    [
        ("agent", Party.AGENT),
        ("Customer", Party.CUSTOMER),
        ("system", Party.SYSTEM),
        ("nobody", None),
        ("unknown", None),
    ],
)
def test_who_hung_up(tmp_path: Path, word: str, party: Party | None) -> None:
    assert the_record(write(tmp_path, f"recording,hangup_by\none.wav,{word}\n")).hangup_by is party


@pytest.mark.parametrize(
    ("text", "line", "about"),
    [
        ("call_id,queue\n1,2\n", 1, "recording"),
        ("", 1, "recording"),
        ("recording,queue,queue\n", 1, "queue"),
        ("recording,answer\none.wav,noon\n", 2, "answer"),
        ("recording,answer\none.wav,2026-03-02 09:15:20\ntwo.wav,2026-03-02\n", 3, "answer"),
        ("recording,hangup_by\none.wav,boss\n", 2, "hangup_by"),
        ("recording,channel_map\none.wav,left\n", 2, "channel_map"),
        ("recording,queue\n,q\n", 2, "recording"),
        ("recording\none.wav,extra\n", 2, "values"),
        ('recording,queue\none.wav,a\ntwo.wav,"b\nthree.wav,c\n', 3, "quotation mark"),
        ('recording,queue\none.wav,"a\ntwo.wav,"b\n', 2, "quotation mark"),
        ('recording,"queue\none.wav,a\n', 1, "quotation mark"),
        ('{"recording": "one.wav"}\n{"recording": \n', 2, "JSON"),
        ('{"recording": "one.wav"}\n["one.wav"]\n', 2, "object"),
        ('{"recording": "one.wav", "answer": true}\n', 1, "answer"),
        ('{"recording": {"a": 1}}\n', 1, "recording"),
        ("recording,hold\none.wav,1772414130\n", 2, "hold"),
        ("recording,hold\none.wav,1772414140/1772414130\n", 2, "hold"),
        ("recording,mute\none.wav,1772414130/soon\n", 2, "mute"),
        ('{"recording": "one.wav", "mute": [[1772414130, null]]}\n', 1, "mute"),
        ('{"recording": "one.wav", "mute": [1772414130]}\n', 1, "mute"),
        ('{"queue": "q"}\n', 1, "recording"),
        ("recording,end\none.wav,9999-12-31 23:59:59\n", 2, "2000 to 2099"),
        ('[{"recording": "one.wav"}, {"recording": "two.wav", "end": "soon"}]', 2, "end"),
        ('{"recording": "one.wav",\n "queue": "q",\n "end"', 3, "JSON"),
    ],
)
def test_a_malformed_file_names_the_place_and_the_remedy(tmp_path: Path, text: str, line: int, about: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_call_records(path)
    assert caught.value.code == "calls.format"
    assert re.search(rf"{re.escape(str(path))}, (line|record) {line}:", caught.value.message)
    assert about in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.NO_INPUT


@pytest.mark.parametrize("data", [b"\x00\x01\x02RIFF", b"\xff\xff\xff\xff"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_call_records(path)
    assert caught.value.code == "calls.format"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError) as caught:
            read_call_records(path)
        assert caught.value.code == "calls.missing"


@pytest.mark.parametrize(
    "columns",
    [
        {"answer": "2026-03-02 09:15:20", "customer_hangup": "2026-03-02 09:14:00"},
        {"answer": "2026-03-02 09:15:20", "agent_hangup": "2026-03-02 09:14:00"},
        {"answer": "2026-03-02 09:15:20", "end": "2026-03-02 09:14:00"},
        {"recording_start": "2026-03-02 09:15:20", "end": "2026-03-02 09:14:00"},
        {"recording_start": "2026-03-02 09:15:20", "survey_start": "2026-03-02 09:14:00"},
        {"customer_hangup": "2026-03-02 09:15:20", "end": "2026-03-02 09:15:10"},
        {
            "hangup_by": "agent",
            "customer_hangup": "2026-03-02 09:15:20",
            "agent_hangup": "2026-03-02 09:15:40",
        },
        {"answer": "2026-03-02 09:15:20", "hold": "2026-03-02 01:15:30/2026-03-02 01:15:40"},
    ],
)
def test_a_contradictory_record_is_read_all_the_same_and_names_its_fields(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    record = the_record(write(tmp_path, json.dumps({"recording": "one.wav", **columns}), "calls.jsonl"))
    assert set(contradiction(record) or ()) <= columns.keys()
    assert contradiction(record)


def test_what_the_clock_may_be_off_by_is_no_contradiction(tmp_path: Path) -> None:
    columns = "recording,customer_hangup,agent_hangup,end,hangup_by"
    row = "one.wav,2026-03-02 09:15:20,2026-03-02 09:15:19,2026-03-02 09:15:19,customer"
    assert contradiction(the_record(write(tmp_path, f"{columns}\n{row}\n"))) is None


@pytest.mark.parametrize(
    ("recording", "path", "belongs"),
    [
        ("one.wav", "/calls/monday/one.wav", True),
        ("monday/one.wav", "/calls/monday/one.wav", True),
        ("./monday/one.wav", "/calls/monday/one.wav", True),
        ("monday\\one.wav", "/calls/monday/one.wav", True),
        ("/calls/monday/one.wav", "/calls/monday/one.wav", True),
        ("/var/spool/asterisk/one.wav", "/calls/monday/one.wav", True),
        ("D:\\rec\\one.wav", "/calls/monday/one.wav", True),
        ("tuesday/one.wav", "/calls/monday/one.wav", False),
        ("one.mp3", "/calls/monday/one.wav", False),
        ("ne.wav", "/calls/monday/one.wav", False),
    ],
)
def test_a_record_belongs_to_recordings_whose_path_ends_with_it(
    tmp_path: Path, recording: str, path: str, belongs: bool
) -> None:
    records = read_call_records(write(tmp_path, json.dumps({"recording": recording}), "calls.jsonl"))
    assert (records.for_recording(Path(path)) is not None) is belongs


def test_of_several_records_the_longest_path_wins(tmp_path: Path) -> None:
    text = "call_id,recording\n1,one.wav\n2,monday/one.wav\n3,tuesday/one.wav\n"
    records = read_call_records(write(tmp_path, text))
    found = [records.for_recording(Path(f"/calls/{day}/one.wav")) for day in ("sunday", "monday", "tuesday")]
    assert [record and record.call_id for record in found] == ["1", "2", "3"]


def test_two_different_records_of_one_recording_fail_that_call_alone(tmp_path: Path) -> None:
    records = read_call_records(write(tmp_path, "call_id,recording\n1,one.wav\n2,one.wav\n3,two.wav\n"))
    with pytest.raises(CallRecordError) as caught:
        records.for_recording(Path("one.wav"))
    assert caught.value.code == "calls.duplicate"
    assert "2, 3" in caught.value.message
    assert records.for_recording(Path("two.wav")) is not None


def test_the_same_record_twice_is_one_record(tmp_path: Path) -> None:
    path = write(tmp_path, "call_id,recording\n1,one.wav\n1,one.wav\n")
    assert the_record(path).call_id == "1"


@pytest.mark.parametrize(
    "never", ["0", "0.0", "0000-00-00 00:00:00", "1970-01-01 08:00:00", "0001-01-01T00:00:00Z", "NULL"]
)
def test_the_zero_of_a_calendar_is_no_time(tmp_path: Path, never: str) -> None:
    path = write(tmp_path, f"recording,recording_start,customer_hangup\none.wav,2026-03-02 09:15:20.5,{never}\n")
    record = the_record(path)
    assert (record.customer_hangup_at, record.clock_uncertainty_ms) == (None, 200)
