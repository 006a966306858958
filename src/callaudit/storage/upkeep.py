"""Checking a store from end to end: the database, what it says, and the recordings it is about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from callaudit.domain.analysis import CallOutcome, FailedCall, JudgedCall
from callaudit.domain.findings import Finding
from callaudit.errors import StorageError
from callaudit.storage.mapping import failed_key, judged_key
from callaudit.storage.reading import load_outcome
from callaudit.storage.rereading import Rereading, Sha256Of, first_run_at, known_recordings, reread
from callaudit.storage.schema import outcomes, runs

Reading = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction that reads."""

MOST_COMPLAINTS = 20
"""Complaints of the database about itself that are told."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a store that is not as it should be."""

    subject: str
    """The recording, or `database`."""
    complaint: str
    """What is wrong; nothing that was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReport:
    """What a check of a store came to."""

    problems: tuple[Problem, ...]
    """Of the database and of what it says."""
    outcomes: int
    """That could be read back."""
    recordings: Rereading
    """That were looked for again."""

    @property
    def is_sound(self) -> bool:
        """Whether the store itself is whole, whatever became of the recordings."""
        return not self.problems


def verify_store(reading: Reading, sha256_of: Sha256Of, share: float) -> StoreReport:
    """Check that all can be read back and makes sense, and that recordings still are what was scanned.

    Args:
        reading: begins a transaction.
        sha256_of: digests of recordings as they are now.
        share: of the recordings that are read again, 0 to 1; one at least unless it is 0. The same ones every time.

    Raises:
        StorageError: the database cannot be read at all.
    """
    problems = [*_database_problems(reading), *_lost_outcomes(reading)]
    with reading() as connection:
        rows = connection.execute(select(outcomes.c.outcome_id, outcomes.c.path).order_by(outcomes.c.path)).all()
    sound = 0
    for row in rows:
        complaints = _complaints_of(reading, row.outcome_id)
        sound += not complaints
        problems += [Problem(row.path, complaint) for complaint in complaints]
    with reading() as connection:
        known, scanned_from = known_recordings(connection, share), first_run_at(connection)
    recordings = reread(known, sha256_of, scanned_from)
    return StoreReport(problems=tuple(problems), outcomes=sound, recordings=recordings)


def _database_problems(reading: Reading) -> list[Problem]:
    """What SQLite says of its own file; servers look after theirs themselves."""
    try:
        with reading() as connection:
            if connection.dialect.name != "sqlite":
                return []
            said = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_COMPLAINTS})").scalars().all()
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST_COMPLAINTS)
    except StorageError as error:
        if error.code != "storage.corrupt":
            raise
        return [Problem("database", "its pages are damaged")]
    damages = [complaint for complaint in said if complaint != "ok"]
    damages += [f"a row of {row[0]} belongs to a row of {row[2]} that is not there" for row in broken]
    return [Problem("database", complaint) for complaint in damages]


def _lost_outcomes(reading: Reading) -> list[Problem]:
    """Whether the judged calls that the last run counted are all there; those of earlier runs may be replaced."""
    with reading() as connection:
        last = connection.execute(select(runs).order_by(runs.c.run_id.desc()).limit(1)).first()
        if last is None:
            return []
        kept = (outcomes.c.run_id == last.run_id) & (outcomes.c.status == "done")
        there = connection.scalar(select(func.count()).select_from(outcomes).where(kept)) or 0
    counted = last.counts.get("done", 0)
    if there >= counted:
        return []
    return [Problem("database", f"run {last.run_id} counted {counted} judged calls, {there} are there")]


def _complaints_of(reading: Reading, key: str) -> list[str]:
    """What is wrong with one outcome."""
    try:
        with reading() as connection:
            outcome = load_outcome(connection, key)
    except StorageError as error:
        if error.code != "storage.corrupt":
            raise
        return ["its outcome cannot be read back"]
    if outcome is None:  # replaced meanwhile
        return []
    complaints = [] if key == _key_of(outcome) else ["its outcome is filed under another recording"]
    if isinstance(outcome, JudgedCall):
        astray = sum(not _lies_within(finding, outcome) for finding in outcome.findings)
        complaints += [f"{astray} findings lie outside the call"] if astray else []
    return complaints


def _key_of(outcome: CallOutcome) -> str:
    """The key that an outcome is filed under."""
    if isinstance(outcome, FailedCall):
        return failed_key(outcome.path)
    recording = outcome.analysis.call.recording
    return judged_key(recording.sha256, recording.path if outcome.is_copy else None)


def _lies_within(finding: Finding, judged: JudgedCall) -> bool:
    """Whether a finding points at a time and at utterances that its call has."""
    analysis = judged.analysis
    lasts_ms = max(analysis.acoustics.duration_ms, analysis.call.recording.duration_ms)
    utterances = {utterance.index for utterance in analysis.transcript.utterances}
    return finding.span.end_ms <= lasts_ms and utterances.issuperset(finding.utterances)
