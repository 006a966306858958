"""Importer: Genesys Cloud analytics conversation details (`conversations[]`, or one conversation).

Who disconnected is told by the `disconnectType` of each side's last segment: `client` and `endpoint` mean that side
itself, `peer` the other. The conversation does not say when the recording began: at its start, or when customer or
agent began to talk, whichever the recording's length bears out. A menu (ivr, workflow) after the agent left is the
survey.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from callaudit.calls.formats.documents import json_items, unpacked
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import Fields, Moment, at, distinct, known, uncertainty_of
from callaudit.calls.lookup import Entry
from callaudit.domain.calls import CallRecord, ClockSpan, Party

OWN_DOING = frozenset({"client", "endpoint"})
SYSTEM_DOING = frozenset({"system", "timeout", "error", "transport.failure", "spam", "uncallable"})
OTHERS_DOING = frozenset(
    [
        "peer",
        "transfer",
        "conferenceTransfer",
        "consultTransfer",
        "forwardTransfer",
        "noAnswerTransfer",
        "notAvailableTransfer",
        "other",
        "unknown",
        "dndForward",
        "inactivity",
    ]
)
_CUSTOMERS, _OUTSIDERS, _AGENTS, _MENUS = ("customer",), ("external",), ("agent", "user"), ("ivr", "workflow")


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: str
    start: Moment
    end: Moment | None
    disconnect: str | None
    span: ClockSpan | None
    is_muted: bool


def read(source: Source) -> Iterator[Entry]:
    """The conversations.

    Raises:
        InputError: a conversation is malformed.
    """
    for number, unit, item in unpacked(json_items(source), ("conversations",)):
        with located(source, number, unit):
            yield _entry(number, unit, Fields(item, source.zone))


def _entry(number: int, unit: str, conversation: Fields) -> Entry:
    name = conversation.required("conversationId")
    start, end = conversation.clock("conversationStart"), conversation.clock("conversationEnd")
    people = conversation.parts("participants")
    customer, agent, menu = (_segments(people, purposes) for purposes in (_CUSTOMERS, _AGENTS, _MENUS))
    customer = customer or _segments(people, _OUTSIDERS)  # beside a customer they are third parties
    agent = [segment for segment in agent if segment.kind != "wrapup"]
    last_customer, last_agent = _last(customer), _last(agent)
    by, notes = _author(last_customer, last_agent)
    talks = [next((one.start for one in side if one.kind == "interact"), None) for side in (customer, agent)]
    left = last_agent.end if last_agent else None
    survey = next((one.start for one in menu if left and one.start.at >= left.at), None)
    if not customer and not agent:
        notes = (*notes, "no voice segment of customer or agent: only the conversation's times are used")
    agent_parts = [part for part in people if part.text("purpose") in _AGENTS]
    record = CallRecord(
        recording="",
        call_id=name,
        answered_at=at(talks[1]),
        customer_hangup_at=_own_end(last_customer),
        agent_hangup_at=_own_end(last_agent),
        ended_at=at(end),
        hangup_by=by,
        agent_id=agent_parts[-1].text("participantName", "userId") if agent_parts else None,
        queue=_queue(people),
        survey_start_at=at(survey),
        clock_uncertainty_ms=uncertainty_of(start, end, *talks, left, last_customer.end if last_customer else None),
        possible_starts_at=distinct(start, *talks),
        hold_spans=_spans([one for one in (*agent, *customer) if one.kind == "hold"]),
        mute_spans=_spans([one for one in agent if one.is_muted]),
    )
    return Entry(record, number, unit, known(name), notes)


def _segments(people: Sequence[Fields], purposes: Sequence[str]) -> list[_Segment]:
    """The voice segments of one side, in order."""
    found = [
        _segment(segment)
        for person in people
        if person.text("purpose") in purposes
        for session in person.parts("sessions")
        if session.text("mediaType") in (None, "voice")
        for segment in session.parts("segments")
    ]
    return sorted(found, key=lambda segment: segment.start.at)


def _segment(fields: Fields) -> _Segment:
    start, end = fields.clock("segmentStart"), fields.clock("segmentEnd")
    if start is None:
        raise fields.error("segmentStart", "missing", "")
    span = fields.span("segmentEnd", start, end) if end else None
    disconnect = fields.text("disconnectType")
    return _Segment(fields.required("segmentType"), start, end, disconnect, span, fields.flag("audioMuted"))


def _last(segments: Sequence[_Segment]) -> _Segment | None:
    """The segment that ends last; one that has no end has not ended yet."""
    return max(segments, key=lambda one: (one.end is None, (one.end or one.start).at), default=None)


def _own_end(segment: _Segment | None) -> datetime | None:
    """When a side left, where it was its own doing: otherwise the end of its segment says nothing of it."""
    return at(segment.end) if segment and segment.disconnect in OWN_DOING else None


def _author(customer: _Segment | None, agent: _Segment | None) -> tuple[Party | None, tuple[str, ...]]:
    """Who disconnected, and what to note."""
    found: list[tuple[Moment, Party]] = []
    for side, party in ((customer, Party.CUSTOMER), (agent, Party.AGENT)):
        if side is None or side.disconnect is None or side.end is None:
            continue
        if side.disconnect in OWN_DOING:
            found.append((side.end, party))
        elif side.disconnect in SYSTEM_DOING:
            found.append((side.end, Party.SYSTEM))
        elif side.disconnect not in OTHERS_DOING:
            return None, ("disconnectType holds an unknown word: who hung up is left open",)
    return min(found, key=lambda one: one[0].at)[1] if found else None, ()


def _spans(segments: Sequence[_Segment]) -> tuple[ClockSpan, ...]:
    """The stretches of some segments, each once."""
    return tuple(dict.fromkeys(one.span for one in segments if one.span))


def _queue(people: Sequence[Fields]) -> str | None:
    """The queue that the call waited in: its name where there is one."""
    for person in people:
        if person.text("purpose") == "acd":
            ids = [s.text("queueId") for session in person.parts("sessions") for s in session.parts("segments")]
            return person.text("participantName") or next((one for one in ids if one), None)
    return None
