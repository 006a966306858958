"""Keeps outcomes in a database and gives them back one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, update

from callaudit.domain.analysis import CallOutcome, FailedCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.storage.address import (
    for_reading,
    make_private_file,
    parse_address,
    refuse_memory,
    require_file,
    require_place,
    untouched,
    without_secrets,
)
from callaudit.storage.engine import WRITES, open_engine
from callaudit.storage.faults import translated
from callaudit.storage.mapping import (
    OutcomeRows,
    Row,
    failed_from_row,
    failed_key,
    judged_from_rows,
    judged_key,
    rows_of_failed,
    rows_of_judged,
)
from callaudit.storage.migrate import bring_up_to_date, is_up_to_date, require_up_to_date
from callaudit.storage.schema import dropped, findings, outcomes, passed_over, recordings, runs, utterances

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


def check_store(address: str) -> str:
    """Check that a store can be opened and written there, without making or changing anything.

    Returns:
        The address, without its password.

    Raises:
        StorageError: as of `SqlStore`.
    """
    url = parse_address(address)
    refuse_memory(url)
    shown = without_secrets(url)
    engine = open_engine(untouched(url))
    try:
        if require_place(url):
            with translated(shown):
                is_up_to_date(engine, shown)
    finally:
        engine.dispose()
    return shown


class SqlStore:
    """Outcomes of calls in a SQL database; implements `ports.OutcomeStore`.

    Opening creates the database, for this user alone where it is a file, or migrates it. One outcome is one
    transaction: after an interruption every outcome is there as a whole or not at all. Several processes may use one
    database.
    """

    def __init__(self, address: str, *, to_read: bool = False) -> None:
        """Open a store.

        Args:
            address: database address such as `sqlite:///callaudit.db`.
            to_read: the caller came to read: no SQLite file is made, and one that may not be written will do.

        Raises:
            StorageError: it cannot be opened, is missing though the caller came to read, may not be written though it
                must be migrated, was written by a newer callaudit, or is another program's.
        """
        named = parse_address(address)
        refuse_memory(named)
        if to_read:
            require_file(named)
        url = for_reading(named) if to_read else named
        self._address = without_secrets(named)
        self._engine = open_engine(url)
        if url == named:
            make_private_file(url)
        self._run_id: int | None = None
        with translated(self._address):
            (bring_up_to_date if url == named else require_up_to_date)(self._engine, self._address)

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where the database is, for messages: without its password."""
        return self._address

    def close(self) -> None:
        """Let go of the database; the store may not be used afterwards."""
        self._engine.dispose()

    def begin_run(self, started_at: datetime, fingerprint: str) -> int:
        """Note that a run begins; outcomes saved from now on belong to it.

        Args:
            started_at: aware time, from the caller's clock.
            fingerprint: digest of the run's engines and settings.

        Raises:
            StorageError: the database refused.
        """
        values = {"started_at": started_at.isoformat(), "fingerprint": fingerprint, "counts": {}}
        with self._writing() as connection:
            key = connection.execute(insert(runs).values(values)).inserted_primary_key
            self._run_id = int(key[0]) if key else None
        return self._run_id or 0

    def finish_run(self, run_id: int, finished_at: datetime, counts: Mapping[str, int]) -> None:
        """Note that a run is over, with its outcomes counted by kind.

        Raises:
            StorageError: the database refused.
        """
        values = {"finished_at": finished_at.isoformat(), "counts": dict(counts)}
        with self._writing() as connection:
            connection.execute(update(runs).where(runs.c.run_id == run_id).values(values))
        self._run_id = None

    def save(self, outcome: CallOutcome) -> None:
        """Keep one outcome; saving it again changes nothing.

        A judged call takes the place of the earlier one of the same bytes and of the failures of that recording. A
        failure takes the place of the failure at the same path only: what was judged before stays beside it.

        Raises:
            StorageError: the database refused.
        """
        rows = rows_of_failed(outcome) if isinstance(outcome, FailedCall) else rows_of_judged(outcome)
        with self._writing() as connection:
            _remove_earlier(connection, rows)
            if rows.recording is not None:
                _keep_recording(connection, rows.recording, anew=isinstance(outcome, JudgedCall))
            connection.execute(insert(outcomes).values({**rows.outcome, "run_id": self._run_id}))
            for table, content in _parts(rows):
                if content:
                    connection.execute(insert(table), [dict(row) for row in content])

    def finished(self, sha256: str, fingerprint: str) -> tuple[Severity, ...] | None:
        """Severities of what was found in a recording; None where no such engines and settings judged it.

        Raises:
            StorageError: the database cannot be read.
        """
        query = (
            select(findings.c.severity)
            .select_from(outcomes.outerjoin(findings))
            .where(outcomes.c.outcome_id == judged_key(sha256), outcomes.c.fingerprint == fingerprint)
        )
        with self._reading() as connection:
            found = connection.scalars(query).all()
            return tuple(Severity(severity) for severity in found if severity is not None) if found else None

    def outcomes(self, run_id: int | None = None) -> Iterator[CallOutcome]:
        """Outcomes: judged calls by falling score, then failures; equals by path. One is held in memory at a time.

        Args:
            run_id: only those that this run saved and no later one replaced. Calls that the run skipped, as they were
                finished earlier, belong to the earlier run and are not among them. None for all ever stored.

        Raises:
            StorageError: the database cannot be read.
        """
        return self._ranked(None if run_id is None else outcomes.c.run_id == run_id)

    def runs(self) -> tuple[int, ...]:
        """Every run that ever began, whether or not it was finished; the last one last.

        Raises:
            StorageError: the database cannot be read.
        """
        with self._reading() as connection:
            return tuple(connection.scalars(select(runs.c.run_id).order_by(runs.c.run_id)))

    def calls(self) -> Iterator[KeptCall]:
        """Every call in few words, in the order of `outcomes`.

        Raises:
            StorageError: the database cannot be read.
        """
        columns = (outcomes.c.call_id, outcomes.c.path, outcomes.c.score, outcomes.c.code)
        with self._reading() as connection:
            for row in connection.execute(select(*columns).order_by(*RANKED)):
                yield KeptCall(call_id=row.call_id, path=Path(row.path), score=row.score, code=row.code)

    def find_calls(self, text: str) -> tuple[CallOutcome, ...]:
        """The outcomes a person means by `text`, ranked.

        Args:
            text: call id, path or name of the recording, with or without its ending, or at least six digits of its
                SHA-256.

        Raises:
            StorageError: the database cannot be read.
        """
        matches: list[ColumnElement[bool]] = [
            outcomes.c.call_id == text,
            outcomes.c.path == text,
            outcomes.c.file_name == text,
            outcomes.c.file_name.in_(self._names_with_stem(text)),
        ]
        digits = text.lower()
        if len(digits) >= SHORTEST_SHA_PREFIX and set(digits) <= set("0123456789abcdef"):
            matches.append(outcomes.c.sha256.between(digits, digits + "g"))
        return tuple(self._ranked(or_(*matches)))

    def _names_with_stem(self, stem: str) -> list[str]:
        """Names of recordings that are `stem` and an ending."""
        query = select(outcomes.c.file_name).where(outcomes.c.file_name.startswith(f"{stem}.", autoescape=True))
        with self._reading() as connection:
            return [name for name in connection.scalars(query) if Path(name).stem == stem]

    def _ranked(self, condition: ColumnElement[bool] | None) -> Iterator[CallOutcome]:
        """Outcomes that meet a condition, in the order of `outcomes`."""
        query = select(outcomes.c.outcome_id).order_by(*RANKED)
        with self._reading() as connection:
            keys = connection.scalars(query if condition is None else query.where(condition)).all()
        for key in keys:
            with self._reading() as connection:
                outcome = _load(connection, key)
            if outcome is not None:
                yield outcome

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One transaction that reads."""
        with translated(self._address), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One transaction that writes, as a whole or not at all."""
        with (
            translated(self._address),
            self._engine.connect().execution_options(**WRITES) as connection,
            connection.begin(),
        ):
            yield connection


