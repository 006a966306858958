from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import pytest

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import CallRecord, ClockSpan, Party
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import NINE_S, after, found, read, refuse, the_entry, the_record

UUID = "5a7f678c-37cb-11e2-a089-ab820864671e"


def us(seconds: float) -> str:
    return str(round((NINE_S + seconds) * 1_000_000))


VARIABLES = {
    "uuid": UUID,
    "direction": "inbound",
    "call_uuid": UUID,
    "sofia_profile_name": "external",
    "cc_side": "member",
    "cc_queue": "hotline@default",
    "cc_agent": "1001@default",
    "sip_hangup_disposition": "recv_bye",
    "hangup_cause": "NORMAL_CLEARING",
    "start_stamp": "2026-03-02 09:15:20",
    "start_epoch": str(NINE_S),
    "start_uepoch": us(0.25),
    "answer_uepoch": us(1.25),
    "bridge_uepoch": us(10.5),
    "end_epoch": str(NINE_S + 60),
    "end_uepoch": us(60.5),
    "duration": "60",
    "billsec": "59",
    "sip_from_display": "张三 <&>",
}
APPLICATIONS = [
    {"app_name": "answer", "app_data": "", "app_stamp": us(1.2)},
    {"app_name": "record_session", "app_data": "/var/lib/freeswitch/recordings/one.wav", "app_stamp": us(2.5)},
]
TIMES = {"created_time": us(0.25), "answered_time": us(1.25), "bridged_time": us(10.5), "hangup_time": us(60.5)}


def leg(**changes: str | None) -> dict[str, Any]:
    variables = {name: value for name, value in {**VARIABLES, **changes}.items() if value is not None}
    return {
        "core-uuid": "c0",
        "switchname": "fs1",
        "channel_data": {"state": "CS_REPORTING", "direction": "inbound"},
        "variables": variables,
        "app_log": {"applications": APPLICATIONS},
        "callflow": [{"dialplan": "XML", "profile_index": "1", "times": TIMES}],
    }


def as_json(call: dict[str, Any]) -> str:
    return json.dumps(call)


def as_xml(call: dict[str, Any]) -> str:
    variables = "".join(f"<{name}>{escape(quote(value))}</{name}>" for name, value in call["variables"].items())
    log = "".join(
        "<application " + " ".join(f"{name}={quoteattr(value)}" for name, value in item.items()) + "></application>"
        for item in call.get("app_log", {}).get("applications", [])
    )
    flows = "".join(
        "<callflow><times>"
        + "".join(f"<{name}>{value}</{name}>" for name, value in flow["times"].items())
        + "</times></callflow>"
        for flow in call.get("callflow", [])
    )
    head = '<?xml version="1.0"?>\n<cdr core-uuid="c0" switchname="fs1">\n<channel_data/>'
    return f"{head}<variables>{variables}</variables><app_log>{log}</app_log>{flows}</cdr>\n"


BOTH = pytest.mark.parametrize("written", [as_json, as_xml])

EXPECTED = CallRecord(
    recording="/var/lib/freeswitch/recordings/one.wav",
    call_id=UUID,
    recording_start_at=after(2.5),
    answered_at=after(1.25),
    customer_hangup_at=after(60.5),
    ended_at=after(60.5),
    hangup_by=Party.CUSTOMER,
    agent_id="1001@default",
    queue="hotline@default",
    clock_uncertainty_ms=200,
)


@BOTH
def test_a_leg_tells_who_hung_up_when_and_what_was_recorded_since_when(tmp_path: Path, written: Any) -> None:
    entry = the_entry(tmp_path, written(leg()))
    assert (entry.record, entry.notes) == (EXPECTED, ())
    witness = read_record(entry.record, 58_000, 2000).witness
    assert witness is not None
    assert (witness.at_ms, witness.by, witness.uncertainty_ms) == (58_000, Party.CUSTOMER, 200)


