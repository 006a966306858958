"""Importer: Asterisk channel event logging, the best account Asterisk gives of a call's end.

The customer's channel is the one that waited in a Queue; else the only one whose dialplan context is, by its usual
names, that of the telephone network (from-trunk, from-pstn, incoming, …). Where neither tells, no side's hang-up is
named, and that is noted. A recording's file and start are known where `apps=mixmonitor` logs the application.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from callaudit.calls.formats.asterisk import is_from_outside, peer_of
from callaudit.calls.formats.cel_events import Event, is_header, is_row, read_events
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import Moment, at, distinct, known, uncertainty_of
from callaudit.calls.lookup import Entry
from callaudit.domain.calls import CallRecord, Party

__all__ = ["is_header", "is_row", "read"]

_DELAYED = re.compile(r"s\(")


def read(source: Source) -> Iterator[Entry]:
    """The calls: events of one `linkedid`.

    Raises:
        InputError: an event is malformed.
    """
    calls: dict[str, list[Event]] = {}
    for event in read_events(source):
        calls.setdefault(event.linked_id, []).append(event)
    for events in calls.values():
        with located(source, events[0].line):
            yield _entry(sorted(events, key=lambda event: event.at.at))


def _entry(events: Sequence[Event]) -> Entry:
    customer = _customer_channel(events)
    agents = _agent_channels(events, customer)
    recorder = next((event for event in events if event.name == "APP_START" and event.app == "MixMonitor"), None)
    ended = _end(events, recorder)
    customer_left = _hangup(events, {customer} if customer else set())
    agent_left = _hangup(events, agents)
    by, notes = _author(events, customer, agents)
    survey = _prompt_after_bridge(events, customer) if agents else None
    started = _recording_start(events, recorder)
    if customer_left and ended and customer_left.at > ended.at:
        customer_left = None  # the recording was the other channel's and had ended
    answer = _first(events, "ANSWER")
    record = CallRecord(
        recording=recorder.app_data.partition(",")[0].strip() if recorder else "",
        call_id=events[0].linked_id,
        recording_start_at=at(started),
        answered_at=at(_first(events, "BRIDGE_ENTER") or answer),
        customer_hangup_at=at(customer_left),
        agent_hangup_at=at(agent_left),
        ended_at=at(ended),
        hangup_by=by,
        agent_id=_agent_id(events, agents),
        queue=next((event.app_data.partition(",")[0] for event in _queued(events)), None),
        survey_start_at=at(survey),
        clock_uncertainty_ms=uncertainty_of(*(event.at for event in events)),
        possible_starts_at=()
        if recorder
        else distinct(answer, _first(events, "BRIDGE_ENTER"), _first(events, "CHAN_START")),
    )
    ids = known(events[0].linked_id, *(event.unique_id for event in events))
    if ended is None:
        notes = (*notes, "no LINKEDID_END, CHAN_END or HANGUP: when the call ended is not known")
    return Entry(record, events[0].line, ids=ids, notes=notes)


def _queued(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.name == "APP_START" and event.app.lower() == "queue"]


def _customer_channel(events: Sequence[Event]) -> str | None:
    """Id of the customer's channel; None where the events do not tell."""
    waiting = {event.unique_id for event in _queued(events)}
    outside = {event.unique_id for event in events if event.name == "CHAN_START" and is_from_outside(event.context)}
    candidates = waiting or outside
    return next(iter(candidates)) if len(candidates) == 1 else None


def _agent_channels(events: Sequence[Event], customer: str | None) -> set[str]:
    """Ids of the other channels that were bridged; none where the customer's is not known."""
    if customer is None:
        return set()
    return {
        event.unique_id
        for event in events
        if event.name == "BRIDGE_ENTER" and event.unique_id != customer and not event.channel.startswith("Local/")
    }


def _hangup(events: Sequence[Event], channels: set[str]) -> Moment | None:
    """When the last of some channels hung up; None while one of them is not known to have."""
    at_by_channel: dict[str, Moment] = {}
    for event in events:
        if event.name == "HANGUP" and event.unique_id in channels:
            at_by_channel.setdefault(event.unique_id, event.at)
    if not channels or set(at_by_channel) != channels:
        return None
    return max(at_by_channel.values(), key=lambda moment: moment.at)


def _author(events: Sequence[Event], customer: str | None, agents: set[str]) -> tuple[Party | None, tuple[str, ...]]:
    """Who hung up, by the `hangupsource` of the first hang-up of a party's channel, and what to note."""
    if customer is None:
        return None, ("which channel is the customer's the events do not tell: no side's hang-up is used",)
    names = {event.unique_id: event.channel for event in events if event.channel}
    for event in events:
        if event.name != "HANGUP" or event.unique_id not in {customer, *agents}:
            continue
        source = event.extra.get("hangupsource")
        if not isinstance(source, str) or not source:
            continue
        if source == names.get(customer):
            return Party.CUSTOMER, ()
        if source in {names.get(agent) for agent in agents}:
            return Party.AGENT, ()
        if source.startswith("dialplan"):
            return Party.SYSTEM, ()
        return None, ("hangupsource names a channel of no party: who hung up is taken from the order of hang-ups",)
    return None, ("no hangupsource: who hung up is taken from the order of hang-ups",)


def _prompt_after_bridge(events: Sequence[Event], customer: str | None) -> Moment | None:
    """When a prompt begins to the customer after the agent: the survey."""
    own = [event for event in events if event.unique_id == customer]
    left = next((n for n in range(len(own) - 1, -1, -1) if own[n].name == "BRIDGE_EXIT"), None)
    if left is None:
        return None
    return _first(own[left + 1 :], "STREAM_BEGIN")


def _recording_start(events: Sequence[Event], recorder: Event | None) -> Moment | None:
    """When MixMonitor began to write; None where its options do not allow to say."""
    if recorder is None:
        return None
    options = recorder.app_data.partition(",")[2].partition(",")[0]
    if _DELAYED.search(options):
        return None
    if "b" in re.sub(r"\([^)]*\)", "", options):  # it writes while bridged
        return _first([event for event in events if event.at.at >= recorder.at.at], "BRIDGE_ENTER")
    return recorder.at


def _end(events: Sequence[Event], recorder: Event | None) -> Moment | None:
    """When the recorded channel, or else the call, ended."""
    if recorder:
        own = [event for event in events if event.unique_id == recorder.unique_id]
        return _first(own, "HANGUP") or _first(own, "CHAN_END")
    last = [event.at for event in events if event.name in ("LINKEDID_END", "CHAN_END", "HANGUP")]
    return max(last, key=lambda moment: moment.at, default=None)


def _agent_id(events: Sequence[Event], agents: set[str]) -> str | None:
    return next(
        (peer_of(event.channel) for event in reversed(events) if event.unique_id in agents and event.channel), None
    )


def _first(events: Iterable[Event], name: str) -> Moment | None:
    return next((event.at for event in events if event.name == name), None)
