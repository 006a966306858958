"""What every importer is given, and the errors it raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from callaudit.calls.fields import FieldError
from callaudit.calls.rows import format_error

FIELD_HINT = "repair the field, or leave the record out; --calls-format names the system where it was taken for another"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of call records."""

    path: Path
    text: str
    zone: tzinfo
    """Zone of times that name none."""
    unknown_columns: set[str] = field(default_factory=set)
    """Where an importer of tables puts the columns it read past."""


@contextmanager
def located(source: Source, line: int, unit: str = "line", hint: str = FIELD_HINT) -> Iterator[None]:
    """Turn a field's error into one that names file and place as well.

    Raises:
        InputError: `calls.format`.
    """
    try:
        yield
    except FieldError as error:
        raise format_error(source.path, line, str(error), hint, unit) from error
