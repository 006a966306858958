from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from callaudit.calls.formats.cel_events import SAMPLE_COLUMNS
from callaudit.calls.formats.names import CallsFormat
from callaudit.domain.calls import CallRecord, Party
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import NINE_S, after, found, refuse, the_entry, the_record

CUSTOMER, AGENT = ("1772414120.41", "PJSIP/trunk-00000029"), ("1772414128.42", "PJSIP/1001-0000002a")


def event(name: str, seconds: float, who: tuple[str, str] = CUSTOMER, **more: Any) -> dict[str, Any]:
    return {
        "eventtype": name,
        "eventtime": f"{NINE_S + seconds:.6f}",
        "exten": "600",
        "context": "ext-queues" if who == CUSTOMER else "from-internal",
        "channame": who[1],
        "uniqueid": who[0],
        "linkedid": CUSTOMER[0],
        **more,
    }


def hangup(seconds: float, who: tuple[str, str], source: str | None) -> dict[str, Any]:
    extra = {"hangupcause": 16, "dialstatus": "", **({} if source is None else {"hangupsource": source})}
    return event("HANGUP", seconds, who, extra=extra)


def call(source: str | None = CUSTOMER[1], agent_at: float = 60.75, customer_at: float = 60.5) -> list[dict[str, Any]]:
    """A call through a queue."""
    return [
        event("CHAN_START", 0),
        event("ANSWER", 1.25),
        event("APP_START", 2, appname="Queue", appdata="hotline,t,,,300"),
        event("CHAN_START", 8, AGENT),
        event("ANSWER", 10, AGENT),
        event("BRIDGE_ENTER", 10.5, AGENT, extra={"bridge_id": "b", "bridge_technology": "simple_bridge"}),
        event("BRIDGE_ENTER", 10.5),
        event("BRIDGE_EXIT", customer_at),
        hangup(customer_at, CUSTOMER, source),
        event("CHAN_END", customer_at),
        event("BRIDGE_EXIT", agent_at, AGENT),
        hangup(agent_at, AGENT, source),
        event("LINKEDID_END", 61),
    ]


RECORDER = event("APP_START", 4.5, appname="MixMonitor", appdata="/var/spool/asterisk/monitor/one.wav,,")


def lines(events: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(item) + "\n" for item in events)


def table(events: list[dict[str, Any]], columns: list[str], *, header: bool) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(columns)
    for item in events:
        values = {**item, "extra": json.dumps(item["extra"]) if "extra" in item else ""}
        writer.writerow([values.get(name, "") for name in columns])
    return text.getvalue()


EXPECTED = CallRecord(
    recording="",
    call_id=CUSTOMER[0],
    answered_at=after(10.5),
    customer_hangup_at=after(60.5),
    agent_hangup_at=after(60.75),
    ended_at=after(61),
    hangup_by=Party.CUSTOMER,
    agent_id="1001",
    queue="hotline",
    clock_uncertainty_ms=1000,
    possible_starts_at=(after(0), after(1.25), after(10.5)),
)


@pytest.mark.parametrize(
    "text",
    [
        lines(call()),
        json.dumps(call()),
        table(call(), list(SAMPLE_COLUMNS), header=True),
        table(call(), list(SAMPLE_COLUMNS), header=False),
        table(call(), ["linkedid", "uniqueid", "extra", *list(SAMPLE_COLUMNS[:12])], header=True),
        lines(list(reversed(call()))),
    ],
)
def test_an_export_in_any_form_tells_the_call(tmp_path: Path, text: str) -> None:
    assert the_record(tmp_path, text) == EXPECTED


@pytest.mark.parametrize(
    ("source", "by"),
    [(CUSTOMER[1], Party.CUSTOMER), (AGENT[1], Party.AGENT), ("dialplan/builtin", Party.SYSTEM)],
)
def test_hangupsource_says_who_hung_up(tmp_path: Path, source: str, by: Party) -> None:
    entry = the_entry(tmp_path, lines(call(source)))
    assert (entry.record.hangup_by, entry.notes) == (by, ())


@pytest.mark.parametrize("source", [None, "PJSIP/2002-0000009f"])
def test_without_a_known_hangupsource_nobody_is_named_and_that_is_noted(tmp_path: Path, source: str | None) -> None:
    entry = the_entry(tmp_path, lines(call(source)))
    assert entry.record.hangup_by is None
    assert entry.notes
    assert entry.record.customer_hangup_at == after(60.5)


def test_where_the_events_do_not_tell_the_customer_no_side_s_hangup_is_used(tmp_path: Path) -> None:
    events = [item for item in call() if item.get("appname") != "Queue"]
    entry = the_entry(tmp_path, lines(events))
    record = entry.record
    assert (record.customer_hangup_at, record.agent_hangup_at, record.hangup_by) == (None, None, None)
    assert record.ended_at == after(61)
    assert "customer" in entry.notes[0]


