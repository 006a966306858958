"""Importer: Alibaba Cloud CCC call detail records (GetCallDetailRecord, ListCallDetailRecords, or bare records).

Times are milliseconds since 1970. `ReleaseInitiator` says who hung up. Where a survey was offered, the call's release
is no agent's hang-up: it comes after the survey. Where the recording began is not said: at the call's start or when it
was established, whichever its length bears out.
"""

from __future__ import annotations

from collections.abc import Iterator

from callaudit.calls.formats.documents import json_items, unpacked
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import MILLISECONDS, Fields, Moment, at, distinct, in_order, known, uncertainty_of
from callaudit.calls.lookup import Entry
from callaudit.domain.calls import CallRecord, Party

INITIATORS = {"agent": Party.AGENT, "customer": Party.CUSTOMER, "system": Party.SYSTEM}
ROUNDED_MS = 1000
"""A duration in whole seconds makes the time counted from it that much less certain."""

_WRAPPERS = (
    ("Data", "List", "CallDetailRecord"),
    ("Data", "List"),
    ("Data",),
    ("List",),
)


def read(source: Source) -> Iterator[Entry]:
    """The calls.

    Raises:
        InputError: a record is malformed.
    """
    for number, unit, item in unpacked(json_items(source), *_WRAPPERS):
        with located(source, number, unit):
            yield _entry(number, unit, Fields(item, source.zone))


def _entry(number: int, unit: str, call: Fields) -> Entry:
    name = call.required("ContactId")
    begun, established = call.epoch("StartTime", MILLISECONDS), call.epoch("EstablishedTime", MILLISECONDS)
    released = _released(call, established)
    by, notes = _author(call)
    is_surveyed = call.flag("SatisfactionSurveyOffered")
    is_agents = by is Party.AGENT and not is_surveyed
    is_in_order = in_order(begun, established, released)
    record = CallRecord(
        recording="",
        call_id=name,
        answered_at=at(established),
        customer_hangup_at=at(released) if by is Party.CUSTOMER else None,
        agent_hangup_at=at(released) if is_agents else None,
        ended_at=at(released),
        hangup_by=by,
        agent_id=(call.text("AgentIds") or "").rpartition(",")[2].strip() or None,
        queue=(call.text("SkillGroupNames", "SkillGroupIds") or "").rpartition(",")[2].strip() or None,
        clock_uncertainty_ms=uncertainty_of(begun, established, released),
        possible_starts_at=distinct(begun, established),
        is_distrusted=not is_in_order,
    )
    if not is_in_order:
        notes = (*notes, "the times of start, answer and release are in an impossible order: they are not used")
    if by is Party.AGENT and is_surveyed:
        notes = (*notes, "a survey was offered: when the agent hung up is not told")
    return Entry(record, number, unit, known(name), notes)


def _released(call: Fields, established: Moment | None) -> Moment | None:
    """The end of the call; counted from its length where the record has no time of it."""
    released, length_s = call.epoch("ReleaseTime", MILLISECONDS), call.number("CallDuration")
    if released is None and established is not None and length_s:
        return established.later(length_s, ROUNDED_MS)
    return released


def _author(call: Fields) -> tuple[Party | None, tuple[str, ...]]:
    word = call.text("ReleaseInitiator")
    if word is None:
        return None, ()
    if word.lower() not in INITIATORS:
        return None, ("field ReleaseInitiator holds an unknown word: who hung up is left open",)
    return INITIATORS[word.lower()], ()
