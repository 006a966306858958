"""A file of call records to rows of named values: encoding, and CSV. What the values mean is not known here."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callaudit.errors import InputError

_HINT = "see the README for the columns of a call-record file"
_HEADER_HINT = (
    "the first line names the columns, separated by commas; --calls-format names the system that wrote other files"
)
_QUOTES_HINT = "close every quotation mark; write one that belongs to a value twice"


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it stands in the file: where, and its values by column name."""

    line: int
    """Number of its (first) line, counted from 1."""
    values: Mapping[str, object]


def read_text(path: Path) -> str | None:
    """Text of a file in UTF-8 (with or without BOM), UTF-16 with BOM, or GBK/GB18030 (as Excel in China writes it).

    Returns:
        None where the file is no text.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"no call-record file {path}", code="calls.missing", hint="check the path given to --calls"
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror}", code="calls.missing", hint="check the path given to --calls"
        ) from error
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return None


def format_error(path: Path, line: int, problem: str, hint: str = _HINT, unit: str = "line") -> InputError:
    """The error of a malformed call-record file, naming file and line (or what `unit` says is counted)."""
    return InputError(f"{path}, {unit} {line}: {problem}", code="calls.format", hint=hint)


def csv_rows(path: Path, text: str, *required: str) -> Iterator[Row]:
    """The rows of a CSV file whose first line names the columns.

    Raises:
        InputError: a required column is missing, one appears twice, or a line is malformed.
    """
    header: list[str] | None = None
    for line, cells in csv_lines(path, text):
        if header is None:
            header = [name.strip().lower() for name in cells]
            _check_header(path, header, required)
            continue
        if len(cells) > len(header):
            raise format_error(path, line, f"{len(cells)} values for {len(header)} columns")
        yield Row(line, dict(zip(header, cells, strict=False)))
    if header is None:
        _check_header(path, [], required)


def csv_lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file that are not blank: number of the (first) line, and its values.

    Raises:
        InputError: a quotation mark is not closed.
    """
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise format_error(path, line, "a quotation mark without its counterpart", _QUOTES_HINT) from error


def _check_header(path: Path, header: list[str], required: tuple[str, ...]) -> None:
    for name in required:
        if name not in header:
            raise format_error(path, 1, f"no column {name}", _HEADER_HINT)
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise format_error(path, 1, f"column {repeated[0]} appears twice")
