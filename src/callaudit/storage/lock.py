"""One run at a time on one database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from callaudit.errors import BusyError, StorageError
from callaudit.storage.address import PRIVATE_FILE, file_of
from callaudit.storage.pg_lock import is_postgres_held, postgres_run_lock
from callaudit.storage.retrying import taken_within

PATIENCE_S = 1.0
"""How long a lock is tried for: somebody who asks whether a run goes on shares it for a moment."""

_NOTE_BYTES = 200
"""Far more than a process id and a time need."""


def run_lock(engine: Engine, address: str) -> AbstractContextManager[None]:
    """Hold a database for one run, until the block or the process ends: a killed run never blocks the next.

    Tried for a moment before it is given up.

    Args:
        engine: of the database.
        address: of the database, for messages: without its password.

    Raises:
        BusyError: another run holds it.
        StorageError: nothing can hold it here.
    """
    file = file_of(engine.url)
    if file is None:
        return postgres_run_lock(engine, address)
    return _held(_side_file(file), address)


def is_held(engine: Engine, address: str) -> bool:
    """Whether a run holds a database; nothing is changed or made, and several may ask at a time.

    Args:
        engine: of the database.
        address: as of `run_lock`.

    Raises:
        StorageError: this user may not know, or the server cannot be asked.
    """
    file = file_of(engine.url)
    if file is None:
        return is_postgres_held(engine, address)
    side_file = _side_file(file)
    try:
        handle = os.open(side_file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _closed(side_file, error) from error
    try:
        return not lock_file(handle, shared=True)
    finally:
        os.close(handle)


def _side_file(file: Path) -> Path:
    """The file whose lock a run holds."""
    return file.with_name(f"{file.name}.run")


@contextmanager
def _held(side_file: Path, address: str) -> Iterator[None]:
    """Hold the lock of a side file. The file stays: removed, two runs could hold a lock each on two files."""
    try:
        # Not handed on to programs that are started: a worker that outlives its killed run must not hold the lock.
        handle = os.open(side_file, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError as error:
        raise _closed(side_file, error) from error
    try:
        if not taken_within(lambda: lock_file(handle), PATIENCE_S):
            raise _running(os.pread(handle, _NOTE_BYTES, 0), address)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _closed(side_file: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot open {side_file}: {error.strerror}",
        code="storage.readonly",
        hint="check the owner and permissions of the file and of its folder",
    )


def lock_file(handle: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file, which the kernel frees when it is closed or the process dies; no waiting.

    Args:
        handle: of the file.
        shared: takes it together with others that share it.

    Returns:
        False where another holds it.

    Raises:
        StorageError: this system has no such locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise StorageError(
            "this operating system has no locks that end with the process that holds them",
            code="storage.lock",
            hint="run callaudit on Linux, in WSL where the machine runs Windows, or on macOS",
        ) from error
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _running(note: bytes, address: str) -> StorageError:
    """The complaint of a run that came second."""
    pid, _, since = note.decode("ascii", "replace").strip().partition(" ")
    who = f" (process {pid}, since {since})" if pid.isdigit() else ""
    return BusyError(
        f"another run{who} is working on the database {address}",
        code="storage.running",
        hint="wait for it to end, or give this run a database of its own with --db",
    )
