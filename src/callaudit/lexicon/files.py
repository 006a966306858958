"""Lexicon files: one TOML file a category, one `[[entry]]` a phrase."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from callaudit.domain.findings import SPEECH_CATEGORIES, Category, Severity
from callaudit.errors import LexiconError
from callaudit.lexicon.entries import Entry, Lexicon, Role, When
from callaudit.lexicon.patterns import PatternError, parse
from callaudit.resources import bundled

_ENTRY_HEADER = re.compile(r"^[ \t]*\[\[\s*entry\s*\]\]", re.MULTILINE)
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Row(BaseModel):
    """One `[[entry]]` as the file writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z0-9_]+$")]
    phrase: _Text
    severity: Severity
    role: Role = Role.AGENT
    phase: When = When.ANY
    alone: bool = True
    sound: bool = True
    tags: tuple[_Text, ...] = ()
    unless: tuple[_Text, ...] = ()
    hits: tuple[_Text, ...] = ()
    misses: tuple[_Text, ...] = ()
    note: str = ""


class _File(BaseModel):
    """A whole file; rows are checked one by one, so that a complaint can name its entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    category: Category
    entry: list[dict[str, object]] = Field(min_length=1)


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """Read all `*.toml` files of a folder, by name.

    Args:
        folder: where the files lie; the bundled lexicon by default.

    Raises:
        LexiconError: there is no file, or one is malformed; the message names file, line and entry.
    """
    place = bundled("lexicons") if folder is None else folder
    paths = sorted(place.glob("*.toml")) if place.is_dir() else []
    if not paths:
        raise LexiconError(
            f"no lexicon files (*.toml) in {place}",
            code="lexicon.missing",
            hint="let `folder` in section [lexicon] name a folder that holds them, or leave it out",
        )
    entries = [entry for path in paths for entry in read_file(path)]
    first_with: dict[str, Entry] = {}
    for entry in entries:
        first = first_with.setdefault(entry.id, entry)
        if first is not entry:
            raise _invalid(f"{entry.place}: {entry.id}: the id is taken by {first.place}")
    return Lexicon(tuple(entries))


def read_file(path: Path) -> tuple[Entry, ...]:
    """The entries of one file, in its order.

    Raises:
        LexiconError: the file cannot be read or is malformed; the message names every entry at fault.
    """
    text = _text_of(path)
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(
            f"{path.name}: {error}", code="lexicon.syntax", hint="mend the TOML at the place named"
        ) from error
    except ValidationError as error:
        raise _invalid("; ".join(f"{path.name}: {_complaint(detail)}" for detail in _details(error))) from error
    if file.category not in SPEECH_CATEGORIES:
        raise _invalid(f"{path.name}: category: {file.category} is not a category of speech")
    lines = [text.count("\n", 0, header.start()) + 1 for header in _ENTRY_HEADER.finditer(text)]
    known = len(lines) == len(file.entry)
    entries: list[Entry] = []
    complaints: list[str] = []
    for at, row in enumerate(file.entry):
        line = lines[at] if known else None
        try:
            entries.append(_entry(row, file.category, path.name, line))
        except ValidationError as error:
            complaints += [f"{_name(path, line, row)}: {_complaint(detail)}" for detail in _details(error)]
        except ValueError as error:
            complaints.append(f"{_name(path, line, row)}: {error}")
    if complaints:
        raise _invalid("; ".join(complaints))
    return tuple(entries)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LexiconError(
            f"{path.name}: not UTF-8 at byte {error.start}", code="lexicon.encoding", hint="save the file as UTF-8"
        ) from error
    except OSError as error:
        raise LexiconError(
            f"{path}: {error.strerror}", code="lexicon.unreadable", hint="check that the file may be read"
        ) from error


def _entry(row: dict[str, object], category: Category, file: str, line: int | None) -> Entry:
    """A checked entry.

    Raises:
        ValueError: (pydantic's kind included) a field is unknown, missing or wrong.
    """
    values = dict(_Row.model_validate(row))
    if not str(values["id"]).startswith(f"{category}."):
        raise ValueError(f"id: begins with the category of the file, `{category}.`")
    entry = Entry(category=category, file=file, line=line, **values)
    for field, pattern in (("phrase", entry.phrase), *(("unless", context) for context in entry.unless)):
        try:
            parse(pattern)
        except PatternError as error:
            raise ValueError(f"{field}: {error}") from error
    return entry


def _name(path: Path, line: int | None, row: dict[str, object]) -> str:
    place = path.name if line is None else f"{path.name}:{line}"
    return f"{place}: {row.get('id', 'entry without id')}"


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _complaint(detail: ErrorDetails) -> str:
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"


def _invalid(message: str) -> LexiconError:
    return LexiconError(
        message,
        code="lexicon.invalid",
        hint="mend the entries named; the head of each bundled file explains the format",
    )
