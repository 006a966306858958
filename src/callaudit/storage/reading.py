"""Reading outcomes back, and finding the ones a person means; over an open transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, Table, or_, select

from callaudit.domain.analysis import CallOutcome
from callaudit.storage.mapping import COPY_MARK, OutcomeRows, Row, failed_from_row, judged_from_rows
from callaudit.storage.schema import copies, dropped, findings, outcomes, passed_over, recordings, utterances

RANKED = (outcomes.c.status, outcomes.c.score.desc(), outcomes.c.path, outcomes.c.outcome_id)
"""Order of outcomes: judged calls by falling score, then failures; equals by path."""

SHORTEST_SHA_PREFIX = 6
"""Hexadecimal digits from which a text may name a recording by its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCall:
    """A call of the store in few words."""

    call_id: str
    path: Path
    score: float
    """0 to 100; 0 where it failed."""
    code: str | None
    """Of the error; None where it was judged."""
    copies: tuple[Path, ...] = ()
    """Files with the very bytes of its recording, which it stands for."""


def load_outcome(connection: Connection, key: str) -> CallOutcome | None:
    """One outcome with all that belongs to it; None where another process removed it meanwhile.

    Raises:
        CodecError: its rows do not describe one.
        NoResultFound: it lacks its recording.
    """
    found = connection.execute(select(outcomes).where(outcomes.c.outcome_id == key)).mappings().first()
    if found is None:
        return None
    outcome: Row = dict(found)
    if outcome["status"] == "failed":
        return failed_from_row(outcome)

    def part(table: Table) -> tuple[Row, ...]:
        query = select(table).where(table.c.outcome_id == key).order_by(table.c.position)
        return tuple(dict(row) for row in connection.execute(query).mappings())

    recording = connection.execute(select(recordings).where(recordings.c.sha256 == outcome["sha256"])).mappings().one()
    return judged_from_rows(
        OutcomeRows(outcome, dict(recording), part(utterances), part(dropped), part(findings), part(passed_over))
    )


def kept_calls(connection: Connection) -> Iterator[KeptCall]:
    """Every call in few words, in the order of outcomes."""
    by_sha256: dict[str, list[Path]] = {}
    for row in connection.execute(select(copies.c.sha256, copies.c.path).order_by(copies.c.path)):
        by_sha256.setdefault(row.sha256, []).append(Path(row.path))
    columns = ("outcome_id", "sha256", "call_id", "path", "score", "code")
    for row in connection.execute(select(*(outcomes.c[name] for name in columns)).order_by(*RANKED)):
        linked = () if row.outcome_id.startswith(COPY_MARK) else by_sha256.get(row.sha256, ())
        yield KeptCall(call_id=row.call_id, path=Path(row.path), score=row.score, code=row.code, copies=tuple(linked))


def copies_of(connection: Connection, sha256: str) -> tuple[Path, ...]:
    """Paths of the files with the very bytes of a recording, in order; its own is not among them."""
    query = select(copies.c.path).where(copies.c.sha256 == sha256).order_by(copies.c.path)
    return tuple(Path(path) for path in connection.scalars(query))


def meant_by(connection: Connection, text: str) -> ColumnElement[bool]:
    """Whether a person means an outcome by `text`: an id, a path, a name, the beginning of a digest, or a copy's name.

    Args:
        connection: to look names up.
        text: as `SqlStore.find_calls`.
    """
    linked = select(copies.c.sha256).where(or_(*_is_file(connection, text, copies)))
    matches = [
        outcomes.c.call_id == text,
        *_is_file(connection, text, outcomes),
        outcomes.c.sha256.in_(linked) & ~outcomes.c.outcome_id.startswith(COPY_MARK),
    ]
    digits = text.lower()
    if len(digits) >= SHORTEST_SHA_PREFIX and set(digits) <= set("0123456789abcdef"):
        matches.append(outcomes.c.sha256.between(digits, digits + "g"))
    return or_(*matches)


def _is_file(connection: Connection, text: str, table: Table) -> tuple[ColumnElement[bool], ...]:
    """Whether a row of a table is of the file that `text` names: by path, or by name with or without its ending."""
    names = _names_with_stem(connection, text, table.c.file_name)
    return table.c.path == text, table.c.file_name == text, table.c.file_name.in_(names)


def _names_with_stem(connection: Connection, stem: str, file_name: Column[str]) -> list[str]:
    """Names of files that are `stem` and an ending."""
    query = select(file_name).where(file_name.startswith(f"{stem}.", autoescape=True))
    return [name for name in connection.scalars(query) if Path(name).stem == stem]
