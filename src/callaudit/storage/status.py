"""A store in figures; over an open transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, select

from callaudit.domain.findings import Severity
from callaudit.storage.schema import attempts, copies, findings, outcomes, runs, stage_results

RUNS_TOLD = 5
"""How many of the last runs are told."""

_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
"""How each kind of database is asked for its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """One run, as it was noted."""

    run_id: int
    started_at: datetime
    finished_at: datetime | None
    """None while it runs, and for ever where it was interrupted."""
    fingerprint: str
    counts: Mapping[str, int]
    """Outcomes by kind; until it is finished those that it kept and no later run replaced, done and failed."""
    ended: str | None = None
    """As of `RunEnding`, or `CUT_SHORT`; None where it has not ended, or nobody knows how."""
    error: str | None = None
    """Code of what broke it off."""

    @property
    def not_reached(self) -> int | None:
        """Recordings found that it did not come to; None where that is not known."""
        if self.finished_at is None or "found" not in self.counts:
            return None
        kinds = [kind for kind in self.counts if kind in ("done", "failed") or kind.startswith("skipped_")]
        return self.counts["found"] - sum(self.counts[kind] for kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """What a store holds."""

    runs: tuple[RunFigures, ...]
    """The last ones, the newest first."""
    done: int
    """Judged calls."""
    failed: int
    copies: int
    """Files that another recording stands for, as it has the same bytes."""
    failures: Mapping[str, int]
    """Failed calls by code."""
    findings: Mapping[Severity, int]
    """Findings by severity, all three."""
    heard: int
    """Recordings whose transcripts are kept to be judged anew."""
    open_attempts: int
    """Recordings that were begun and have no outcome."""
    size_bytes: int | None
    """Of the database; None where this kind of database does not tell."""


def status_of(connection: Connection) -> StoreStatus:
    """The store in figures."""
    by_status = _counts(connection, outcomes.c.status)
    by_severity = _counts(connection, findings.c.severity)
    return StoreStatus(
        runs=_last_runs(connection),
        done=by_status.get("done", 0),
        failed=by_status.get("failed", 0),
        copies=_rows(connection, copies),
        failures=_counts(connection, outcomes.c.code, outcomes.c.status == "failed"),
        findings={severity: by_severity.get(severity.value, 0) for severity in Severity},
        heard=_rows(connection, stage_results),
        open_attempts=_rows(connection, attempts),
        size_bytes=_size_bytes(connection),
    )


def _last_runs(connection: Connection) -> tuple[RunFigures, ...]:
    query = select(runs).order_by(runs.c.run_id.desc()).limit(RUNS_TOLD)

    def kept_by(run_id: int) -> dict[str, int]:
        return _counts(connection, outcomes.c.status, outcomes.c.run_id == run_id)

    return tuple(
        RunFigures(
            run_id=row.run_id,
            started_at=datetime.fromisoformat(row.started_at),
            finished_at=None if row.finished_at is None else datetime.fromisoformat(row.finished_at),
            fingerprint=row.fingerprint,
            counts=kept_by(row.run_id) if row.finished_at is None else row.counts,
            ended=row.ended,
            error=row.error,
        )
        for row in connection.execute(query).all()
    )


def _counts(
    connection: Connection, column: ColumnElement[str], condition: ColumnElement[bool] | None = None
) -> dict[str, int]:
    """Rows by the value of a column, in its order."""
    query = select(column, func.count()).group_by(column).order_by(column)
    found = connection.execute(query if condition is None else query.where(condition))
    return {str(value): int(number) for value, number in found}


def _rows(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _size_bytes(connection: Connection) -> int | None:
    question = _SIZE.get(connection.dialect.name)
    return None if question is None else int(connection.exec_driver_sql(question).scalar_one())
