"""Events of Asterisk's channel event logging, read from CSV or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callaudit.calls.fields import NO_VALUE
from callaudit.calls.formats.documents import json_items
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import Fields, Moment
from callaudit.calls.rows import csv_lines, csv_rows, format_error

KNOWN = frozenset(
    [
        "CHAN_START",
        "CHAN_END",
        "HANGUP",
        "ANSWER",
        "APP_START",
        "APP_END",
        "BRIDGE_ENTER",
        "BRIDGE_EXIT",
        "PARK_START",
        "PARK_END",
        "LINKEDID_END",
        "BLINDTRANSFER",
        "ATTENDEDTRANSFER",
        "PICKUP",
        "FORWARD",
        "LOCAL_OPTIMIZE",
        "LOCAL_OPTIMIZE_BEGIN",
        "STREAM_BEGIN",
        "STREAM_END",
        "DTMF",
        "USER_DEFINED",
    ]
)
"""Names of events; others are read past, as modules add theirs."""

SAMPLE_COLUMNS = [
    "eventtype",
    "eventtime",
    "cid_name",
    "cid_num",
    "cid_ani",
    "cid_rdnis",
    "cid_dnid",
    "exten",
    "context",
    "channame",
    "appname",
    "appdata",
    "amaflags",
    "accountcode",
    "uniqueid",
    "linkedid",
    "peer",
    "userfield",
    "userdeftype",
    "extra",
]
"""Columns of the mapping that `cel_custom.conf` shows, where the file has no header."""

_OTHER_NAMES = {"eventname": "eventtype", "channel": "channame", "eventextra": "extra", "bridgepeer": "peer"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a channel."""

    line: int
    name: str
    at: Moment
    channel: str
    unique_id: str
    linked_id: str
    context: str
    app: str
    app_data: str
    extra: Mapping[str, object]


def is_header(names: set[str]) -> bool:
    """Whether the columns are those of a CEL table."""
    named = {_OTHER_NAMES.get(name, name) for name in names}
    return {"eventtype", "eventtime", "uniqueid"} <= named


def is_row(cells: Sequence[str]) -> bool:
    """Whether a line is one of the sample mapping of `cel_custom.conf`."""
    return len(cells) >= 16 and cells[0].strip() in KNOWN


def read_events(source: Source) -> Iterator[Event]:
    """The events of known names, in the order of the file.

    Raises:
        InputError: one is malformed.
    """
    for line, values in _rows(source):
        with located(source, line):
            named = {_OTHER_NAMES.get(name, name): value for name, value in values.items()}
            event = _event(line, Fields(named, source.zone))
            if event.name in KNOWN:
                yield event


def _rows(source: Source) -> Iterator[tuple[int, Mapping[str, object]]]:
    if source.text.lstrip().startswith(("{", "[")):
        for number, _, item in json_items(source):
            yield number, {name.strip().lower(): value for name, value in item.items()}
        return
    _, first = next(csv_lines(source.path, source.text), (1, []))
    if not is_row(first):
        wanted = "eventname" if "eventname" in {cell.strip().lower() for cell in first} else "eventtype"
        for row in csv_rows(source.path, source.text, wanted, "eventtime", "uniqueid", "linkedid"):
            yield row.line, row.values
        return
    for line, cells in csv_lines(source.path, source.text):
        if len(cells) > len(SAMPLE_COLUMNS):
            hint = "give the columns of the sample mapping of cel_custom.conf, or a header"
            raise format_error(source.path, line, f"{len(cells)} values for {len(SAMPLE_COLUMNS)} columns", hint)
        yield line, dict(zip(SAMPLE_COLUMNS, cells, strict=False))


def _event(line: int, fields: Fields) -> Event:
    name = fields.required("eventtype").upper()
    if name.isdigit():
        raise fields.error("eventtype", "a number, whose meaning depends on the version: export the name", name)
    moment = fields.clock("eventtime")
    if moment is None:
        raise fields.error("eventtime", "missing", "")
    return Event(
        line=line,
        name=name,
        at=moment,
        channel=fields.text("channame") or "",
        unique_id=fields.required("uniqueid"),
        linked_id=fields.required("linkedid"),
        context=fields.text("context") or "",
        app=fields.text("appname") or "",
        app_data=fields.text("appdata") or "",
        extra=_extra(fields),
    )


def _extra(fields: Fields) -> Mapping[str, object]:
    """What the event says besides, in JSON: an object, or its text."""
    value = fields.values.get("extra")
    if value is None or (isinstance(value, str) and value.strip() in NO_VALUE):
        return {}
    try:
        decoded = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        raise fields.error("extra", "not a JSON object", value)
    return decoded
