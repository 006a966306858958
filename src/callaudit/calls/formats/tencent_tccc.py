"""Importer: Tencent Cloud TCCC call records (DescribeTelCdr, the pushed record, or bare records).

Times are whole seconds since 1970. `HungUpSide` says who hung up. `EndedTimestamp` is the end of the whole session, a
survey included: it is the customer's hang-up. The agent's is the end of the last of `ServeParticipants`. A participant
with a recording of its own is a record of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote

from callaudit.calls.formats.documents import json_items, unpacked
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import (
    SECONDS,
    Fields,
    at,
    distinct,
    in_order,
    known,
    last_part,
    seconds_between,
    uncertainty_of,
)
from callaudit.calls.lookup import Entry
from callaudit.domain.calls import CallRecord, Party

SIDES = {"seat": Party.AGENT, "user": Party.CUSTOMER, "system": Party.SYSTEM}
DURATION_SLACK_S = 1.0

_WRAPPERS = (("Response", "TelCdrs"), ("Response", "TelCdrList"), ("TelCdrs",), ("TelCdrList",))


def read(source: Source) -> Iterator[Entry]:
    """The calls, and the parts of calls that have recordings of their own.

    Raises:
        InputError: a record is malformed.
    """
    for number, unit, item in unpacked(json_items(source), *_WRAPPERS):
        with located(source, number, unit):
            yield from _entries(number, unit, Fields(item, source.zone))


def _entries(number: int, unit: str, call: Fields) -> Iterator[Entry]:
    name = call.required("SessionId")
    parts = call.parts("ServeParticipants")
    by, notes = _author(call)
    begun, accepted, ended = (call.epoch(f"{event}Timestamp", SECONDS) for event in ("Start", "Accept", "Ended"))
    if ended is None:
        raise call.error("EndedTimestamp", "missing", "")
    told_s, counted_s = call.number("Duration"), seconds_between(accepted, ended)
    disagrees = told_s is not None and counted_s is not None and abs(counted_s - told_s) > DURATION_SLACK_S
    if disagrees:
        notes = (*notes, "field Duration disagrees with the times: they are not used")
    is_in_order = in_order(begun, accepted, ended)
    if not is_in_order:
        notes = (*notes, "the times of start, answer and end are in an impossible order: they are not used")
    record = CallRecord(
        recording=_file(call),
        call_id=name,
        answered_at=at(accepted),
        customer_hangup_at=ended.at if by is Party.CUSTOMER else None,
        agent_hangup_at=_agent_left(parts) if by is Party.AGENT else None,
        ended_at=ended.at,
        hangup_by=by,
        agent_id=call.part("SeatUser").text("UserId", "Mail", "Name"),
        queue=call.text("QueuedSkillGroupName", "SkillGroup"),
        clock_uncertainty_ms=uncertainty_of(begun, accepted, ended),
        possible_starts_at=distinct(accepted, begun),
        is_distrusted=disagrees or not is_in_order,
    )
    yield Entry(record, number, unit, known(call.text("RecordId"), name), notes)
    for part in parts:
        if (file := _file(part)) and file != record.recording:
            yield _part_entry(number, unit, part, record)


def _part_entry(number: int, unit: str, part: Fields, whole: CallRecord) -> Entry:
    """One agent's share of a call; who hung up the call did so at its last one's end."""
    accepted, ended = part.epoch("AcceptTimestamp", SECONDS), part.epoch("EndedTimestamp", SECONDS)
    is_last = ended is not None and ended.at == whole.ended_at
    record = CallRecord(
        recording=_file(part),
        call_id=whole.call_id,
        answered_at=at(accepted),
        customer_hangup_at=whole.customer_hangup_at if is_last else None,
        agent_hangup_at=whole.agent_hangup_at if is_last else None,
        ended_at=at(ended),
        hangup_by=whole.hangup_by if is_last else None,
        agent_id=part.text("UserId", "Mail", "Name"),
        queue=part.text("SkillGroupName") or whole.queue,
        clock_uncertainty_ms=uncertainty_of(accepted, ended),
        possible_starts_at=distinct(accepted),
        is_distrusted=whole.is_distrusted,
    )
    return Entry(record, number, unit, known(part.text("RecordId")))


def _agent_left(parts: tuple[Fields, ...]) -> datetime | None:
    """When the last of the agents left."""
    ends = [part.epoch("EndedTimestamp", SECONDS) for part in parts]
    return max((end.at for end in ends if end), default=None)


def _file(fields: Fields) -> str:
    """File name of the recording, the last part of its address."""
    return unquote(last_part([fields.text("RecordURL"), fields.text("CustomRecordURL")]))


def _author(call: Fields) -> tuple[Party | None, tuple[str, ...]]:
    word = call.text("HungUpSide")
    if word is None:
        return None, ()
    if word.lower() not in SIDES:
        return None, ("field HungUpSide holds an unknown word: who hung up is left open",)
    return SIDES[word.lower()], ()
