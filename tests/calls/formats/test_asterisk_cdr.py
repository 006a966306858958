from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.calls.formats.names import CallsFormat
from callaudit.domain.analysis import Warn
from callaudit.domain.calls import CallRecord
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import after, found, read, refuse, the_entry, the_record

COLUMNS = [
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
    *("uniqueid", "userfield", "peeraccount", "linkedid", "sequence"),
]
VALUES = {
    "accountcode": "",
    "src": "13800138000",
    "dst": "600",
    "dcontext": "ext-queues",
    "clid": '""张三" <13800138000>"',
    "channel": "PJSIP/trunk-00000029",
    "dstchannel": "PJSIP/1001-0000002a",
    "lastapp": "Queue",
    "lastdata": "hotline,t,,,300",
    "start": "2026-03-02 09:15:20",
    "answer": "2026-03-02 09:15:30",
    "end": "2026-03-02 09:16:20",
    "duration": "60",
    "billsec": "50",
    "disposition": "ANSWERED",
    "amaflags": "DOCUMENTATION",
    "uniqueid": "1772414120.41",
    "userfield": "",
    "peeraccount": "",
    "linkedid": "1772414119.40",
    "sequence": "7",
}


def quoted(value: str) -> str:
    return '"' + value.strip('"').replace('"', '""') + '"'


def line(columns: list[str], **changes: str) -> str:
    values = {**VALUES, **changes}
    return ",".join(quoted(values[name]) for name in columns) + "\n"


def table(columns: list[str], **changes: str) -> str:
    return ",".join(columns) + "\n" + line(columns, **changes)


EXPECTED = CallRecord(
    recording="",
    call_id="1772414120.41",
    answered_at=after(10),
    ended_at=after(60),
    agent_id="1001",
    queue="hotline",
    clock_uncertainty_ms=1000,
    possible_starts_at=(after(0), after(10)),
)


@pytest.mark.parametrize("count", [17, 18, 21])
def test_master_csv_has_no_header_and_as_many_columns_as_its_settings_say(tmp_path: Path, count: int) -> None:
    assert the_record(tmp_path, line(COLUMNS[:count])) == EXPECTED


def test_master_csv_may_have_the_new_columns_without_userfield(tmp_path: Path) -> None:
    entry = the_entry(tmp_path, line([name for name in COLUMNS if name != "userfield"]))
    assert (entry.record, entry.ids) == (EXPECTED, ("1772414120.41", "1772414119.40"))


def test_a_table_with_header_says_the_same_in_any_order_with_columns_of_others(tmp_path: Path) -> None:
    columns = [*reversed(COLUMNS), "did"]
    assert the_record(tmp_path, table(columns, did="12345")) == EXPECTED


def test_a_table_of_freepbx_counts_answer_and_end_from_its_durations_and_names_the_recording(tmp_path: Path) -> None:
    columns = [name for name in COLUMNS if name not in ("start", "answer", "end")]
    record = the_record(
        tmp_path,
        table(["calldate", *columns, "recordingfile"], calldate="2026-03-02 09:15:20", recordingfile="q-600.wav"),
    )
    assert (record.answered_at, record.ended_at, record.recording) == (after(10), after(60), "q-600.wav")
    assert record.clock_uncertainty_ms == 2000


def test_rows_of_agents_who_did_not_answer_belong_to_the_call(tmp_path: Path) -> None:
    missed = line(COLUMNS, answer="", end="2026-03-02 09:15:28", duration="8", billsec="0", disposition="NO ANSWER")
    entry = the_entry(tmp_path, missed + line(COLUMNS))
    assert (entry.record, entry.line) == (EXPECTED, 1)


def test_a_call_nobody_answered_has_no_answer(tmp_path: Path) -> None:
    record = the_record(tmp_path, line(COLUMNS, answer="", duration="60", billsec="0", disposition="BUSY"))
    assert (record.answered_at, record.ended_at) == (None, after(60))


@pytest.mark.parametrize(
    ("recording", "belongs"),
    [
        ("1772414120.41.wav", True),
        ("q-600-13800138000-20260302-091520-1772414120.41.wav", True),
        ("1772414119.40.wav", True),
        ("1772414120.412.wav", False),
        ("11772414120.41.wav", False),
        ("1772414120.4.wav", False),
        ("1772414120.wav", False),
    ],
)
def test_a_recording_is_known_by_the_ids_in_its_name(tmp_path: Path, recording: str, belongs: bool) -> None:
    assert found(tmp_path, line(COLUMNS), recording) is belongs