@BOTH
@pytest.mark.parametrize(
    ("whose", "disposition", "by"),
    [
        (("member", None), "recv_bye", Party.CUSTOMER),
        (("member", None), "send_bye", None),
        (("agent", "external"), "recv_bye", Party.AGENT),
        (("agent", None), "send_bye", None),
        ((None, "external"), "recv_bye", Party.CUSTOMER),
        ((None, "internal"), "recv_bye", Party.AGENT),
        ((None, "internal"), "send_refuse", None),
        (("member", None), "recv_cancel", None),
    ],
)
def test_only_a_bye_of_the_leg_s_own_party_says_who_hung_up(
    tmp_path: Path, written: Any, whose: tuple[str | None, str | None], disposition: str, by: Party | None
) -> None:
    changes = {"cc_side": whose[0], "sofia_profile_name": whose[1], "sip_hangup_disposition": disposition}
    entry = the_entry(tmp_path, written(leg(**changes)))
    record = entry.record
    assert (record.hangup_by, record.ended_at, entry.notes) == (by, after(60.5), ())
    assert (record.customer_hangup_at is not None) is (by is Party.CUSTOMER)
    assert (record.agent_hangup_at is not None) is (by is Party.AGENT)


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        {"cc_side": None, "sofia_profile_name": None},
        {"cc_side": None, "sofia_profile_name": "lan"},
        {"sip_hangup_disposition": "lost_bye"},
    ],
)
def test_an_unknown_word_leaves_the_author_open_and_is_noted(
    tmp_path: Path, written: Any, changes: dict[str, str | None]
) -> None:
    entry = the_entry(tmp_path, written(leg(**changes)))
    assert entry.record.hangup_by is None
    assert entry.notes


@BOTH
def test_the_hangup_of_the_last_caller_profile_counts(tmp_path: Path, written: Any) -> None:
    flows = [{"times": TIMES}, {"times": {**TIMES, "hangup_time": "0"}}, {"times": {"created_time": us(0)}}]
    assert the_record(tmp_path, written({**leg(), "callflow": flows})).ended_at == after(60.5)


@BOTH
@pytest.mark.parametrize(
    ("changes", "end_s", "uncertainty_ms"),
    [
        ({}, 60.5, 200),
        ({"end_uepoch": None}, 60, 1000),
        ({"end_uepoch": None, "end_epoch": None, "end_stamp": "2026-03-02 09:16:20"}, 60, 1000),
    ],
)
def test_the_finest_time_there_is_counts(
    tmp_path: Path, written: Any, changes: dict[str, str | None], end_s: float, uncertainty_ms: int
) -> None:
    record = the_record(tmp_path, written({**leg(**changes), "callflow": []}))
    assert (record.ended_at, record.clock_uncertainty_ms) == (after(end_s), uncertainty_ms)


@BOTH
@pytest.mark.parametrize(
    ("name", "start_s"), [("RECORD_ANSWER_REQ", 2.5), ("RECORD_BRIDGE_REQ", 10.5), ("RECORD_STEREO", 2.5)]
)
def test_a_recording_that_had_to_wait_began_later(tmp_path: Path, written: Any, name: str, start_s: float) -> None:
    assert the_record(tmp_path, written(leg(**{name: "true"}))).recording_start_at == after(start_s)


@BOTH
def test_without_the_application_s_log_the_start_is_left_to_the_recording_s_length(
    tmp_path: Path, written: Any
) -> None:
    text = written({**leg(), "app_log": {"applications": APPLICATIONS[:1]}})
    record = the_record(tmp_path, text)
    assert (record.recording, record.recording_start_at) == ("", None)
    assert record.possible_starts_at == (after(0.25), after(1.25), after(10.5))
    assert found(tmp_path, text, f"{UUID}.wav")
    assert found(tmp_path, text, f"hotline_{UUID.replace('-', '_')}_2026.wav")
    assert not found(tmp_path, text, f"{UUID[:-1]}f.wav")
    reading = read_record(record, 50_000, 2000)
    assert reading.witness is not None
    assert reading.witness.at_ms == 50_000


@BOTH
@pytest.mark.parametrize(
    ("events", "spans"),
    [
        (f"{{{{{us(20)},{us(30.5)}}}}}", [(20, 30.5)]),
        (f"{{{{{us(20)},{us(30)}}},{{{us(40)},0}}}}", [(20, 30), (40, 60.5)]),
        ("", []),
    ],
)
def test_holds_are_read(tmp_path: Path, written: Any, events: str, spans: list[tuple[float, float]]) -> None:
    record = the_record(tmp_path, written(leg(hold_events=events)))
    assert record.hold_spans == tuple(ClockSpan(after(start), after(end)) for start, end in spans)


def test_holds_stand_in_an_element_of_their_own_too(tmp_path: Path) -> None:
    hold = f'<hold-record><hold on="{us(20)}" off="{us(30)}"/></hold-record></cdr>'
    record = the_record(tmp_path, as_xml(leg()).replace("</cdr>", hold))
    assert record.hold_spans == (ClockSpan(after(20), after(30)),)


