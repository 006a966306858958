"""One run at a time on a PostgreSQL database, on whichever machines runs are started."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event

from callaudit.errors import BusyError, StorageError
from callaudit.storage.faults import fault, server_fault, translated
from callaudit.storage.retrying import taken_within

if TYPE_CHECKING:
    import psycopg

PATIENCE_S = 3.0
"""How long a lock is tried for: the server needs a moment to notice that a killed run is gone."""

_KEY = "hashtextextended('callaudit run ' || coalesce(current_schema(), ''), 0)"
"""64 bits of the name of this lock and of the schema: two sets of tables in one database do not hinder each other."""

_TAKE = f"SELECT pg_try_advisory_lock({_KEY})"

_HOLDER = f"""
SELECT a.pid, a.application_name, host(a.client_addr), to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS OF')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
AND l.database = a.datid AND ((l.classid::bigint << 32) | l.objid::bigint) = {_KEY}
"""

_PREPARE = """
SELECT set_config('application_name', %s, false), (
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'
)
"""
"""The session idles all night; servers before PostgreSQL 14 know no limit for that."""

_NAME_BYTES = 63
"""What PostgreSQL keeps of the name of an application."""


@contextmanager
def postgres_run_lock(engine: Engine, shown_address: str) -> Iterator[None]:
    """Hold the run lock of a database, on a connection of its own, until the block ends.

    The lock ends with its connection, thus with this process however it ends. While the block runs every transaction
    of the engine that writes first asks whether the connection is still up.

    Args:
        engine: of the database; its transactions are watched.
        shown_address: the address without its password, for messages.

    Raises:
        BusyError: another run holds the lock.
        StorageError: the server cannot be asked. Inside the block: the lock was lost with its connection
            (`storage.lost`), before anything was written without it.
    """
    with translated(shown_address):
        connection = engine.connect()
    try:
        session = _session_of(connection)
        _take(session, shown_address)
        with _watched(engine, session, shown_address):
            yield
    finally:
        connection.invalidate()  # ends the session and the lock with it, and keeps the pool from using it again
        connection.close()


def is_postgres_held(engine: Engine, shown_address: str) -> bool:
    """Whether a run holds the run lock of a database; the lock itself is left alone.

    Args:
        engine: of the database.
        shown_address: the address without its password, for messages.

    Raises:
        StorageError: the server cannot be asked.
    """
    with translated(shown_address), engine.connect() as connection:
        return connection.exec_driver_sql(_HOLDER).first() is not None


@contextmanager
def _watched(engine: Engine, session: psycopg.Connection[Any], address: str) -> Iterator[None]:
    """Have every transaction that writes ask first whether the session is still up."""
    asking = threading.Lock()

    def require_lock(begun: Connection) -> None:
        if begun.get_execution_options().get("callaudit_writes", False):
            with asking:
                _ask(session, "SELECT 1", address)

    event.listen(engine, "begin", require_lock, insert=True)
    try:
        yield
    finally:
        event.remove(engine, "begin", require_lock)


def _session_of(connection: Connection) -> Any:
    """The session itself, kept outside transactions: in one, the server would end it as idle."""
    session: Any = connection.connection.driver_connection
    session.autocommit = True
    return session


def _take(session: psycopg.Connection[Any], address: str) -> None:
    """Take the lock, and name this process to whoever looks for its holder."""
    name = f"callaudit run, process {os.getpid()} on {socket.gethostname()}"
    _ask(session, _PREPARE, address, name.encode()[:_NAME_BYTES].decode(errors="ignore"))
    if not taken_within(lambda: bool(_ask(session, _TAKE, address)[0]), PATIENCE_S):
        raise _held(_ask(session, _HOLDER, address), address)


def _ask(session: psycopg.Connection[Any], question: str, address: str, *values: str) -> tuple[Any, ...]:
    """The first row of an answer; empty where there is none.

    Raises:
        StorageError: the server did not answer.
    """
    import psycopg

    try:
        return session.execute(question, values or None).fetchone() or ()
    except psycopg.Error as error:
        if session.broken or session.closed:
            raise fault("storage.lost", address) from None
        told = server_fault(error, address, was_connected=True)
        raise told from told.__cause__


def _held(holder: tuple[Any, ...], address: str) -> StorageError:
    """The error that tells of the other run, as far as this user may know it."""
    known = ""
    if holder:
        pid, name, host, since = holder
        parts = [f"server process {pid}", name, host and f"from {host}", since and f"since {since}"]
        known = f" ({', '.join(part for part in parts if part)})"
    end = f"SELECT pg_terminate_backend({holder[0]})" if holder else "pg_terminate_backend"
    return BusyError(
        f"another run is using the database {address}{known}",
        code="storage.running",
        hint=f"wait until it is over, or give this run a database of its own with --db; {end} ends a run that hangs",
    )
