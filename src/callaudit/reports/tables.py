"""Findings as JSON Lines for programs, and as CSV and XLSX for Excel."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from callaudit.domain.analysis import CallOutcome, FailedCall, JudgedCall
from callaudit.domain.findings import Finding
from callaudit.domain.names import printable
from callaudit.reports.files import replacing
from callaudit.reports.harmless import cell_text
from callaudit.reports.rows import CALL_COLUMNS, FAILURE_COLUMNS, FINDING_COLUMNS, call_row, failure_row, finding_row
from callaudit.reports.units import clock
from callaudit.reports.wording import Lang, label
from callaudit.reports.wording.sentences import evidence_sentence

Outcomes = Callable[[], Iterable[CallOutcome]]
"""Gives all outcomes anew each time it is called, best one at a time."""

LONGEST_CELL = 32_000
"""Excel holds 32,767 characters in a cell."""

_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_READABLE = ("category_text", "severity_text", "party_text", "phase_text", "start", "end", "evidence_text")
_TABLE_COLUMNS = (*(name for name in FINDING_COLUMNS if name not in ("schema", "evidence")), *_READABLE)


def write_jsonl(path: Path, outcomes: Outcomes) -> None:
    """Write one object a line for each finding, in the order of outcomes and by time within a call.

    Raises:
        StorageError: the file cannot be written.
    """
    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        for judged, finding in _findings(outcomes):
            file.write(f"{_json_line(finding_row(judged, finding))}\n")


def write_csv(path: Path, outcomes: Outcomes, lang: Lang = "zh") -> None:
    """Write one line for each finding in the order of outcomes; with a byte order mark, which Excel needs for Chinese.

    Raises:
        StorageError: the file cannot be written.
    """
    with replacing(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, _TABLE_COLUMNS)
        writer.writeheader()
        writer.writerows(_cells(_table_row(judged, finding, lang)) for judged, finding in _findings(outcomes))


def write_xlsx(path: Path, outcomes: Outcomes, lang: Lang = "zh") -> None:
    """Write a workbook with the sheets findings, calls and failures, in the order of outcomes.

    Raises:
        StorageError: the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    safe = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    # Rows wait in temporary files, which hold quotes: they are kept beside the report and swept in any case.
    with replacing(path) as draft, TemporaryDirectory(prefix=".callaudit-", dir=path.parent) as scratch:
        try:
            with xlsxwriter.Workbook(str(draft), {**safe, "tmpdir": scratch}) as book:
                # Not the time of writing: the same findings make the same file.
                book.set_properties({"created": datetime(2000, 1, 1)})
                _fill(book, outcomes(), lang)
        except FileCreateError as error:
            raise OSError(None, str(error)) from error


def _fill(book: Any, outcomes: Iterable[CallOutcome], lang: Lang) -> None:
    """Write the three sheets of a workbook in one pass."""
    findings, calls = _Sheet(book, "findings", _TABLE_COLUMNS), _Sheet(book, "calls", CALL_COLUMNS)
    failures = _Sheet(book, "failures", FAILURE_COLUMNS)
    for outcome in outcomes:
        if isinstance(outcome, FailedCall):
            failures.add(failure_row(outcome))
            continue
        calls.add(call_row(outcome))
        for finding in outcome.findings:
            findings.add(_table_row(outcome, finding, lang))


class _Sheet:
    """One sheet that is written from top to bottom."""

    def __init__(self, book: Any, name: str, columns: Sequence[str]) -> None:
        self._sheet = book.add_worksheet(name)
        self._columns = columns
        self._next = 0
        heading = book.add_format({"bold": True, "bg_color": "#E8EDF3", "border": 1})
        self._sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, _width(column))
            self._sheet.write_string(0, number, column, heading)

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one row below the others."""
        self._next += 1
        for column, name in enumerate(self._columns):
            value = row[name]
            if isinstance(value, int | float):
                self._sheet.write_number(self._next, column, value)
            elif value is not None:
                self._sheet.write_string(self._next, column, cell_text(str(value))[:LONGEST_CELL])


def _findings(outcomes: Outcomes) -> Iterator[tuple[JudgedCall, Finding]]:
    """Every finding with its call."""
    for outcome in outcomes():
        if isinstance(outcome, JudgedCall):
            for finding in outcome.findings:
                yield outcome, finding


def _table_row(judged: JudgedCall, finding: Finding, lang: Lang) -> dict[str, Any]:
    """A finding with its codes in words beside them and its evidence spelled out."""
    row = finding_row(judged, finding)
    del row["schema"], row["evidence"]
    members = (finding.category, finding.severity, finding.party, finding.phase)
    texts = [label(member, lang) for member in members]
    evidence = "；".join(evidence_sentence(item, lang) for item in finding.evidence)
    return {
        **row,
        **dict(zip(_READABLE, [*texts, clock(row["start_ms"]), clock(row["end_ms"]), evidence], strict=True)),
    }


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with every text safe for a spreadsheet."""
    return {name: cell_text(value) if isinstance(value, str) else value for name, value in row.items()}


def _json_line(row: Mapping[str, Any]) -> str:
    """One line of JSON in readable Chinese; what could upset a terminal is escaped."""
    text = json.dumps(row, ensure_ascii=False)
    return _UNSAFE_IN_JSON.sub(_escaped, text)


def _escaped(unsafe: re.Match[str]) -> str:
    """A character as JSON escapes it; half of a surrogate pair, which strict readers refuse, as names are written."""
    char = unsafe[0]
    return f"\\{printable(char)}" if "\ud800" <= char <= "\udfff" else f"\\u{ord(char):04x}"


def _width(name: str) -> int:
    """Width of a column in characters."""
    wide = {"quote": 40, "evidence_text": 60, "recording": 32, "message": 48, "hint": 48, "call_id": 24}
    return wide.get(name, max(10, len(name) + 2))
