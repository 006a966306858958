"""Importer: FreeSWITCH call detail records of mod_xml_cdr and mod_json_cdr, one leg a record.

Whose leg it is, is told by mod_callcenter (`cc_side`) or by the SIP profile of the vanilla configuration (external:
customer, internal: agent). `sip_hangup_disposition=recv_bye` says that the leg's own party hung up; `send_bye` does not
say who did. The recording's file and start are those of the `record_session` application. Times are microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from callaudit.calls.formats.documents import json_items
from callaudit.calls.formats.freeswitch_xml import leg_of_xml
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import (
    MICROSECONDS,
    SECONDS,
    Fields,
    Moment,
    at,
    distinct,
    known,
    last_part,
    seconds_between,
    uncertainty_of,
)
from callaudit.calls.lookup import Entry
from callaudit.domain.calls import CallRecord, ClockSpan, Party

BILLSEC_SLACK_S = 2.0

_SIDES = {"member": Party.CUSTOMER, "agent": Party.AGENT}
_PROFILES = {"external": Party.CUSTOMER, "internal": Party.AGENT}
_DISPOSITIONS = frozenset(f"{way}_{what}" for way in ("send", "recv") for what in ("bye", "cancel", "refuse"))
_HOLD = re.compile(r"\{(\d+),(\d+)\}")
_PARAMETERS = re.compile(r"^\s*\{[^}]*\}")
_LIMIT = re.compile(r"\s\+\d+$")


@dataclass(frozen=True, slots=True)
class _Recorder:
    """The application that records."""

    file: str
    start: Moment | None


def read(source: Source) -> Iterator[Entry]:
    """The legs.

    Raises:
        InputError: a record is malformed.
    """
    items = leg_of_xml(source) if source.text.lstrip().startswith("<") else json_items(source)
    for number, unit, item in items:
        with located(source, number, unit):
            yield _entry(number, unit, Fields(item, source.zone))


def _entry(number: int, unit: str, leg: Fields) -> Entry:
    plain = leg.part("variables")
    variables = Fields({name: _decoded(value) for name, value in plain.values.items()}, leg.zone, plain.prefix)
    uuid = variables.required("uuid")
    ended = _hangup(leg) or _stamp(variables, "end")
    if ended is None:
        raise variables.error("end_uepoch", "missing", "")
    answered = _stamp(variables, "answer")
    party, by, notes = _parties(variables)
    recorder = _recorder(leg, variables)
    disagrees = _disagrees(variables, answered, ended)
    record = CallRecord(
        recording=recorder.file,
        call_id=variables.text("call_uuid") or uuid,
        recording_start_at=at(recorder.start),
        answered_at=at(answered),
        customer_hangup_at=ended.at if by is Party.CUSTOMER else None,
        agent_hangup_at=ended.at if by is Party.AGENT else None,
        ended_at=ended.at,
        hangup_by=by,
        agent_id=variables.text("cc_agent"),
        queue=variables.text("cc_queue"),
        clock_uncertainty_ms=uncertainty_of(answered, ended, recorder.start),
        possible_starts_at=()
        if recorder.start
        else distinct(answered, _stamp(variables, "bridge"), _stamp(variables, "start")),
        hold_spans=_holds(leg, variables, ended) if party is not None else (),
        is_distrusted=disagrees,
    )
    if disagrees:
        notes = (*notes, "field variables.billsec disagrees with the times: they are not used")
    return Entry(record, number, unit, known(uuid, variables.text("call_uuid")), notes)


def _decoded(value: object) -> object:
    """A variable as it was: both modules write them URL-encoded unless told otherwise."""
    return unquote(value) if isinstance(value, str) else value


def _stamp(variables: Fields, event: str) -> Moment | None:
    """A time in the finest unit that is there."""
    return (
        variables.epoch(f"{event}_uepoch", MICROSECONDS)
        or variables.epoch(f"{event}_epoch", SECONDS)
        or variables.clock(f"{event}_stamp")
    )


def _hangup(leg: Fields) -> Moment | None:
    """The hang-up of the last caller profile."""
    single = isinstance(leg.values.get("callflow"), dict)
    flows = (leg.part("callflow"),) if single else leg.parts("callflow")
    moments = [flow.part("times").epoch("hangup_time", MICROSECONDS) for flow in flows]
    return max((moment for moment in moments if moment), key=lambda moment: moment.at, default=None)


def _parties(variables: Fields) -> tuple[Party | None, Party | None, tuple[str, ...]]:
    """Whose leg it is, who hung up, and what to note."""
    party = _SIDES.get(variables.text("cc_side") or "") or _PROFILES.get(variables.text("sofia_profile_name") or "")
    disposition = variables.text("sip_hangup_disposition")
    if disposition is not None and disposition not in _DISPOSITIONS:
        return party, None, ("field variables.sip_hangup_disposition holds an unknown word: who hung up is left open",)
    if party is None:
        return None, None, ("whose leg it is neither cc_side nor sofia_profile_name tells: who hung up is left open",)
    return party, party if disposition == "recv_bye" else None, ()


def _recorder(leg: Fields, variables: Fields) -> _Recorder:
    """What was recorded where, and from when."""
    for application in leg.part("app_log").parts("applications"):
        if application.text("app_name") == "record_session":
            file = _PARAMETERS.sub("", _LIMIT.sub("", unquote(application.required("app_data"))))
            return _Recorder(file, _record_start(application.epoch("app_stamp", MICROSECONDS), variables))
    return _Recorder(last_part([variables.text("record_name"), variables.text("cc_record_filename")]), None)


def _record_start(asked: Moment | None, variables: Fields) -> Moment | None:
    """When the recording began: when it was asked for, or what it had to wait for."""
    waits = [("RECORD_ANSWER_REQ", "answer"), ("RECORD_BRIDGE_REQ", "bridge")]
    awaited = [_stamp(variables, event) for name, event in waits if variables.flag(name)]
    if asked is None or None in awaited:
        return None
    return max((asked, *(moment for moment in awaited if moment)), key=lambda moment: moment.at)


def _holds(leg: Fields, variables: Fields, ended: Moment) -> tuple[ClockSpan, ...]:
    """When the other party was on hold; a hold without end lasts to the hang-up."""
    spans = leg.part("hold_record").parts("holds")
    if not spans:
        text = variables.text("hold_events") or ""
        spans = tuple(
            Fields({"on": on, "off": off}, leg.zone, "variables.hold_events.") for on, off in _HOLD.findall(text)
        )
    found = []
    for span in spans:
        on = span.epoch("on", MICROSECONDS)
        if on is None:
            raise span.error("on", "missing", "")
        found.append(span.span("off", on, span.epoch("off", MICROSECONDS) or ended))
    return tuple(found)


def _disagrees(variables: Fields, answered: Moment | None, ended: Moment) -> bool:
    told_s, counted_s = variables.number("billsec"), seconds_between(answered, ended)
    return told_s is not None and counted_s is not None and abs(counted_s - told_s) > BILLSEC_SLACK_S
