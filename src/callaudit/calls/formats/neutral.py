"""Importer: the neutral columns, as CSV or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator

from callaudit.calls.fields import COLUMNS, FieldError, parse_record
from callaudit.calls.formats.source import Source
from callaudit.calls.lookup import Entry
from callaudit.calls.rows import format_error, read_rows

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
    for row in read_rows(source.path, source.text):
        source.unknown_columns.update(row.values.keys() - COLUMNS)
        try:
            record = parse_record(row.values, source.zone)
        except FieldError as error:
            hint = _HINTS.get(error.column, _TIME_HINT)
            raise format_error(source.path, row.line, str(error), hint) from error
        yield Entry(record, row.line)