@BOTH
@pytest.mark.parametrize(("billsec", "is_distrusted"), [("59", False), ("61", False), (None, False), ("10", True)])
def test_a_length_that_contradicts_the_times_is_noted_and_they_are_not_used(
    tmp_path: Path, written: Any, billsec: str | None, is_distrusted: bool
) -> None:
    entry = the_entry(tmp_path, written(leg(billsec=billsec)))
    assert entry.record.is_distrusted is bool(entry.notes) is is_distrusted
    assert (read_record(entry.record, 58_000, 2000).doubt is Warn.RECORD_INCONSISTENT) is is_distrusted


@BOTH
@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"uuid": None}, "field variables.uuid: missing"),
        ({"answer_uepoch": "soon"}, "field variables.answer_uepoch"),
        ({"answer_uepoch": str(NINE_S)}, "not microseconds since 1970"),
        ({"answer_uepoch": None, "answer_epoch": us(0)}, "not seconds since 1970"),
        ({"billsec": "long"}, "field variables.billsec"),
        ({"hold_events": "{{12,13}}"}, "field variables.hold_events.on"),
        ({"hold_events": f"{{{{{us(30)},{us(20)}}}}}"}, "field variables.hold_events.off"),
        ({"RECORD_ANSWER_REQ": "maybe"}, "field variables.RECORD_ANSWER_REQ"),
    ],
)
def test_a_missing_or_wrong_field_is_named(
    tmp_path: Path, written: Any, changes: dict[str, str | None], about: str
) -> None:
    refuse(tmp_path, written(leg(**changes)), "record 1", about)


@BOTH
def test_a_leg_without_any_end_is_refused(tmp_path: Path, written: Any) -> None:
    call = {**leg(end_uepoch=None, end_epoch=None), "callflow": []}
    refuse(tmp_path, written(call), "record 1", "field variables.end_uepoch: missing")


@BOTH
def test_a_wrong_time_of_the_recording_is_refused(tmp_path: Path, written: Any) -> None:
    log = {"applications": [{**APPLICATIONS[1], "app_stamp": str(NINE_S)}]}
    refuse(tmp_path, written({**leg(), "app_log": log}), "record 1", "app_log.applications[0].app_stamp")


@pytest.mark.parametrize(
    ("name", "value"), [("variables", "x"), ("app_log", [1]), ("callflow", ["x"]), ("callflow", 7)]
)
def test_json_of_another_shape_is_refused(tmp_path: Path, name: str, value: Any) -> None:
    refuse(tmp_path, as_json({**leg(), name: value}), "record 1", f"field {name}")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (
            '<?xml version="1.0"?>\n<!DOCTYPE cdr [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><cdr>&b;</cdr>',
            "document type",
        ),
        ('<?xml version="1.0"?>\n<!DOCTYPE cdr SYSTEM "file:///etc/passwd"><cdr/>', "document type"),
        ("<?xml version='1.0'?>\n<cdr><variables>", "well-formed"),
        ("<?xml version='1.0'?>\n<cdr>&b;</cdr>", "well-formed"),
    ],
)
def test_xml_that_is_broken_or_has_a_document_type_is_refused(tmp_path: Path, text: str, about: str) -> None:
    refuse(tmp_path, text, "line 2", about)


def test_xml_that_is_nested_without_reason_is_refused(tmp_path: Path) -> None:
    refuse(tmp_path, "<cdr>" + "<a>" * 5000 + "</a>" * 5000 + "</cdr>", "line 1", "nested")


def test_legs_may_stand_in_json_lines_or_a_list(tmp_path: Path) -> None:
    other = "6b7f678c-37cb-11e2-a089-ab820864671e"
    for text in (as_json(leg()) + "\n" + as_json(leg(uuid=other)) + "\n", json.dumps([leg(), leg(uuid=other)])):
        assert [entry.ids[0] for entry in read(tmp_path, text)] == [UUID, other]


@pytest.mark.parametrize(
    ("word", "start"), [("true", after(10.5)), ("Yes", after(10.5)), ("1", after(10.5)), ("off", after(2.5))]
)
def test_a_switch_s_words_for_true_and_false_are_known(tmp_path: Path, word: str, start: datetime) -> None:
    assert the_record(tmp_path, as_json(leg(RECORD_BRIDGE_REQ=word))).recording_start_at == start


def test_parameters_before_the_recording_s_file_are_not_its_name(tmp_path: Path) -> None:
    text = as_json(leg()).replace("/var/lib", "{native=true,rate=8000}/var/lib")
    assert the_record(tmp_path, text).recording == "/var/lib/freeswitch/recordings/one.wav"