def _remove_earlier(connection: Connection, rows: OutcomeRows) -> None:
    """Remove what an outcome replaces: its own key and, where it was judged, failures of its path and of its bytes.

    A failure leaves judged calls alone, for what failed may pass, such as a time-out; and failures of other files with
    the same bytes: each file is a row of its own.
    """
    outcome = rows.outcome
    condition: ColumnElement[bool] = outcomes.c.outcome_id == outcome["outcome_id"]
    if outcome["status"] == "done":
        failed = outcomes.c.status == "failed"
        condition = or_(condition, failed & or_(_at_path(rows), outcomes.c.sha256 == outcome["sha256"]))
    connection.execute(delete(outcomes).where(condition))


def _at_path(rows: OutcomeRows) -> ColumnElement[bool]:
    """Whether an outcome is the failure of the same file."""
    return outcomes.c.outcome_id == failed_key(Path(rows.outcome["path"]))


def _keep_recording(connection: Connection, recording: Row, *, anew: bool) -> None:
    """Insert a recording that is not known; update one that is if it was read `anew`, else leave it to its call."""
    same = recordings.c.sha256 == recording["sha256"]
    if connection.execute(select(recordings.c.sha256).where(same)).first() is None:
        connection.execute(insert(recordings).values(dict(recording)))
    elif anew:
        connection.execute(update(recordings).where(same).values(dict(recording)))


def _parts(rows: OutcomeRows) -> tuple[tuple[Table, tuple[Row, ...]], ...]:
    """The rows that hang on an outcome, by table."""
    return (
        (utterances, rows.utterances),
        (dropped, rows.dropped),
        (findings, rows.findings),
        (passed_over, rows.passed_over),
    )


def _load(connection: Connection, key: str) -> CallOutcome | None:
    """One outcome with all that belongs to it; None where another process removed it meanwhile."""
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
