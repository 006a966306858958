"""Writing one outcome with all that belongs to it, in the place of what it replaces; over an open transaction."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, delete, false, insert, select, update

from callaudit.storage.mapping import COPY_MARK, OutcomeRows, Row, failed_key, judged_key, path_digest
from callaudit.storage.schema import (
    attempts,
    copies,
    dropped,
    findings,
    outcomes,
    passed_over,
    recordings,
    utterances,
)


def write_outcome(connection: Connection, rows: OutcomeRows, run_id: int | None) -> None:
    """Write one outcome; attempts at its recording are over with it, and its file is no mere copy any more."""
    outcome = rows.outcome
    _remove_earlier(connection, outcome)
    if outcome["sha256"] is not None:
        connection.execute(delete(attempts).where(attempts.c.sha256 == outcome["sha256"]))
    connection.execute(delete(copies).where(copies.c.path_digest == path_digest(Path(outcome["path"]))))
    if rows.recording is not None:
        _keep_recording(connection, rows.recording, anew=outcome["status"] == "done")
    connection.execute(insert(outcomes).values({**outcome, "run_id": run_id}))
    for table, content in _parts(rows):
        if content:
            connection.execute(insert(table), [dict(row) for row in content])


def _remove_earlier(connection: Connection, outcome: Row) -> None:
    """Remove what an outcome replaces: its own key and, where it was judged, failures of its path and of its bytes.

    A failure leaves judged calls alone, for what failed may pass, such as a time-out; and failures of other files with
    the same bytes: each file is a row of its own. So does a copy that is judged on its own. What was judged as a copy
    and is the call itself now is no copy any more.
    """
    keys, path, sha256 = {outcome["outcome_id"]}, Path(outcome["path"]), outcome["sha256"]
    of_bytes: ColumnElement[bool] = false()
    if outcome["status"] == "done":
        keys |= {failed_key(path), judged_key(sha256, path)}
        if not outcome["outcome_id"].startswith(COPY_MARK):
            of_bytes = (outcomes.c.sha256 == sha256) & (outcomes.c.status == "failed")
    connection.execute(delete(outcomes).where(of_bytes | outcomes.c.outcome_id.in_(sorted(keys))))


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