@pytest.mark.parametrize(
    ("context", "is_told"),
    [("from-trunk", True), ("from-pstn", True), ("from-internal", False), ("default", False)],
)
def test_without_a_queue_the_context_of_the_telephone_network_tells_the_customer(
    tmp_path: Path, context: str, is_told: bool
) -> None:
    events = [item for item in call() if item.get("appname") != "Queue"]
    events[0]["context"] = context
    assert (the_record(tmp_path, lines(events)).customer_hangup_at is not None) is is_told


@pytest.mark.parametrize(
    ("options", "start_s"),
    [("", 4.5), ("r(/tmp/b.wav)", 4.5), ("b", 10.5), ("bW(2)", 10.5), ("s(3)", None)],
)
def test_mixmonitor_tells_the_file_and_its_start(tmp_path: Path, options: str, start_s: float | None) -> None:
    recorder = {**RECORDER, "appdata": f"/var/spool/asterisk/monitor/one.wav,{options}"}
    record = the_record(tmp_path, lines([recorder, *call()]))
    assert record.recording == "/var/spool/asterisk/monitor/one.wav"
    assert record.recording_start_at == (None if start_s is None else after(start_s))
    assert record.ended_at == after(60.5)
    assert record.possible_starts_at == ()
    assert found(tmp_path, lines([recorder, *call()]), "one.wav")


def test_the_hangup_lands_on_the_recording_s_clock(tmp_path: Path) -> None:
    witness = read_record(the_record(tmp_path, lines([RECORDER, *call()])), 56_000, 2000).witness
    assert witness is not None
    assert (witness.at_ms, witness.by, witness.uncertainty_ms) == (56_000, Party.CUSTOMER, 1000)


def test_a_prompt_to_the_customer_after_the_agent_is_the_survey(tmp_path: Path) -> None:
    events = call(AGENT[1], agent_at=40, customer_at=60.5)
    events = [item for item in events if not (item["eventtype"] == "BRIDGE_EXIT" and item["uniqueid"] == CUSTOMER[0])]
    events += [event("BRIDGE_EXIT", 40.2), event("STREAM_BEGIN", 41), event("STREAM_BEGIN", 5)]
    record = the_record(tmp_path, lines(events))
    assert (record.agent_hangup_at, record.survey_start_at) == (after(40), after(41))
    assert the_record(tmp_path, lines([*call(), event("STREAM_BEGIN", 5)])).survey_start_at is None


def test_whole_seconds_are_less_certain(tmp_path: Path) -> None:
    events = [{**item, "eventtime": item["eventtime"].partition(".")[0]} for item in call()]
    assert the_record(tmp_path, lines(events)).clock_uncertainty_ms == 1000


def test_events_of_unknown_names_and_other_fields_are_read_past(tmp_path: Path) -> None:
    more = event("SOMETHING_NEW", 70, extra={"a": 1})
    assert the_record(tmp_path, lines([{**item, "colour": "red"} for item in [*call(), more]])) == EXPECTED


def test_a_call_without_end_is_noted(tmp_path: Path) -> None:
    entry = the_entry(tmp_path, lines(call()[:7]))
    assert entry.record.ended_at is None
    assert any("ended" in note for note in entry.notes)


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"eventtime": ""}, "field eventtime: missing"),
        ({"eventtime": "soon"}, "field eventtime"),
        ({"eventtime": 12}, "field eventtime"),
        ({"eventtime": [1]}, "field eventtime"),
        ({"eventtype": ""}, "field eventtype: missing"),
        ({"eventtype": "3"}, "field eventtype"),
        ({"uniqueid": None}, "field uniqueid: missing"),
        ({"linkedid": ""}, "field linkedid: missing"),
        ({"extra": "hangupcause=16"}, "field extra"),
        ({"extra": "[16]"}, "field extra"),
        ({"channame": {"a": 1}}, "field channame"),
    ],
)
def test_a_missing_or_wrong_field_is_named_with_its_line(tmp_path: Path, changes: dict[str, Any], about: str) -> None:
    events = call()
    refuse(tmp_path, lines([*events[:3], {**events[3], **changes}, *events[4:]]), "line 4", about)


@pytest.mark.parametrize("missing", ["eventtime", "uniqueid", "linkedid"])
def test_a_table_without_a_needed_column_is_refused(tmp_path: Path, missing: str) -> None:
    columns = [name for name in SAMPLE_COLUMNS if name != missing]
    refuse(tmp_path, table(call(), columns, header=True), "line 1", missing, calls_format=CallsFormat.ASTERISK_CEL)


def test_a_line_with_more_values_than_columns_is_refused(tmp_path: Path) -> None:
    text = table(call(), list(SAMPLE_COLUMNS), header=False).replace("\n", ",more,more\n", 2).replace(",more", "", 2)
    refuse(tmp_path, text, "line 2", "values")
