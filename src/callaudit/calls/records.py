"""A file of call records, read and checked row by row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path

from callaudit.calls.fields import COLUMNS, FieldError, parse_record
from callaudit.calls.lookup import CallRecords, Entry
from callaudit.calls.rows import format_error, read_rows
from callaudit.calls.times import CHINA


def read_call_records(path: Path, zone: tzinfo = CHINA) -> CallRecords:
    """Read call records from a plain CSV or JSON Lines file with the neutral columns.

    The columns are `recording` (required), `call_id`, `recording_start`, `answer`, `customer_hangup`, `agent_hangup`,
    `end`, `hangup_by` (agent, customer, system, nobody or unknown), `agent_id`, `queue`, `survey_start` and
    `channel_map` (such as `agent,customer`). Others are read past and listed in `CallRecords.unknown_columns`.

    Args:
        path: the file; UTF-8, UTF-16 with BOM, or GBK.
        zone: zone of times that name none; China by default.

    Raises:
        InputError: `calls.missing` where there is no such file; `calls.format` where a value does not fit its column,
            naming file, line and column.
    """
    unknown_columns: set[str] = set()

    def entries() -> Iterator[Entry]:
        for row in read_rows(path):
            unknown_columns.update(row.values.keys() - COLUMNS)
            try:
                record = parse_record(row.values, zone)
            except FieldError as error:
                raise format_error(path, row.line, str(error), _hint(error.column)) from error
            yield Entry(record, row.line)

    read = tuple(entries())
    return CallRecords(path, read, unknown_columns)


def _hint(column: str) -> str:
    hints = {
        "recording": "name the recording's file in every record",
        "hangup_by": "write agent, customer, system, nobody or unknown, or leave it empty",
        "channel_map": "write the party of each channel, such as agent,customer",
    }
    return hints.get(column, "write times like 2026-03-02T09:15:20.350+08:00 or as seconds or milliseconds since 1970")
