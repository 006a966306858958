from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.calls.formats.names import CallsFormat
from callaudit.domain.analysis import Warn
from callaudit.domain.calls import CallRecord, Party
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import NINE_S, after, found, read, refuse, the_entry, the_record

CALL = "1772414120.41"


def log(*events: str, call: str = CALL) -> str:
    """Events written `seconds agent EVENT|parameters`."""
    lines = []
    for event in events:
        seconds, agent, rest = event.split(" ", 2)
        lines.append(f"{NINE_S + int(seconds)}|{call}|hotline|{agent}|{rest}\n")
    return "".join(lines)


START = f"{NINE_S - 900}|NONE|NONE|NONE|QUEUESTART|\n"
CONNECTED = log("0 NONE ENTERQUEUE||13800138000|1", "10 PJSIP/1001 CONNECT|10|1772414128.42|3")


@pytest.mark.parametrize(("event", "by"), [("COMPLETECALLER", Party.CUSTOMER), ("COMPLETEAGENT", Party.AGENT)])
def test_the_log_says_who_hung_up_and_when(tmp_path: Path, event: str, by: Party) -> None:
    record = the_record(tmp_path, START + CONNECTED + log(f"60 PJSIP/1001 {event}|10|50|1"))
    assert record == CallRecord(
        recording="",
        call_id=CALL,
        answered_at=after(10),
        customer_hangup_at=after(60) if by is Party.CUSTOMER else None,
        agent_hangup_at=after(60) if by is Party.AGENT else None,
        ended_at=after(60),
        hangup_by=by,
        agent_id="1001",
        queue="hotline",
        possible_starts_at=(after(0), after(10)),
    )
    witness = read_record(record, 50_000, 2000).witness
    assert witness is not None
    assert (witness.at_ms, witness.by, witness.uncertainty_ms) == (50_000, by, 1000)


def test_an_abandoned_call_was_hung_up_by_the_customer(tmp_path: Path) -> None:
    record = the_record(tmp_path, log("0 NONE ENTERQUEUE||13800138000|1", "30 NONE ABANDON|1|1|30"))
    assert (record.customer_hangup_at, record.answered_at, record.agent_id) == (after(30), None, None)


@pytest.mark.parametrize("event", ["BLINDTRANSFER|2001|from-internal|10|20|1", "ATTENDEDTRANSFER|BRIDGE|x|10|20|1"])
def test_of_a_transferred_call_no_end_is_made_up(tmp_path: Path, event: str) -> None:
    entry = the_entry(tmp_path, CONNECTED + log(f"30 PJSIP/1001 {event}"))
    assert (entry.record.ended_at, entry.record.hangup_by) == (None, None)
    assert "transferred" in entry.notes[0]


def test_a_call_that_has_not_ended_is_noted(tmp_path: Path) -> None:
    assert the_entry(tmp_path, CONNECTED).notes


def test_events_of_no_call_of_other_calls_and_of_unknown_names_do_no_harm(tmp_path: Path) -> None:
    other = log("5 NONE ENTERQUEUE||13900139000|1", "8 NONE ABANDON|1|1|3", call="1772414125.50")
    entries = read(
        tmp_path,
        START + CONNECTED + other + log("20 PJSIP/1001 NEWEVENT|x", "60 PJSIP/1001 COMPLETEAGENT|10|50|1|more|more"),
    )
    assert [entry.record.ended_at for entry in entries] == [after(60), after(8)]


@pytest.mark.parametrize(("calltime", "is_distrusted"), [("50", False), ("52", False), ("20", True), ("900", True)])
def test_a_length_that_contradicts_the_times_is_noted_and_they_are_not_used(
    tmp_path: Path, calltime: str, is_distrusted: bool
) -> None:
    entry = the_entry(tmp_path, CONNECTED + log(f"60 PJSIP/1001 COMPLETEAGENT|10|{calltime}|1"))
    assert entry.record.is_distrusted is bool(entry.notes) is is_distrusted
    assert (read_record(entry.record, 50_000, 2000).doubt is Warn.RECORD_INCONSISTENT) is is_distrusted


@pytest.mark.parametrize(
    ("broken", "about"),
    [
        ("noon|1.1|hotline|NONE|ABANDON|1|1|3", "field time"),
        ("|1.1|hotline|NONE|ABANDON|1|1|3", "field time"),
        ("177241412|1.1|hotline|NONE|ABANDON|1|1|3", "field time"),
        (f"{NINE_S}|1.1|hotline|NONE", "field event: missing"),
        (f"{NINE_S}|1.1|hotline|NONE|", "field event: missing"),
        (f"{NINE_S}", "field callid: missing"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, broken: str, about: str) -> None:
    refuse(tmp_path, CONNECTED + broken + "\n", "line 3", about, calls_format=CallsFormat.QUEUE_LOG)


@pytest.mark.parametrize("parameters", ["10|soon|1", "10||1", "10"])
def test_a_missing_or_wrong_length_of_the_call_is_named(tmp_path: Path, parameters: str) -> None:
    refuse(tmp_path, CONNECTED + log(f"60 PJSIP/1001 COMPLETEAGENT|{parameters}"), "line 1", "field data2")


@pytest.mark.parametrize(
    ("recording", "belongs"),
    [("hotline-1772414120.41.wav", True), ("1772414128.42.wav", True), ("1772414128.43.wav", False)],
)
def test_recordings_are_known_by_the_caller_s_or_the_agent_s_channel(
    tmp_path: Path, recording: str, belongs: bool
) -> None:
    assert found(tmp_path, CONNECTED + log("60 PJSIP/1001 COMPLETEAGENT|10|50|1"), recording) is belongs
