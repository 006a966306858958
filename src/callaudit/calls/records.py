"""A file of call records, or a folder of them, read and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from callaudit.calls.formats.choose import READERS, recognise
from callaudit.calls.formats.names import CallsFormat
from callaudit.calls.formats.source import Source
from callaudit.calls.lookup import CallRecords, Entry
from callaudit.calls.rows import read_text
from callaudit.calls.times import CHINA
from callaudit.errors import InputError


def read_call_records(path: Path, zone: tzinfo = CHINA, calls_format: CallsFormat | None = None) -> CallRecords:
    """Read call records in the neutral form or in that of one of the systems of `CallsFormat`.

    The neutral form is CSV, JSON or JSON Lines. Its columns are `recording` (required), `call_id`, `recording_start`,
    `answer`, `customer_hangup`, `agent_hangup`, `end`, `hangup_by` (agent, customer, system, nobody or unknown),
    `agent_id`, `queue`, `survey_start`, `hold` and `mute` (`start/end;start/end`), and `channel_map` (such as
    `agent,customer`). Others are read past and listed in `CallRecords.unknown_columns`.

    Args:
        path: the file, or a folder of them for systems that write one for each call; UTF-8, UTF-16 with BOM, or GBK.
            What is no text in a folder, such as the recordings, is read past and listed in `CallRecords.passed_by`.
        zone: zone of times that name none; China by default.
        calls_format: how the records are written; found out from each file's contents by default.

    Raises:
        InputError: `calls.missing` where there is no such file; `calls.format` where a value does not fit its field,
            naming file, place and field.
    """
    unknown_columns: set[str] = set()
    if not path.is_dir():
        text = read_text(path)
        if text is None:
            hint = "give CSV, JSON or XML in UTF-8 or GBK"
            raise InputError(f"{path} is not a text file", code="calls.format", hint=hint)
        return CallRecords(path, _entries(Source(path, text, zone, unknown_columns), calls_format), unknown_columns)
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    entries: list[Entry] = []
    passed_by: list[str] = []
    for file in files:
        if (text := read_text(file)) is None:
            passed_by.append(file.name)
            continue
        source = Source(file, text, zone, unknown_columns)
        entries += (replace(entry, source=file) for entry in _entries(source, calls_format))
    if len(passed_by) == len(files):
        raise InputError(f"no call records in {path}", code="calls.missing", hint="check the path given to --calls")
    return CallRecords(path, entries, unknown_columns, passed_by)


def _entries(source: Source, calls_format: CallsFormat | None) -> Iterator[Entry]:
    return READERS[calls_format or recognise(source)](source)
