"""Importer: the neutral columns, as CSV, JSON or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callaudit.calls.fields import COLUMNS, FieldError, parse_record
from callaudit.calls.formats.documents import json_items
from callaudit.calls.formats.source import Source
from callaudit.calls.lookup import Entry
from callaudit.calls.rows import csv_rows, format_error

_HINTS = {
    "recording": "name the recording's file in every record",
    "hangup_by": "write agent, customer, system, nobody or unknown, or leave it empty",
    "hold": "write start/end;start/end, in JSON a list of such pairs; slashes may not stand within these times",
    "mute": "write start/end;start/end, in JSON a list of such pairs; slashes may not stand within these times",
    "channel_map": "write the party of each channel, such as agent,customer",
}
_TIME_HINT = "write times like 2026-03-02T09:15:20.350+08:00 or as seconds or milliseconds since 1970"


def read(source: Source) -> Iterator[Entry]:
    """The records, one a row.

    Raises:
        InputError: a row is malformed.
    """
    for number, unit, values in _rows(source):
        source.unknown_columns.update(values.keys() - COLUMNS)
        try:
            record = parse_record(values, source.zone)
        except FieldError as error:
            hint = _HINTS.get(error.column, _TIME_HINT)
            raise format_error(source.path, number, str(error), hint, unit) from error
        yield Entry(record, number, unit)


def _rows(source: Source) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    if source.text.lstrip().startswith(("{", "[")):
        for number, unit, item in json_items(source):
            yield number, unit, {name.strip().lower(): value for name, value in item.items()}
        return
    for row in csv_rows(source.path, source.text, "recording"):
        yield row.line, "line", row.values
