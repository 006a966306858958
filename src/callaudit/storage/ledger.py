"""What a run asks and notes about recordings, besides their outcomes; over an open transaction.

The questions are those of `callaudit.batch.ledger.Ledger`, which says what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import FailedCall, HeardCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts, Stage
from callaudit.storage.codec import CodecError, from_plain
from callaudit.storage.mapping import failed_from_row, failed_key, judged_key, path_digest
from callaudit.storage.schema import attempts, copies, fetched, findings, outcomes, stage_results

MOST_ASKED = 500
"""Rows asked for by name in one statement; older SQLite takes 999 parameters."""


def finished(
    connection: Connection, sha256: str, fingerprint: str, copy_at: Path | None
) -> tuple[Severity, ...] | None:
    """Severities of what was found in a recording; None where no such engines and settings judged it."""
    query = (
        select(findings.c.severity)
        .select_from(outcomes.outerjoin(findings))
        .where(outcomes.c.outcome_id == judged_key(sha256, copy_at), outcomes.c.fingerprint == fingerprint)
    )
    found = connection.scalars(query).all()
    return tuple(Severity(severity) for severity in found if severity is not None) if found else None


def path_of(connection: Connection, sha256: str) -> Path | None:
    """Where the recording of the call is that was judged for these bytes."""
    path = connection.scalar(select(outcomes.c.path).where(outcomes.c.outcome_id == judged_key(sha256)))
    return None if path is None else Path(path)


def failed(connection: Connection, path: Path, sha256: str, fingerprint: str) -> FailedCall | None:
    """How a file with these bytes failed before these engines and settings; None where it did not."""
    query = select(outcomes).where(
        outcomes.c.outcome_id == failed_key(path),
        outcomes.c.sha256 == sha256,
        outcomes.c.fingerprint == fingerprint,
    )
    found = connection.execute(query).mappings().first()
    return None if found is None else failed_from_row(dict(found))


def heard(connection: Connection, sha256: str, fingerprint: str) -> HeardCall | None:
    """What was heard in a recording; None where nothing is kept, or not in the shape this program knows."""
    query = select(stage_results.c.result).where(
        stage_results.c.sha256 == sha256,
        stage_results.c.stage == Stage.TRANSCRIBE.value,
        stage_results.c.fingerprint == fingerprint,
    )
    kept = connection.execute(query).first()
    if kept is None:
        return None
    try:
        return from_plain(HeardCall, kept.result)
    except CodecError:
        return None  # written by another version: it is heard anew


def keep_heard(connection: Connection, sha256: str, fingerprint: str, plain: Mapping[str, Any]) -> None:
    """Keep what was heard in a recording, as plain data, in place of what was kept of it before."""
    key = {"sha256": sha256, "stage": Stage.TRANSCRIBE.value}
    is_earlier = (stage_results.c.sha256 == key["sha256"]) & (stage_results.c.stage == key["stage"])
    connection.execute(delete(stage_results).where(is_earlier))
    connection.execute(insert(stage_results).values({**key, "fingerprint": fingerprint, "result": plain}))


def is_linked(connection: Connection, path: Path, sha256: str) -> bool:
    """Whether it is known already that a file has the bytes of a recording: as its copy, or as the file of its call."""
    noted = select(copies.c.sha256).where(copies.c.path_digest == path_digest(path))
    return connection.scalar(noted) == sha256 or path_of(connection, sha256) == path


def link(connection: Connection, path: Path, sha256: str, run_id: int | None) -> None:
    """Note that a file has the bytes of a recording; it has no outcome of its own any more."""
    key = path_digest(path)
    own = (failed_key(path), judged_key(sha256, path))
    connection.execute(delete(outcomes).where(outcomes.c.outcome_id.in_(own)))
    connection.execute(delete(copies).where(copies.c.path_digest == key))
    values = {"path_digest": key, "path": str(path), "file_name": path.name, "sha256": sha256, "run_id": run_id}
    connection.execute(insert(copies).values(values))


def note_fetched(connection: Connection, path: Path, state: ObjectState, sha256: str) -> None:
    """Note what a store says of a remote recording, and the digest of what it handed over."""
    key = path_digest(path)
    connection.execute(delete(fetched).where(fetched.c.path_digest == key))
    if state.tag is not None:
        values = {"path_digest": key, "tag": state.tag, "size_bytes": state.size_bytes, "sha256": sha256}
        connection.execute(insert(fetched).values(values))


def fetched_before(connection: Connection, states: Mapping[Path, ObjectState]) -> dict[Path, str]:
    """Digests of those remote recordings of which their store says what it said when they were fetched."""
    by_digest = {path_digest(path): path for path, state in states.items() if state.tag is not None}
    known: dict[Path, str] = {}
    keys = tuple(by_digest)
    for first in range(0, len(keys), MOST_ASKED):
        asked = fetched.c.path_digest.in_(keys[first : first + MOST_ASKED])
        for row in connection.execute(select(fetched).where(asked)):
            path = by_digest[row.path_digest]
            if (row.tag, row.size_bytes) == (states[path].tag, states[path].size_bytes):
                known[path] = row.sha256
    return known


def open_attempts(connection: Connection) -> dict[str, Attempts]:
    """Attempts without an outcome, by SHA-256."""
    return {row.sha256: Attempts(row.begun, row.crashed) for row in connection.execute(select(attempts))}


def begin_attempt(connection: Connection, sha256: str) -> None:
    """Count an attempt at a recording."""
    if not _count(connection, sha256, "begun"):
        connection.execute(insert(attempts).values(sha256=sha256, begun=1, crashed=0))


def end_attempt(connection: Connection, sha256: str) -> None:
    """Forget the attempts at a recording."""
    connection.execute(delete(attempts).where(attempts.c.sha256 == sha256))


def note_crash(connection: Connection, sha256: str) -> Attempts:
    """Count that the attempt at a recording took its worker down; the counts since its last outcome."""
    if not _count(connection, sha256, "crashed"):
        # Its outcome came in between: a copy with the same bytes was done first.
        connection.execute(insert(attempts).values(sha256=sha256, begun=1, crashed=1))
    row = connection.execute(select(attempts).where(attempts.c.sha256 == sha256)).one()
    return Attempts(row.begun, row.crashed)


def _count(connection: Connection, sha256: str, column: str) -> bool:
    """Raise a count of a recording by one; False where none is kept."""
    counted = update(attempts).where(attempts.c.sha256 == sha256).values({column: attempts.c[column] + 1})
    return connection.execute(counted).rowcount > 0
