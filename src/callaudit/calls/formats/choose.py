"""Which system wrote a file, by what stands in it, and the importer of each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from callaudit.calls.formats import (
    alibaba_ccc,
    asterisk_cdr,
    asterisk_cel,
    freeswitch,
    genesys,
    neutral,
    queue_log,
    siprec,
    tencent_tccc,
)
from callaudit.calls.formats.names import CallsFormat
from callaudit.calls.formats.source import Source
from callaudit.calls.lookup import Entry
from callaudit.calls.rows import csv_lines
from callaudit.errors import InputError

READERS: Mapping[CallsFormat, Callable[[Source], Iterator[Entry]]] = MappingProxyType(
    {
        CallsFormat.NEUTRAL: neutral.read,
        CallsFormat.ASTERISK_CDR: asterisk_cdr.read,
        CallsFormat.ASTERISK_CEL: asterisk_cel.read,
        CallsFormat.QUEUE_LOG: queue_log.read,
        CallsFormat.FREESWITCH: freeswitch.read,
        CallsFormat.SIPREC: siprec.read,
        CallsFormat.GENESYS: genesys.read,
        CallsFormat.ALIBABA_CCC: alibaba_ccc.read,
        CallsFormat.TENCENT_TCCC: tencent_tccc.read,
    }
)

_JSON_SIGNS = (
    (CallsFormat.FREESWITCH, ({"variables", "callflow"}, {"core-uuid"}, {"channel_data", "variables"})),
    (CallsFormat.GENESYS, ({"conversationId"}, {"conversations"})),
    (
        CallsFormat.TENCENT_TCCC,
        ({"TelCdrs"}, {"TelCdrList"}, {"SessionId", "EndedTimestamp"}, {"SessionId", "Direction"}),
    ),
    (CallsFormat.ALIBABA_CCC, ({"ContactId"},)),
    (CallsFormat.ASTERISK_CEL, ({"eventtype", "linkedid"}, {"eventtype", "uniqueid"})),
)
"""Sets of fields any of which gives a system away."""

_WRAPPERS = ("Response", "Data", "List", "CallDetailRecord")
_ROOTS = {"cdr": CallsFormat.FREESWITCH, "recording": CallsFormat.SIPREC, "recording-metadata": CallsFormat.SIPREC}
_ROOT = re.compile(r"(?:[^<]|<!--.*?-->|<(?!!--)[?!][^>]*>)*+<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
"""The outermost element, behind comments and declarations."""


def recognise(source: Source) -> CallsFormat:
    """The form of a file; the neutral one where nothing else gives itself away, so that its errors say what to do."""
    text = source.text.lstrip()
    if text.startswith("<"):
        return _of_xml(text)
    if text.startswith(("{", "[")):
        return _of_json(text)
    if queue_log.LINE.match(text):
        return CallsFormat.QUEUE_LOG
    return _of_table(source)


def _of_xml(text: str) -> CallsFormat:
    root = _ROOT.match(text)
    return _ROOTS.get(root.group(1).lower() if root else "", CallsFormat.SIPREC)


def _of_json(text: str) -> CallsFormat:
    item = _first_object(text)
    if "recording" in {name.strip().lower() for name in item}:
        return CallsFormat.NEUTRAL
    for _ in range(len(_WRAPPERS)):
        for name, signs in _JSON_SIGNS:
            if any(sign <= item.keys() for sign in signs):
                return name
        inner = next((item[name] for name in _WRAPPERS if isinstance(item.get(name), dict | list)), None)
        first = inner[0] if isinstance(inner, list) and inner else inner
        if not isinstance(first, dict):
            break
        item = first
    return CallsFormat.NEUTRAL


def _first_object(text: str) -> dict[str, object]:
    """The first JSON object of a file, of a list's of them; without fields where there is none."""
    try:
        document, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    first = document[0] if isinstance(document, list) and document else document
    return first if isinstance(first, dict) else {}


def _of_table(source: Source) -> CallsFormat:
    try:
        _, cells = next(csv_lines(source.path, source.text), (1, []))
    except InputError:
        return CallsFormat.NEUTRAL
    header = {cell.strip().lower() for cell in cells}
    if "recording" in header:
        return CallsFormat.NEUTRAL
    if asterisk_cel.is_header(header) or asterisk_cel.is_row(cells):
        return CallsFormat.ASTERISK_CEL
    if asterisk_cdr.is_header(header) or asterisk_cdr.is_row(cells):
        return CallsFormat.ASTERISK_CDR
    return CallsFormat.NEUTRAL
