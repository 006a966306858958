from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callaudit.domain.calls import CallRecord, ClockSpan, Party
from callaudit.hangup.record import read_record
from tests.calls.formats.helpers import after, found, read, refuse, the_entry, the_record

NAME = "c6b1b0c4-0d2f-4a51-9d4e-3f8f5a1f0e11"


def iso(seconds: float) -> str:
    return after(seconds).astimezone().isoformat(timespec="milliseconds")


def segment(kind: str, start: float, end: float, disconnect: str | None = None, **more: Any) -> dict[str, Any]:
    told = {} if disconnect is None else {"disconnectType": disconnect}
    return {
        "segmentType": kind,
        "segmentStart": iso(start),
        "segmentEnd": iso(end),
        "conference": False,
        **told,
        **more,
    }


def person(purpose: str, *segments: dict[str, Any], media: str = "voice", **more: Any) -> dict[str, Any]:
    return {"purpose": purpose, "sessions": [{"mediaType": media, "segments": list(segments)}], **more}


def conversation(
    customer: str = "endpoint", agent: str = "peer", *more: dict[str, Any], **changes: Any
) -> dict[str, Any]:
    return {
        "conversationId": NAME,
        "conversationStart": iso(0),
        "conversationEnd": iso(60.5),
        "divisionIds": ["d"],
        "participants": [
            person("customer", segment("ivr", 0, 5), segment("interact", 10.25, 60.5, customer)),
            person("ivr", segment("ivr", 0, 5, "transfer")),
            person("acd", segment("interact", 5, 10.25, "transfer", queueId="q1"), participantName="hotline"),
            person(
                "agent",
                segment("alert", 5, 10.25),
                segment("interact", 10.25, 20),
                segment("hold", 20, 30.5),
                segment("interact", 30.5, 40, audioMuted=True),
                segment("interact", 40, 60.25, agent),
                segment("wrapup", 60.25, 90),
                userId="u-1001",
            ),
            *more,
        ],
        **changes,
    }


def test_a_conversation_tells_both_sides_holds_and_mutes(tmp_path: Path) -> None:
    entry = the_entry(tmp_path, json.dumps(conversation()))
    assert (entry.notes, entry.ids) == ((), (NAME,))
    assert entry.record == CallRecord(
        recording="",
        call_id=NAME,
        answered_at=after(10.25),
        customer_hangup_at=after(60.5),
        ended_at=after(60.5),
        hangup_by=Party.CUSTOMER,
        agent_id="u-1001",
        queue="hotline",
        clock_uncertainty_ms=1000,
        possible_starts_at=(after(0), after(10.25)),
        hold_spans=(ClockSpan(after(20), after(30.5)),),
        mute_spans=(ClockSpan(after(30.5), after(40)),),
    )
    witness = read_record(entry.record, 50_250, 2000).witness
    assert witness is not None
    assert (witness.at_ms, witness.by) == (50_250, Party.CUSTOMER)


@pytest.mark.parametrize(
    ("customer", "agent", "by"),
    [
        ("endpoint", "peer", Party.CUSTOMER),
        ("client", "peer", Party.CUSTOMER),
        ("peer", "client", Party.AGENT),
        ("peer", "endpoint", Party.AGENT),
        ("peer", "transfer", None),
        ("peer", "peer", None),
        ("system", "peer", Party.SYSTEM),
        ("peer", "timeout", Party.SYSTEM),
    ],
)
def test_the_disconnect_type_says_who_hung_up(tmp_path: Path, customer: str, agent: str, by: Party | None) -> None:
    entry = the_entry(tmp_path, json.dumps(conversation(customer, agent)))
    assert (entry.record.hangup_by, entry.notes) == (by, ())
    assert (entry.record.customer_hangup_at is not None) is (by is Party.CUSTOMER)
    assert (entry.record.agent_hangup_at is not None) is (by is Party.AGENT)


def test_an_unknown_disconnect_type_is_noted(tmp_path: Path) -> None:
    entry = the_entry(tmp_path, json.dumps(conversation("teleport")))
    assert entry.record.hangup_by is None
    assert "disconnectType" in entry.notes[0]


def test_a_menu_after_the_agent_is_the_survey(tmp_path: Path) -> None:
    text = json.dumps(conversation("endpoint", "client", person("workflow", segment("ivr", 60.4, 75, "peer"))))
    assert the_record(tmp_path, text).survey_start_at == after(60.4)


@pytest.mark.parametrize("wrap", [lambda one: {"conversations": [one], "totalHits": 1}, lambda one: [one]])
def test_an_answer_or_a_list_of_conversations_is_read(tmp_path: Path, wrap: Any) -> None:
    (entry,) = read(tmp_path, json.dumps(wrap(conversation()), indent=2))
    assert entry.record.hangup_by is Party.CUSTOMER
    assert found(tmp_path, json.dumps(wrap(conversation())), f"{NAME}.ogg")


def test_a_conversation_without_voice_is_noted(tmp_path: Path) -> None:
    text = json.dumps(conversation(participants=[person("customer", segment("interact", 0, 9), media="chat")]))
    entry = the_entry(tmp_path, text)
    assert entry.record.answered_at is None
    assert "voice" in entry.notes[0]


def test_a_conversation_that_goes_on_has_no_end(tmp_path: Path) -> None:
    changed = conversation(conversationEnd=None)
    assert the_record(tmp_path, json.dumps(changed)).ended_at is None


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"conversationId": ""}, "field conversationId: missing"),
        ({"conversationStart": "soon"}, "field conversationStart"),
        ({"conversationEnd": "2026-03-02"}, "field conversationEnd"),
        ({"participants": {"a": 1}}, "field participants"),
        ({"participants": [{"purpose": "agent", "sessions": "x"}]}, "field participants[0].sessions"),
        (
            {"participants": [person("agent", {"segmentType": "hold"})]},
            "field participants[0].sessions[0].segments[0].segmentStart: missing",
        ),
        (
            {"participants": [person("agent", {"segmentStart": "2026-03-02T09:15:20Z"})]},
            "field participants[0].sessions[0].segments[0].segmentType: missing",
        ),
        ({"participants": [person("agent", segment("hold", 9, 5))]}, "segments[0].segmentEnd"),
        ({"participants": [person("agent", segment("hold", 5, 9, audioMuted="so"))]}, "segments[0].audioMuted"),
    ],
)
def test_a_missing_or_wrong_field_is_named_with_its_place(tmp_path: Path, changes: dict[str, Any], about: str) -> None:
    text = json.dumps({"conversations": [conversation(), conversation(**changes)]})
    refuse(tmp_path, text, "record 2", about)


def test_a_third_party_that_the_agent_called_is_not_the_customer(tmp_path: Path) -> None:
    expert = person("external", segment("interact", 20, 60.75, "endpoint"))
    assert the_record(tmp_path, json.dumps(conversation("peer", "client", expert))).customer_hangup_at is None
    called = conversation(participants=[expert, person("user", segment("interact", 20, 60.75, "peer"))])
    assert the_record(tmp_path, json.dumps(called)).customer_hangup_at == after(60.75)


def test_a_segment_that_goes_on_is_a_side_s_last(tmp_path: Path) -> None:
    still_there = {**segment("interact", 10.25, 60.5), "segmentEnd": None}
    customer = person("customer", still_there, segment("ivr", 0, 20, "endpoint"))
    assert the_record(tmp_path, json.dumps(conversation(participants=[customer]))).customer_hangup_at is None
