"""Keeps outcomes and the ledger of the runs in a database, and gives them back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from callaudit.domain.addresses import ObjectState, is_at_or_below
from callaudit.domain.analysis import CallOutcome, FailedCall, HeardCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import CUT_SHORT, Attempts, RunEnding
from callaudit.storage import ledger, reading, status, upkeep
from callaudit.storage.address import (
    for_reading,
    make_private_file,
    parse_address,
    refuse_folder,
    refuse_memory,
    refuse_network,
    require_file,
    require_place,
    untouched,
    without_secrets,
)
from callaudit.storage.codec import to_plain
from callaudit.storage.engine import WRITES, open_engine
from callaudit.storage.faults import translated
from callaudit.storage.lock import is_held, run_lock
from callaudit.storage.mapping import rows_of_failed, rows_of_judged
from callaudit.storage.migrate import bring_up_to_date, is_up_to_date, require_up_to_date
from callaudit.storage.open_file import OpenFile
from callaudit.storage.postgres import require_writable
from callaudit.storage.rereading import Sha256Of
from callaudit.storage.saving import write_outcome
from callaudit.storage.schema import outcomes, runs


def check_store(address: str) -> str:
    """Check that a store can be opened and written there, without making or changing anything.

    Returns:
        The address, without its password.

    Raises:
        StorageError: as of `SqlStore`.
    """
    url = parse_address(address)
    refuse_memory(url)
    refuse_folder(url)
    refuse_network(url)
    shown = without_secrets(url)
    engine = open_engine(untouched(url))
    try:
        if require_place(url):
            with translated(shown):
                is_up_to_date(engine, shown)
                require_writable(engine, shown)
    finally:
        engine.dispose()
    return shown


class SqlStore:
    """Outcomes of calls and the ledger of the runs in a SQL database; implements `batch.ledger.Ledger`.

    Opening creates the database, for this user alone where it is a file, or migrates it; not so for somebody who came
    to read. Every method is one transaction: after an interruption every outcome is there as a whole or not at all.
    Several processes may use one database; only one of them may be a run (`exclusive`). All methods raise
    `StorageError`.
    """

    def __init__(self, address: str, *, to_read: bool = False) -> None:
        """Open a store.

        Args:
            address: database address such as `sqlite:///callaudit.db`.
            to_read: the caller came to read: nothing is made or migrated, and what may not be written will do.

        Raises:
            StorageError: it cannot be opened, lies on a network file system, was written by a newer callaudit, or is
                another program's. To somebody who came to read also: it is missing, holds no tables yet, or was
                written by an older callaudit.
        """
        named = parse_address(address)
        refuse_memory(named)
        refuse_folder(named)
        (require_file if to_read else refuse_network)(named)
        self._address = without_secrets(named)
        self._engine = open_engine(for_reading(named) if to_read else named)
        if not to_read:
            make_private_file(named)
        self._run_id: int | None = None
        self._file = OpenFile.of(named)
        try:
            with translated(self._address):
                (require_up_to_date if to_read else bring_up_to_date)(self._engine, self._address)
        except BaseException:
            self._engine.dispose()
            raise

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

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the database for one run, until the block or the process ends, however it ends.

        Earlier runs without an end are noted as cut short: none of them goes on.

        Raises:
            BusyError: another run holds it, and did not let go in a moment.
        """
        is_open = runs.c.finished_at.is_(None) & runs.c.ended.is_(None)
        with run_lock(self._engine, self._address):
            with self._writing() as connection:
                connection.execute(update(runs).where(is_open).values(ended=CUT_SHORT))
            yield

    def is_running(self) -> bool:
        """Whether a run holds the database; asking hinders none from beginning.

        Raises:
            StorageError: this user may not know.
        """
        return is_held(self._engine, self._address)

    def begin_run(self, started_at: datetime, fingerprint: str) -> int:
        """Note that a run begins; outcomes saved from now on belong to it.

        Args:
            started_at: aware time, from the caller's clock.
            fingerprint: digest of the run's engines and settings.
        """
        values = {"started_at": started_at.isoformat(), "fingerprint": fingerprint, "counts": {}}
        with self._writing() as connection:
            key = connection.execute(insert(runs).values(values)).inserted_primary_key
            self._run_id = int(key[0]) if key else None
        return self._run_id or 0

    def finish_run(
        self, run_id: int, finished_at: datetime, counts: Mapping[str, int], ending: RunEnding | None = None
    ) -> None:
        """Note that a run is over.

        Args:
            run_id: as `begin_run` gave it.
            finished_at: aware time, from the caller's clock.
            counts: recordings found (`found`) and what became of them, by kind.
            ending: how it came to its end; to its own by default.
        """
        ending = ending or RunEnding()
        counted = {"finished_at": finished_at.isoformat(), "counts": dict(counts)}
        values = {**counted, "ended": ending.how, "error": ending.error}
        with self._writing() as connection:
            connection.execute(update(runs).where(runs.c.run_id == run_id).values(values))
        self._run_id = None

    def save(self, outcome: CallOutcome) -> None:
        """Keep one outcome and end the attempts at its recording; saving it again changes nothing.

        A judged call takes the place of the earlier one of the same bytes and of the failures of that recording. A
        failure takes the place of the failure at the same path only: what was judged before stays beside it.
        """
        rows = rows_of_failed(outcome) if isinstance(outcome, FailedCall) else rows_of_judged(outcome)
        with self._writing() as connection:
            write_outcome(connection, rows, self._run_id)

    def finished(self, sha256: str, fingerprint: str, copy_at: Path | None = None) -> tuple[Severity, ...] | None:
        """Severities of what these engines and settings found in a recording; None where they did not judge it.

        Args:
            sha256: digest of the recording.
            fingerprint: of everything that decides its outcome.
            copy_at: asks for the copy at this path, judged apart from the other recordings with the same bytes.
        """
        with self._reading() as connection:
            return ledger.finished(connection, sha256, fingerprint, copy_at)

    def path_of(self, sha256: str) -> Path | None:
        """Where the recording of the call is that was judged for these bytes; None where none was."""
        with self._reading() as connection:
            return ledger.path_of(connection, sha256)

    def failed(self, path: Path, sha256: str, fingerprint: str) -> FailedCall | None:
        """How this file with these bytes failed before these engines and settings; None where it did not."""
        with self._reading() as connection:
            return ledger.failed(connection, path, sha256, fingerprint)

    def heard(self, sha256: str, fingerprint: str) -> HeardCall | None:
        """What was heard in a recording by these engines; None where nothing is kept."""
        with self._reading() as connection:
            return ledger.heard(connection, sha256, fingerprint)

    def keep_heard(self, heard: HeardCall, fingerprint: str) -> None:
        """Keep what was heard in a recording, in place of what was kept of it before."""
        plain = to_plain(heard)
        with self._writing() as connection:
            ledger.keep_heard(connection, heard.recording.sha256, fingerprint, plain)

    def link(self, path: Path, sha256: str) -> None:
        """Note that the file at `path` has the very bytes of a recording, and has no outcome of its own."""
        with self._reading() as connection:
            if ledger.is_linked(connection, path, sha256):
                return  # a finished night is run again without a write
        with self._writing() as connection:
            ledger.link(connection, path, sha256, self._run_id)

    def note_fetched(self, path: Path, state: ObjectState, sha256: str) -> None:
        """Note what a store says of a remote recording, and the digest of what it handed over."""
        with self._writing() as connection:
            ledger.note_fetched(connection, path, state, sha256)

    def fetched_before(self, states: Mapping[Path, ObjectState]) -> Mapping[Path, str]:
        """Digests of those remote recordings of which their store says what it said when they were fetched."""
        with self._reading() as connection:
            return ledger.fetched_before(connection, states)

    def open_attempts(self) -> Mapping[str, Attempts]:
        """Attempts without an outcome, by SHA-256: left by runs that died, and by crashes."""
        with self._reading() as connection:
            return ledger.open_attempts(connection)

    def begin_attempt(self, sha256: str) -> None:
        """Count an attempt at a recording, before it is made."""
        with self._writing() as connection:
            ledger.begin_attempt(connection, sha256)

    def end_attempt(self, sha256: str) -> None:
        """Forget the attempts at a recording that came to nothing: its bytes were no longer those."""
        with self._writing() as connection:
            ledger.end_attempt(connection, sha256)

    def note_crash(self, sha256: str) -> Attempts:
        """Count that the attempt at a recording took its worker down; the counts since its last outcome."""
        with self._writing() as connection:
            return ledger.note_crash(connection, sha256)

    def outcomes(self, run_id: int | None = None, below: Sequence[Path] = ()) -> Iterator[CallOutcome]:
        """Outcomes: judged calls by falling score, then failures; equals by path. One is held in memory at a time.

        Args:
            run_id: only those that this run saved and no later one replaced. Calls that the run skipped, as they were
                finished earlier, belong to the earlier run and are not among them. None for all ever stored.
            below: only those of these recordings, and of recordings in these folders; of all where there is none.
        """
        return self._ranked(None if run_id is None else outcomes.c.run_id == run_id, below)

    def runs(self) -> tuple[int, ...]:
        """Every run that ever began, whether or not it was finished; the last one last."""
        with self._reading() as connection:
            return tuple(connection.scalars(select(runs.c.run_id).order_by(runs.c.run_id)))

    def last_run(self) -> int | None:
        """The last run of which outcomes are kept: later ones that found all finished have none; None for no such."""
        with self._reading() as connection:
            last: int | None = connection.scalar(select(func.max(outcomes.c.run_id)))
        return last

    def calls(self) -> Iterator[reading.KeptCall]:
        """Every call in few words, in the order of `outcomes`."""
        with self._reading() as connection:
            yield from reading.kept_calls(connection)

    def find_calls(self, text: str) -> tuple[CallOutcome, ...]:
        """The outcomes a person means by `text`, ranked.

        Args:
            text: call id, path or name of the recording or of a copy of it, with or without its ending, or at least
                six digits of its SHA-256.
        """
        with self._reading() as connection:
            meant = reading.meant_by(connection, text)
        return tuple(self._ranked(meant))

    def copies_of(self, outcome: CallOutcome) -> tuple[Path, ...]:
        """Paths of the files that an outcome stands for, as they have the very bytes of its recording."""
        if isinstance(outcome, FailedCall):
            sha256 = outcome.sha256
        else:
            sha256 = None if outcome.is_copy else outcome.analysis.call.recording.sha256
        if sha256 is None:
            return ()
        with self._reading() as connection:
            return reading.copies_of(connection, sha256)

    def status(self) -> status.StoreStatus:
        """The store in figures: its last runs, and what it holds."""
        with self._reading() as connection:
            return status.status_of(connection)

    def verify(self, sha256_of: Sha256Of, share: float = 1.0) -> upkeep.StoreReport:
        """Check that all can be read and makes sense, and that the recordings still are what was scanned.

        Args:
            sha256_of: digests of recordings as they are now.
            share: of the recordings that are read again, 0 to 1; one at least unless it is 0.
        """
        return upkeep.verify_store(self._reading, sha256_of, share)

    def _ranked(self, condition: ColumnElement[bool] | None, below: Sequence[Path] = ()) -> Iterator[CallOutcome]:
        """Outcomes that meet a condition, in the order of `outcomes`."""
        query = select(outcomes.c.outcome_id, outcomes.c.path).order_by(*reading.RANKED)
        with self._reading() as connection:
            rows = connection.execute(query if condition is None else query.where(condition))
            keys = [row.outcome_id for row in rows if not below or is_at_or_below(Path(row.path), below)]
        for key in keys:
            with self._reading() as connection:
                outcome = reading.load_outcome(connection, key)
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
        if self._file is not None:
            self._file.require_in_place(self._address)
        with (
            translated(self._address),
            self._engine.connect().execution_options(**WRITES) as connection,
            connection.begin(),
        ):
            yield connection
