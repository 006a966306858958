"""Alibaba Cloud CCC and Tencent Cloud TCCC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import CallRecord, Party
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import NINE_S, after, found, read, refuse, the_entry, the_record

JOB = "job-10963442671187001"


def alibaba(**changes: Any) -> dict[str, Any]:
    return {
        "ContactId": JOB,
        "InstanceId": "ccc-test",
        "ContactType": "INBOUND",
        "ContactDisposition": "Success",
        "CallingNumber": "13800138000",
        "CalledNumber": "02112345678",
        "StartTime": NINE_S * 1000 + 250,
        "EstablishedTime": NINE_S * 1000 + 10_500,
        "ReleaseTime": NINE_S * 1000 + 60_500,
        "CallDuration": 50,
        "AgentIds": "agent1@ccc-test,agent2@ccc-test",
        "SkillGroupNames": "市民热线",
        "ReleaseInitiator": "customer",
        "RecordingReady": True,
        "SatisfactionSurveyOffered": False,
        **changes,
    }


def answer(record: dict[str, Any]) -> dict[str, Any]:
    return {"Code": "OK", "HttpStatusCode": 200, "RequestId": "7BEEA660", "Data": record}


class TestAlibaba:
    def test_a_record_tells_the_call(self, tmp_path: Path) -> None:
        entry = the_entry(tmp_path, json.dumps(answer(alibaba())))
        assert (entry.notes, entry.ids) == ((), (JOB,))
        assert entry.record == CallRecord(
            recording="",
            call_id=JOB,
            answered_at=after(10.5),
            customer_hangup_at=after(60.5),
            ended_at=after(60.5),
            hangup_by=Party.CUSTOMER,
            agent_id="agent2@ccc-test",
            queue="市民热线",
            clock_uncertainty_ms=200,
            possible_starts_at=(after(0.25), after(10.5)),
        )
        witness = read_record(entry.record, 50_100, 2000).witness
        assert witness is not None
        assert (witness.at_ms, witness.by) == (50_000, Party.CUSTOMER)

    @pytest.mark.parametrize(
        "document",
        [
            alibaba(),
            [alibaba()],
            answer({"List": [alibaba()], "PageNumber": 1}),
            answer({"List": {"CallDetailRecord": [alibaba()]}}),
        ],
    )
    def test_every_wrapping_of_the_api_is_known(self, tmp_path: Path, document: Any) -> None:
        assert the_record(tmp_path, json.dumps(document)).hangup_by is Party.CUSTOMER

    def test_a_recording_is_known_by_the_contact_s_id(self, tmp_path: Path) -> None:
        assert found(tmp_path, json.dumps(alibaba()), f"ccc-test_{JOB}.wav")
        assert not found(tmp_path, json.dumps(alibaba()), f"{JOB}9.wav")

    def test_whole_seconds_in_milliseconds_are_less_certain(self, tmp_path: Path) -> None:
        record = the_record(tmp_path, json.dumps(alibaba(ReleaseTime=(NINE_S + 60) * 1000)))
        assert record.clock_uncertainty_ms == 1000

    def test_an_agent_s_hangup_has_a_time_unless_a_survey_followed(self, tmp_path: Path) -> None:
        plain = the_entry(tmp_path, json.dumps(alibaba(ReleaseInitiator="agent")))
        surveyed = the_entry(tmp_path, json.dumps(alibaba(ReleaseInitiator="agent", SatisfactionSurveyOffered=True)))
        assert (plain.record.agent_hangup_at, plain.notes) == (after(60.5), ())
        assert (surveyed.record.agent_hangup_at, surveyed.record.hangup_by) == (None, Party.AGENT)
        assert "survey" in surveyed.notes[0]

    def test_without_release_the_end_is_counted_and_less_certain(self, tmp_path: Path) -> None:
        record = the_record(tmp_path, json.dumps(alibaba(ReleaseTime=None)))
        assert (record.ended_at, record.clock_uncertainty_ms) == (after(60.5), 1200)

    def test_a_release_before_the_call_is_noted_and_the_times_are_not_used(self, tmp_path: Path) -> None:
        entry = the_entry(tmp_path, json.dumps(alibaba(ReleaseTime=NINE_S * 1000)))
        assert entry.notes
        assert read_record(entry.record, 50_000, 2000).doubt is Warn.RECORD_INCONSISTENT

    def test_an_unknown_initiator_is_noted(self, tmp_path: Path) -> None:
        entry = the_entry(tmp_path, json.dumps(alibaba(ReleaseInitiator="robot")))
        assert entry.record.hangup_by is None
        assert "ReleaseInitiator" in entry.notes[0]

    @pytest.mark.parametrize(
        ("changes", "about"),
        [
            ({"ContactId": " "}, "field ContactId: missing"),
            ({"StartTime": "9" * 5000}, "field StartTime: not milliseconds since 1970"),
            ({"StartTime": NINE_S}, "field StartTime: not milliseconds since 1970"),
            ({"EstablishedTime": NINE_S * 1_000_000}, "field EstablishedTime: not milliseconds since 1970"),
            ({"ReleaseTime": "2026-03-02 09:16:20"}, "field ReleaseTime: not milliseconds since 1970"),
            ({"ReleaseTime": True}, "field ReleaseTime"),
            ({"CallDuration": "long"}, "field CallDuration"),
            ({"SatisfactionSurveyOffered": "perhaps"}, "field SatisfactionSurveyOffered"),
        ],
    )
    def test_a_missing_or_wrong_field_is_named(self, tmp_path: Path, changes: dict[str, Any], about: str) -> None:
        refuse(tmp_path, json.dumps(answer({"List": [alibaba(), alibaba(**changes)]})), "record 2", about)

    @pytest.mark.parametrize("field", ["StartTime", "EstablishedTime"])
    def test_times_after_the_release_are_noted_and_none_is_used(self, tmp_path: Path, field: str) -> None:
        entry = the_entry(tmp_path, json.dumps(alibaba(**{field: (NINE_S + 90) * 1000})))
        assert entry.record.is_distrusted
        assert "impossible order" in entry.notes[0]


def tencent(**changes: Any) -> dict[str, Any]:
    return {
        "SessionId": "7cb26a84-83b2-42d8-a19b-7dae78e9b78e",
        "Caller": "008613800138000",
        "Callee": "008602112345678",
        "Direction": 0,
        "StartTimestamp": NINE_S,
        "QueuedTimestamp": NINE_S + 5,
        "RingTimestamp": NINE_S + 8,
        "AcceptTimestamp": NINE_S + 10,
        "EndedTimestamp": NINE_S + 60,
        "Duration": 50,
        "HungUpSide": "user",
        "EndStatus": 1,
        "EndStatusString": "ok",
        "RecordId": "rec-20260302-0001",
        "RecordURL": "https://cos.example.cn/1400000000/2026/one%20call.mp3?sign=a/b",
        "QueuedSkillGroupName": "hotline",
        "SeatUser": {"UserId": "agent1@example.cn", "Name": "李四"},
        "PostIVRKeyPressed": None,
        "ServeParticipants": [{"Mail": "agent1@example.cn", "EndedTimestamp": NINE_S + 55, "RecordURL": ""}],
        **changes,
    }


class TestTencent:
    def test_a_record_tells_the_call(self, tmp_path: Path) -> None:
        entry = the_entry(tmp_path, json.dumps({"Response": {"TotalCount": 1, "TelCdrs": [tencent()]}}))
        assert entry.notes == ()
        assert entry.record == CallRecord(
            recording="one call.mp3",
            call_id="7cb26a84-83b2-42d8-a19b-7dae78e9b78e",
            answered_at=after(10),
            customer_hangup_at=after(60),
            ended_at=after(60),
            hangup_by=Party.CUSTOMER,
            agent_id="agent1@example.cn",
            queue="hotline",
            possible_starts_at=(after(0), after(10)),
        )

    @pytest.mark.parametrize(
        "text",
        [
            json.dumps(tencent()),
            json.dumps({"Response": {"TelCdrList": [tencent()]}}),
            json.dumps({"TelCdrs": [tencent()]}, indent=1),
            json.dumps(tencent()) + "\n\n",
        ],
    )
    def test_every_wrapping_of_the_api_is_known(self, tmp_path: Path, text: str) -> None:
        assert the_record(tmp_path, text).hangup_by is Party.CUSTOMER

    @pytest.mark.parametrize(
        ("recording", "belongs"),
        [("one call.mp3", True), ("rec-20260302-0001.mp3", True), ("call.mp3", False), ("two.mp3", False)],
    )
    def test_a_recording_is_known_by_the_last_part_of_its_address_or_an_id(
        self, tmp_path: Path, recording: str, belongs: bool
    ) -> None:
        assert found(tmp_path, json.dumps(tencent()), recording) is belongs

    @pytest.mark.parametrize(
        ("side", "by"), [("user", Party.CUSTOMER), ("seat", Party.AGENT), ("system", Party.SYSTEM), (None, None)]
    )
    def test_the_side_that_hung_up_is_read(self, tmp_path: Path, side: str | None, by: Party | None) -> None:
        record = the_record(tmp_path, json.dumps(tencent(HungUpSide=side)))
        assert record.hangup_by is by
        assert record.customer_hangup_at == (after(60) if by is Party.CUSTOMER else None)
        assert record.agent_hangup_at == (after(55) if by is Party.AGENT else None)

    def test_an_unknown_side_is_noted(self, tmp_path: Path) -> None:
        entry = the_entry(tmp_path, json.dumps(tencent(HungUpSide="robot")))
        assert entry.record.hangup_by is None
        assert "HungUpSide" in entry.notes[0]

    def test_an_agent_s_own_recording_is_a_record_of_its_own(self, tmp_path: Path) -> None:
        parts = [
            {"AcceptTimestamp": NINE_S + 10, "EndedTimestamp": NINE_S + 30, "RecordURL": "https://h/a.mp3"},
            {"AcceptTimestamp": NINE_S + 35, "EndedTimestamp": NINE_S + 60, "RecordURL": "https://h/b.mp3"},
        ]
        whole, first, last = (entry.record for entry in read(tmp_path, json.dumps(tencent(ServeParticipants=parts))))
        assert (whole.recording, first.recording, last.recording) == ("one call.mp3", "a.mp3", "b.mp3")
        assert (first.ended_at, first.customer_hangup_at, first.hangup_by) == (after(30), None, None)
        assert (last.ended_at, last.customer_hangup_at, last.hangup_by) == (after(60), after(60), Party.CUSTOMER)

    @pytest.mark.parametrize("changes", [{"StartTimestamp": NINE_S + 90}, {"AcceptTimestamp": NINE_S + 90}])
    def test_times_in_an_impossible_order_are_noted_and_not_used(self, tmp_path: Path, changes: dict[str, Any]) -> None:
        entry = the_entry(tmp_path, json.dumps(tencent(Duration=None, **changes)))
        assert entry.record.is_distrusted
        assert "impossible order" in entry.notes[0]

    @pytest.mark.parametrize(("duration", "is_distrusted"), [(50, False), (51, False), (None, False), (20, True)])
    def test_a_duration_that_contradicts_the_times_is_noted_and_they_are_not_used(
        self, tmp_path: Path, duration: int | None, is_distrusted: bool
    ) -> None:
        entry = the_entry(tmp_path, json.dumps(tencent(Duration=duration)))
        assert entry.record.is_distrusted is bool(entry.notes) is is_distrusted

    @pytest.mark.parametrize(
        ("changes", "about"),
        [
            ({"SessionId": None}, "field SessionId: missing"),
            ({"EndedTimestamp": None}, "field EndedTimestamp: missing"),
            ({"EndedTimestamp": 0}, "field EndedTimestamp: missing"),
            ({"EndedTimestamp": NINE_S * 1000}, "field EndedTimestamp: not seconds since 1970"),
            ({"AcceptTimestamp": "noon"}, "field AcceptTimestamp: not seconds since 1970"),
            ({"Duration": -1}, "field Duration"),
            ({"SeatUser": "agent1"}, "field SeatUser"),
            ({"ServeParticipants": [7]}, "field ServeParticipants"),
            (
                {"HungUpSide": "seat", "ServeParticipants": [{"EndedTimestamp": 7}]},
                "ServeParticipants[0].EndedTimestamp",
            ),
            ({"RecordURL": ["a.mp3"]}, "field RecordURL"),
        ],
    )
    def test_a_missing_or_wrong_field_is_named(self, tmp_path: Path, changes: dict[str, Any], about: str) -> None:
        text = json.dumps({"Response": {"TelCdrs": [tencent(), tencent(**changes)]}})
        refuse(tmp_path, text, "record 2", about)
