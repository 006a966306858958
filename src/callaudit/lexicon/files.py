"""Lexicon files: one TOML file a category, one `[[entry]]` a phrase; and the files of a site that are laid over them.

An overlay is a file, or a folder of files, in the same format, with two liberties:

    off = ["insult.gun", "coldness.bu_xing"]   # at the head: entries to do without

    [[entry]]                                  # an id of the lexicon below changes that entry as a whole,
    id = "mockery.our_own"                     # any other adds one; the category is what the id begins with
    phrase = "…"
    severity = "minor"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from callaudit.domain.findings import SPEECH_CATEGORIES, Category, Severity
from callaudit.errors import LexiconError
from callaudit.lexicon.entries import Entry, Lexicon, Role, When
from callaudit.lexicon.overlay import Overlay
from callaudit.lexicon.patterns import PatternError, parse
from callaudit.resources import bundled

_ENTRY_HEADER = re.compile(r"^[ \t]*\[\[\s*entry\s*\]\]", re.MULTILINE)
_OFF = re.compile(r"^[ \t]*off[ \t]*=", re.MULTILINE)
_AnyFile = TypeVar("_AnyFile", bound=BaseModel)
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


class _OverlayFile(BaseModel):
    """A file of a site."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    off: tuple[_Text, ...] = ()
    category: Category | None = None
    entry: list[dict[str, object]] = []


def load_lexicon(folder: Path | None = None, overlay: Path | None = None) -> Lexicon:
    """Read all `*.toml` files of a folder, by name, and lay those of a site over them.

    Args:
        folder: where the files lie; the bundled lexicon by default.
        overlay: a file or folder of the site's own; none by default.

    Raises:
        LexiconError: there is no file, or one is malformed; the message names file, line and entry.
    """
    place = bundled("lexicons") if folder is None else folder
    paths = sorted(place.glob("*.toml")) if place.is_dir() else []
    if not paths:
        raise LexiconError(
            f"no lexicon files (*.toml) in {place}",
            code="lexicon.missing",
            hint="name a folder that holds them, on the command line or as lexicon.folder, or none for the bundled one",
        )
    lexicon = Lexicon(_distinct(entry for path in paths for entry in read_file(path)))
    return lexicon if overlay is None else read_overlay(overlay).over(lexicon)


def read_overlay(place: Path) -> Overlay:
    """What a site has written.

    Args:
        place: a file, or a folder whose `*.toml` files are read by name.

    Raises:
        LexiconError: there is no file, or one is malformed.
    """
    paths = sorted(place.glob("*.toml")) if place.is_dir() else [place] if place.is_file() else []
    if not paths:
        raise LexiconError(
            f"no overlay at {place}", code="lexicon.missing", hint="name a *.toml file or a folder that holds some"
        )
    entries: list[Entry] = []
    off: list[tuple[str, str]] = []
    for path in paths:
        text, file = _parsed(path, str(path), _OverlayFile)
        entries += _entries(file.entry, file.category, str(path), text)
        off += [(entry_id, f"{path}{_line_of_off(text, entry_id)}") for entry_id in file.off]
    return Overlay(_distinct(entries), tuple(off))


def read_file(path: Path) -> tuple[Entry, ...]:
    """The entries of one file, in its order.

    Raises:
        LexiconError: the file cannot be read or is malformed; the message names every entry at fault.
    """
    text, file = _parsed(path, path.name, _File)
    return tuple(_entries(file.entry, file.category, path.name, text))


def _distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries, after checking that no id is given twice."""
    first_with: dict[str, Entry] = {}
    for entry in entries:
        first = first_with.setdefault(entry.id, entry)
        if first is not entry:
            raise _invalid(f"{entry.place}: {entry.id}: the id is taken by {first.place}")
    return tuple(first_with.values())


def _parsed(path: Path, name: str, kind: type[_AnyFile]) -> tuple[str, _AnyFile]:
    """The text of a file and what it holds."""
    text = _text_of(path)
    try:
        return text, kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(
            f"{name}: {error}", code="lexicon.syntax", hint="mend the TOML at the place named"
        ) from error
    except ValidationError as error:
        raise _invalid("; ".join(f"{name}: {_complaint(detail)}" for detail in _details(error))) from error


def _entries(rows: list[dict[str, object]], category: Category | None, name: str, text: str) -> list[Entry]:
    """The rows of one file as entries; without a category of the file each is of the one its id begins with."""
    if category is not None and category not in SPEECH_CATEGORIES:
        raise _invalid(f"{name}: category: {category} is not a category of speech")
    lines = [text.count("\n", 0, header.start()) + 1 for header in _ENTRY_HEADER.finditer(text)]
    known = len(lines) == len(rows)
    entries: list[Entry] = []
    complaints: list[str] = []
    for at, row in enumerate(rows):
        line = lines[at] if known else None
        place = name if line is None else f"{name}:{line}"
        called = f"{place}: {row.get('id', 'entry without id')}"
        try:
            entries.append(_entry(row, category, name, line))
        except ValidationError as error:
            complaints += [f"{called}: {_complaint(detail)}" for detail in _details(error)]
        except ValueError as error:
            complaints.append(f"{called}: {error}")
    if complaints:
        raise _invalid("; ".join(complaints))
    return entries


def _line_of_off(text: str, entry_id: str) -> str:
    """`:line` of an id in the list `off`; empty where it is written in some unusual way."""
    head = _OFF.search(text)
    written = re.compile(rf"""(["']){re.escape(entry_id)}\1""").search(text, head.end() if head else 0)
    return f":{text.count(chr(10), 0, written.start()) + 1}" if written else ""


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


def _entry(row: dict[str, object], category: Category | None, file: str, line: int | None) -> Entry:
    """A checked entry.

    Raises:
        ValueError: (pydantic's kind included) a field is unknown, missing or wrong.
    """
    values = dict(_Row.model_validate(row))
    begins_with = str(values["id"]).partition(".")[0]
    if category is None and begins_with not in SPEECH_CATEGORIES:
        raise ValueError(f"id: begins with a category and a full stop; they are {', '.join(SPEECH_CATEGORIES)}")
    if category is not None and begins_with != category:
        raise ValueError(f"id: begins with the category of the file, `{category}.`")
    entry = Entry(category=Category(begins_with), file=file, line=line, **values)
    for field, pattern in (("phrase", entry.phrase), *(("unless", context) for context in entry.unless)):
        try:
            parse(pattern)
        except PatternError as error:
            raise ValueError(f"{field}: {error}") from error
    return entry


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _complaint(detail: ErrorDetails) -> str:
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"


def _invalid(message: str) -> LexiconError:
    return LexiconError(
        message,
        code="lexicon.invalid",
        hint="mend the entries named; the head of each bundled file explains the format, and an overlay may begin with "
        'off = ["insult.id"]',
    )
