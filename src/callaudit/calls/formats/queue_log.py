"""Importer: Asterisk `queue_log`, `time|call id|queue|agent|event|parameters`.

The caller is the customer: only callers wait in a queue. COMPLETECALLER says that the customer hung up, COMPLETEAGENT
that the agent did. Queue recordings begin when the two are connected, others when the caller enters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callaudit.calls.fields import FieldError
from callaudit.calls.formats.asterisk import peer_of
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import Fields, Moment, at, distinct, known, seconds_between, uncertainty_of
from callaudit.calls.lookup import Entry
from callaudit.domain.calls import CallRecord, Party

LINE = re.compile(r"[\d:.+T -]{10,32}\|[^|\n]*\|[^|\n]*\|[^|\n]*\|[A-Z]+")
"""How a line begins."""

NO_CALL = frozenset({"", "NONE", "REALTIME", "MANAGER"})
"""What stands in place of a call id where an event belongs to no call."""
LEAVING = {"COMPLETECALLER": Party.CUSTOMER, "ABANDON": Party.CUSTOMER, "COMPLETEAGENT": Party.AGENT}
TRANSFERS = frozenset({"BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"})
CALLTIME_SLACK_S = 2.0

_NAMES = ("time", "callid", "queuename", "agent", "event", "data1", "data2", "data3", "data4", "data5")


@dataclass(frozen=True, slots=True)
class _Event:
    line: int
    at: Moment
    name: str
    fields: Fields


def read(source: Source) -> Iterator[Entry]:
    """The calls, each from its events.

    Raises:
        InputError: a line is malformed.
    """
    calls: dict[str, list[_Event]] = {}
    for line, text in enumerate(source.text.splitlines(), start=1):
        if text.strip():
            with located(source, line):
                event = _event(line, text, source)
                call_id = event.fields.text("callid") or ""
                if call_id not in NO_CALL:
                    calls.setdefault(call_id, []).append(event)
    for call_id, events in calls.items():
        with located(source, events[0].line):
            yield _entry(call_id, events)


def _event(line: int, text: str, source: Source) -> _Event:
    cells = text.strip().split("|")
    if len(cells) < 5:
        raise FieldError(_NAMES[len(cells)], "missing", text, "field")
    fields = Fields(dict(zip(_NAMES, cells, strict=False)), source.zone)
    moment = fields.clock("time")
    if moment is None:
        raise fields.error("time", "missing", cells[0])
    return _Event(line, moment, fields.required("event").upper(), fields)


def _entry(call_id: str, events: Sequence[_Event]) -> Entry:
    connect = next((event for event in reversed(events) if event.name == "CONNECT"), None)
    connected = [event for event in events if event.name == "CONNECT"]
    last = next((event for event in reversed(events) if event.name in LEAVING), None)
    transfer = next((event for event in reversed(events) if event.name in TRANSFERS), None)
    notes, is_distrusted = _doubts(connect, last, transfer)
    by = LEAVING[last.name] if last else None
    used = (*(event.at for event in connected), last.at if last else None)
    entered = next((event.at for event in events if event.name == "ENTERQUEUE"), None)
    agent = connect.fields.text("agent") if connect else None
    record = CallRecord(
        recording="",
        call_id=call_id,
        answered_at=at(connected[0].at) if connected else None,
        customer_hangup_at=last.at.at if last and by is Party.CUSTOMER else None,
        agent_hangup_at=last.at.at if last and by is Party.AGENT else None,
        ended_at=last.at.at if last else None,
        hangup_by=by,
        agent_id=(peer_of(agent) or agent) if agent and agent != "NONE" else None,
        queue=events[-1].fields.text("queuename"),
        clock_uncertainty_ms=uncertainty_of(*used),
        possible_starts_at=distinct(*(event.at for event in connected), entered),
        is_distrusted=is_distrusted,
    )
    bridged = connect.fields.text("data2") if connect else None
    return Entry(record, events[0].line, ids=known(call_id, bridged), notes=notes)


def _doubts(connect: _Event | None, last: _Event | None, transfer: _Event | None) -> tuple[tuple[str, ...], bool]:
    """What to note of a call, and whether its times contradict its durations."""
    if last is None:
        return (
            ("transferred: the log does not say when it ended" if transfer else "the log does not say how it ended",),
            False,
        )
    if connect is None or not last.name.startswith("COMPLETE"):
        return (), False
    told_s, counted_s = last.fields.number("data2"), seconds_between(connect.at, last.at)
    if told_s is None:
        raise last.fields.error("data2", "missing: the length of the call", "")
    if counted_s is None or abs(counted_s - told_s) <= CALLTIME_SLACK_S:
        return (), False
    return ("the call's length disagrees with its times: they are not used",), True