@pytest.mark.parametrize(("userfield", "belongs"), [("audio:one", False), ("one.wav", True), ("monday/one.WAV", False)])
def test_a_userfield_that_names_a_sound_file_names_the_recording(tmp_path: Path, userfield: str, belongs: bool) -> None:
    assert found(tmp_path, line(COLUMNS, userfield=userfield), "one.wav") is belongs


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": ""}, "field start: missing"),
        ({"start": "09:15"}, "field start"),
        ({"end": ""}, "field end: missing"),
        ({"end": "2026-03-02"}, "field end"),
        ({"answer": ""}, "field answer: missing"),
        ({"answer": "1"}, "field answer"),
        ({"duration": "a minute"}, "field duration"),
        ({"duration": ""}, "field duration: missing"),
        ({"billsec": "-5"}, "field billsec"),
        ({"billsec": ""}, "field billsec: missing"),
        ({"disposition": "PERHAPS"}, "field disposition"),
        ({"disposition": ""}, "field disposition: missing"),
        ({"uniqueid": ""}, "field uniqueid: missing"),
    ],
)
def test_a_missing_or_wrong_field_is_named_with_its_line(tmp_path: Path, changes: dict[str, str], field: str) -> None:
    refuse(tmp_path, table(COLUMNS) + line(COLUMNS, **{"uniqueid": "1772414120.42", **changes}), "line 3", field)


@pytest.mark.parametrize("columns", [COLUMNS[:16], [*COLUMNS, "dst"], COLUMNS[:19]])
def test_master_csv_with_too_few_or_too_many_values_is_refused(tmp_path: Path, columns: list[str]) -> None:
    refuse(tmp_path, line(COLUMNS) + line(columns), "line 2", calls_format=CallsFormat.ASTERISK_CDR)


@pytest.mark.parametrize("missing", ["uniqueid", "disposition", "duration"])
def test_a_table_without_a_needed_column_is_refused(tmp_path: Path, missing: str) -> None:
    columns = [name for name in COLUMNS if name != missing]
    refuse(tmp_path, table(columns), "line 1", missing, calls_format=CallsFormat.ASTERISK_CDR)


@pytest.mark.parametrize(
    ("changes", "is_distrusted"),
    [
        ({"duration": "61"}, False),
        ({"billsec": "51"}, False),
        ({"duration": "75"}, True),
        ({"billsec": "20"}, True),
        ({"end": "2026-03-02 09:14:00"}, True),
        ({"answer": "2026-03-02 10:15:30"}, True),
        ({"start": "2026-03-02 09:15:50", "duration": "30"}, True),
    ],
)
def test_times_that_contradict_the_durations_are_not_used(
    tmp_path: Path, changes: dict[str, str], is_distrusted: bool
) -> None:
    entry = the_entry(tmp_path, line(COLUMNS, **changes))
    assert bool(entry.notes) is entry.record.is_distrusted is is_distrusted
    assert (read_record(entry.record, 50_000, 2000).doubt is Warn.RECORD_INCONSISTENT) is is_distrusted


@pytest.mark.parametrize(
    ("duration_ms", "at_ms"),
    [(50_200, 50_000), (60_300, 60_000), (55_000, None), (120_000, None)],
)
def test_the_recording_begins_where_its_length_bears_it_out_or_the_times_are_not_used(
    tmp_path: Path, duration_ms: int, at_ms: int | None
) -> None:
    reading = read_record(the_record(tmp_path, line(COLUMNS)), duration_ms, 2000)
    assert (reading.witness and reading.witness.at_ms) == at_ms
    assert reading.doubt is (None if at_ms else Warn.RECORD_UNPLACED)


def test_several_calls_are_several_records(tmp_path: Path) -> None:
    entries = read(tmp_path, line(COLUMNS) + line(COLUMNS, uniqueid="1772414125.43", linkedid="1772414125.43"))
    assert [entry.record.call_id for entry in entries] == ["1772414120.41", "1772414125.43"]


@pytest.mark.parametrize("none", ["NULL", "\\N", ""])
def test_a_database_s_null_is_no_value(tmp_path: Path, none: str) -> None:
    header = "calldate,duration,billsec,disposition,uniqueid,linkedid,recordingfile"
    row = f"2026-03-02 09:15:20,60,55,ANSWERED,1772414120.5,{none},{none}"
    entry = the_entry(tmp_path, f"{header}\n{row}\n")
    assert (entry.record.recording, entry.ids) == ("", ("1772414120.5",))


@pytest.mark.parametrize(
    ("calldate", "duration", "field"),
    [
        ("9999-12-31 23:59:59", "60", "field calldate"),
        ("2026-03-02 09:15:20", "1e300", "field duration"),
        ("2026-03-02 09:15:20", "-60", "field duration"),
        ("2026-03-02 09:15:20", "nan", "field duration"),
        ("1970-01-01 08:00:00", "60", "field start: missing"),
    ],
)
def test_what_no_call_has_is_refused(tmp_path: Path, calldate: str, duration: str, field: str) -> None:
    header = "calldate,duration,billsec,disposition,uniqueid"
    refuse(tmp_path, f"{header}\n{calldate},{duration},55,ANSWERED,1772414120.5\n", "line 2", field)
