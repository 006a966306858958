"""Opening a database: SQLite made durable, PostgreSQL through its own room."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from callaudit.errors import StorageError
from callaudit.storage.address import ADDRESS_HINT
from callaudit.storage.columns import dump_json
from callaudit.storage.postgres import DRIVERS, open_server

WRITES = {"callaudit_writes": True}
"""Execution option of a connection whose transaction will write."""

MIGRATES = {**WRITES, "callaudit_migrates": True}
"""Execution options of a connection whose transaction will change the tables: it has the patience for that."""

BUSY_TIMEOUT_MS = 10_000
"""How long to wait for another process to finish its transaction; one takes milliseconds."""


def open_engine(url: URL) -> Engine:
    """An engine that has not connected yet.

    Raises:
        StorageError: results are not kept in this kind of database, or its driver is not installed.
    """
    if url.drivername in DRIVERS:
        try:
            return open_server(url)
        except ImportError as error:
            raise StorageError(
                "the driver for PostgreSQL is not installed",
                code="storage.address",
                hint="pip install 'callaudit[postgres]', or use a file: sqlite:///path/to/callaudit.db",
            ) from error
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StorageError(f"no driver for {url.drivername} databases", code="storage.address", hint=ADDRESS_HINT)
    # Parameters hold what people said on calls: they stay out of error messages.
    engine = create_engine(url, hide_parameters=True, json_serializer=dump_json)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def use_log(engine: Engine) -> None:
    """SQLite: write-ahead logging, so that readers never wait for the writer; written down in the file for good.

    Not done on connecting: the database of another program is not even opened for writing.
    """
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL").fetchall()


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Full synchronisation: a finished commit survives a power loss."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the driver must not begin transactions of its own: see _begin_sqlite
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start of a transaction that will write: taken later, it could not be waited for."""
    writes = connection.get_execution_options().get("callaudit_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
