from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from callaudit.domain.calls import CallRecord, Party
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import after, found, read, refuse, the_entry, the_record

SESSION = "hVpd7YQgRW2nD22h7q60JQ=="


def metadata(
    customer: str = "sip:+8613800138000@example.cn",
    customer_left: str = "<disassociate-time>2026-03-02T09:16:10.5+08:00</disassociate-time>",
    agent_left: str = "<disassociate-time>2026-03-02T09:16:20.5+08:00</disassociate-time>",
    ended: str = "<disassociate-time>2026-03-02T09:16:20.500+08:00</disassociate-time>",
) -> str:
    begun = "<associate-time>2026-03-02T09:15:20.250+08:00</associate-time>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<recording xmlns="urn:ietf:params:xml:ns:recording:1">
  <datamode>complete</datamode>
  <session session_id="{SESSION}">
    <sipSessionID>ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2</sipSessionID>
  </session>
  <participant participant_id="srfBElmCRp2QB23b7Mpk0w==">
    <nameID aor="{customer}"><name xml:lang="zh">张三</name></nameID>
  </participant>
  <participant participant_id="zSfPoSvdSDCmU3A3TRDxAw==">
    <nameID aor="sip:1001@call.example.cn"/>
  </participant>
  <stream stream_id="UAAMm5GRQKSCMVvLyl4rFw==" session_id="{SESSION}"><label>1</label></stream>
  <sessionrecordingassoc session_id="{SESSION}">{begun}{ended}</sessionrecordingassoc>
  <participantsessionassoc participant_id="srfBElmCRp2QB23b7Mpk0w==" session_id="{SESSION}">
    {begun}{customer_left}
  </participantsessionassoc>
  <participantsessionassoc participant_id="zSfPoSvdSDCmU3A3TRDxAw==" session_id="{SESSION}">
    {begun}{agent_left}
  </participantsessionassoc>
  <participantstreamassoc participant_id="srfBElmCRp2QB23b7Mpk0w=="><send>UAAMm5GRQKSCMVvLyl4rFw==</send>
  </participantstreamassoc>
</recording>
"""


def test_who_left_the_session_when_is_read(tmp_path: Path) -> None:
    entry = the_entry(tmp_path, metadata())
    assert entry.record == CallRecord(
        recording="",
        call_id=SESSION,
        recording_start_at=after(0.25),
        customer_hangup_at=after(50.5),
        agent_hangup_at=after(60.5),
        ended_at=after(60.5),
        hangup_by=Party.CUSTOMER,
        agent_id="1001",
        clock_uncertainty_ms=200,
    )
    assert entry.notes == ()
    witness = read_record(entry.record, 60_250, 2000).witness
    assert witness is not None
    assert (witness.at_ms, witness.by) == (50_250, Party.CUSTOMER)


def test_who_left_within_the_clock_s_uncertainty_was_not_first(tmp_path: Path) -> None:
    text = metadata(agent_left="<disassociate-time>2026-03-02T09:16:10.6+08:00</disassociate-time>")
    assert the_record(tmp_path, text).hangup_by is None


def test_without_disassociate_times_no_end_is_made_up(tmp_path: Path) -> None:
    record = the_record(tmp_path, metadata(customer_left="", agent_left="", ended=""))
    assert (record.recording_start_at, record.ended_at) == (after(0.25), None)
    assert (record.customer_hangup_at, record.agent_hangup_at, record.hangup_by) == (None, None, None)


def test_the_session_ends_when_its_last_participant_left(tmp_path: Path) -> None:
    assert the_record(tmp_path, metadata(ended="")).ended_at == after(60.5)
    assert the_record(tmp_path, metadata(ended="", customer_left="")).ended_at is None


@pytest.mark.parametrize("customer", ["sip:2002@example.cn", "sip:operator@example.cn", ""])
def test_where_no_address_is_a_telephone_no_side_s_hangup_is_used_and_that_is_noted(
    tmp_path: Path, customer: str
) -> None:
    entry = the_entry(tmp_path, metadata(customer=customer))
    assert (entry.record.customer_hangup_at, entry.record.agent_hangup_at) == (None, None)
    assert entry.notes


@pytest.mark.parametrize("customer", ["tel:+8613800138000", "sips:02112345@sbc;user=phone", "<sip:13800138000@h:5060>"])
def test_telephone_numbers_are_written_in_many_ways(tmp_path: Path, customer: str) -> None:
    text = metadata(customer=customer.replace("<", "&lt;").replace(">", "&gt;"))
    assert the_record(tmp_path, text).customer_hangup_at == after(50.5)


def test_an_old_draft_has_times_and_addresses_within_session_and_participant(tmp_path: Path) -> None:
    text = """<?xml version='1.0' encoding='UTF-8'?>
