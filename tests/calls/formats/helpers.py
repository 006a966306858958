"""Files of call records, and what is read of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callaudit.calls.formats.names import CallsFormat
from callaudit.calls.lookup import Entry
from callaudit.calls.records import read_call_records
from callaudit.calls.times import CHINA
from callaudit.domain.calls import CallRecord
from callaudit.errors import ExitCode, InputError

NINE = datetime(2026, 3, 2, 9, 15, 20, tzinfo=CHINA)
NINE_S = 1772414120
"""The same since 1970."""


def after(seconds: float) -> datetime:
    """A time, so many seconds after a quarter past nine."""
    return NINE + timedelta(seconds=seconds)


def read(folder: Path, text: str, name: str = "records.txt", calls_format: CallsFormat | None = None) -> list[Entry]:
    """The records of a file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read_call_records(path, calls_format=calls_format).entries)


def the_entry(folder: Path, text: str) -> Entry:
    """The only record of a file."""
    (entry,) = read(folder, text)
    return entry


def the_record(folder: Path, text: str) -> CallRecord:
    """The only record of a file."""
    return the_entry(folder, text).record


def found(folder: Path, text: str, recording: str) -> bool:
    """Whether the records of a file have one for a recording."""
    path = folder / "records.txt"
    path.write_text(text, encoding="utf-8")
    return read_call_records(path).for_recording(Path("/recordings") / recording) is not None


def refuse(folder: Path, text: str, place: str, *about: str, calls_format: CallsFormat | None = None) -> None:
    """Expect an error that names file, place and what it is about, with a remedy."""
    path = folder / "records.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_call_records(path, calls_format=calls_format)
    assert caught.value.code == "calls.format"
    assert caught.value.exit_code is ExitCode.NO_INPUT
    assert f"{path}, {place}:" in caught.value.message
    for words in about:
        assert words in caught.value.message
    assert caught.value.hint