<recording xmlns='urn:ietf:params:xml:ns:recording'>
  <dataMode>complete</dataMode>
  <session id="urn:uuid:79b2fcd8-5c7f-455c-783f-db334e5d57d0">
    <start-time>2026-03-02T09:15:20</start-time><stop-time>2026-03-02T09:16:20</stop-time>
  </session>
  <participant id="urn:uuid:1" session="urn:uuid:79b2fcd8-5c7f-455c-783f-db334e5d57d0">
    <aor>sip:13800138000@192.0.2.1</aor><start-time>2026-03-02T09:15:20</start-time>
    <stop-time>2026-03-02T09:16:10</stop-time>
  </participant>
  <participant id="urn:uuid:2" session="urn:uuid:79b2fcd8-5c7f-455c-783f-db334e5d57d0">
    <aor>sip:service@192.0.2.2</aor>
  </participant>
  <extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:ucid>0</apkt:ucid></extensiondata>
</recording>"""
    record = the_record(tmp_path, text)
    assert (record.recording_start_at, record.ended_at) == (after(0), after(60))
    assert (record.customer_hangup_at, record.agent_hangup_at) == (after(50), None)
    assert record.clock_uncertainty_ms == 1000
    assert found(tmp_path, text, "79b2fcd8-5c7f-455c-783f-db334e5d57d0.wav") is False
    assert found(tmp_path, text, "urn_uuid_79b2fcd8-5c7f-455c-783f-db334e5d57d0.wav")


def test_several_sessions_are_several_records(tmp_path: Path) -> None:
    text = metadata().replace("<participant ", '<session session_id="Wx2nD22h7q60JQhVpd7YQg=="/><participant ', 1)
    assert [entry.record.call_id for entry in read(tmp_path, text)] == [SESSION, "Wx2nD22h7q60JQhVpd7YQg=="]


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ("2026-03-02T09:16:10.5+08:00", "soon", "field participantsessionassoc.disassociate-time"),
        ("2026-03-02T09:15:20.250+08:00", "2026-03-02", "field sessionrecordingassoc.associate-time"),
        (f'<session session_id="{SESSION}"', "<session", "field session.session_id: missing"),
        ('participant participant_id="zSfPoSvdSDCmU3A3TRDxAw=="', "participant", "field participant.participant_id"),
        ("session session_id", "gathering session_id", "no element session"),
    ],
)
def test_a_missing_or_wrong_field_is_named(tmp_path: Path, old: str, new: str, about: str) -> None:
    text = metadata().replace(old, new).replace("</session>", "</gathering>" if "gathering" in new else "</session>")
    refuse(tmp_path, text, "record 1", about)


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    text = metadata().replace("<recording", '<!DOCTYPE recording [<!ENTITY x "y">]>\n<recording', 1)
    refuse(tmp_path, text, "line 2", "document type")


@pytest.mark.parametrize(
    ("left_again", "hangup"),
    [("<disassociate-time>2026-03-02T09:16:15.5+08:00</disassociate-time>", after(55.5)), ("", None)],
)
def test_who_comes_back_has_not_hung_up(tmp_path: Path, left_again: str, hangup: datetime | None) -> None:
    bond = f'<participantsessionassoc participant_id="srfBElmCRp2QB23b7Mpk0w==" session_id="{SESSION}">'
    again = f"<associate-time>2026-03-02T09:16:12.5+08:00</associate-time>{left_again}</participantsessionassoc>"
    text = metadata().replace("</recording>", f"{bond}{again}</recording>")
    assert the_record(tmp_path, text).customer_hangup_at == hangup


def test_a_recording_that_paused_lasts_from_its_first_start_to_its_last_end(tmp_path: Path) -> None:
    pause = "<disassociate-time>2026-03-02T09:15:40.5+08:00</disassociate-time>"
    more = (
        f'<sessionrecordingassoc session_id="{SESSION}"><associate-time>2026-03-02T09:15:50.5+08:00</associate-time>'
        "<disassociate-time>2026-03-02T09:16:20.5+08:00</disassociate-time></sessionrecordingassoc>"
    )
    record = the_record(tmp_path, metadata(ended=pause).replace("</recording>", f"{more}</recording>"))
    assert (record.recording_start_at, record.ended_at) == (after(0.25), after(60.5))
