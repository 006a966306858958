"""Opening a PostgreSQL database: connections that notice what breaks, transactions that behave like SQLite's.

What libpq takes from the environment, from `~/.pgpass` and from service files is left to libpq.
"""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from callaudit.errors import StorageError
from callaudit.storage.address import without_secrets
from callaudit.storage.columns import dump_json
from callaudit.storage.faults import fault

DRIVERS = ("postgresql", "postgresql+psycopg")
"""Names of the one driver that is spoken to."""

CONNECT_TIMEOUT_S = 10
"""How long one host may take to answer, unless the address or PGCONNECT_TIMEOUT says otherwise."""

_CONNECTION = {
    # Seen in pg_stat_activity, unless the address or PGAPPNAME says otherwise.
    "fallback_application_name": "callaudit",
    # A server that is gone is noticed within a minute, and firewalls see that an idle connection is in use.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Options of libpq that an address may override."""

_SESSION = {
    # As long as SQLite waits for another writer; a transaction takes milliseconds.
    "lock_timeout": "10s",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "10min",
}
"""Settings of a session where neither the server nor the address has any."""

_KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
"""The server, too, notices within a minute that this machine is gone, and lets go of its locks."""

_SET_UP = "SELECT " + ", ".join(
    [
        *(
            f"CASE WHEN current_setting('{name}') = '0' THEN set_config('{name}', '{value}', false) END"
            for name, value in _SESSION.items()
        ),
        *(f"set_config('{name}', '{value}', false)" for name, value in _KEEPALIVES.items()),
    ]
)

_BEGIN_READING = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""All queries of a reader see the same state, as in SQLite."""

_BEGIN_WRITING = (
    "SELECT pg_advisory_xact_lock(hashtextextended('callaudit writes ' || coalesce(current_schema(), ''), 0))"
)
"""One writer at a time, as in SQLite: no two can deadlock, and what one looks up before it writes stays so."""

_BEGIN_MIGRATING = "SET LOCAL lock_timeout = '10min'; SET LOCAL statement_timeout = 0"
"""Another process that migrates is waited for, and rewriting a large table may take its time."""

_MAY_WRITE = """
SELECT NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off',
       CASE WHEN to_regclass('outcomes') IS NULL THEN has_schema_privilege(current_schema(), 'CREATE')
            ELSE has_table_privilege('outcomes', 'INSERT') END
"""


def open_server(url: URL) -> Engine:
    """An engine for a PostgreSQL address, that has not connected yet.

    A connection that went stale while nothing was asked of it is replaced before the next transaction begins.

    Raises:
        ImportError: the driver is not installed.
        StorageError: the address has an option that libpq does not know.
    """
    # Parameters hold what people said on calls: they stay out of error messages.
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        json_serializer=dump_json,
        pool_pre_ping=True,
        connect_args=_connection_options(url),
    )
    shown = without_secrets(url)
    _refuse_unknown_options(url, shown)

    def set_up(connection: Any, _record: object) -> None:
        try:
            _require_utf8(connection, shown)
            connection.execute(_SET_UP)
            connection.commit()
        except BaseException:
            connection.close()  # not every SQLAlchemy does
            raise

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", _begin)
    return engine


def require_writable(engine: Engine, address: str) -> None:
    """Check that tables can be made and written in a database.

    Args:
        engine: of the database; one of SQLite is left alone.
        address: names it in messages.

    Raises:
        StorageError: it is a standby, or this user may not.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        is_primary, may = connection.exec_driver_sql(_MAY_WRITE).one()
    if not is_primary:
        raise fault("storage.readonly", address)
    if not may:
        raise fault("storage.denied", address)


def _connection_options(url: URL) -> dict[str, Any]:
    """What is told to libpq beside the address."""
    options: dict[str, Any] = dict(_CONNECTION)
    if "PGCONNECT_TIMEOUT" not in os.environ:
        options["connect_timeout"] = CONNECT_TIMEOUT_S
    # PGCLIENTENCODING may be set for other programs; this one speaks UTF-8.
    return {name: value for name, value in options.items() if name not in url.query} | {"client_encoding": "utf8"}


def _refuse_unknown_options(url: URL, shown: str) -> None:
    """Refuse options that libpq does not know: the driver would take some for settings of its own."""
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    unknown = sorted(set(url.query) - known)
    if unknown:
        raise StorageError(
            f"the database address {shown} has an option that PostgreSQL does not know: {', '.join(unknown)}",
            code="storage.address",
            hint="take it out; options that PostgreSQL knows are sslmode, connect_timeout, service and so on",
        )


def _require_utf8(connection: Any, shown: str) -> None:
    """Refuse a database whose encoding cannot hold every text."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StorageError(
            f"the database {shown} keeps its texts as {encoding}, which cannot hold all of them",
            code="storage.address",
            hint="make one for callaudit: CREATE DATABASE callaudit ENCODING 'UTF8' TEMPLATE template0",
        )


def _begin(connection: Connection) -> None:
    """Begin a transaction as it was announced: see `engine.WRITES` and `engine.MIGRATES`."""
    options = connection.get_execution_options()
    if not options.get("callaudit_writes", False):
        connection.exec_driver_sql(_BEGIN_READING)
        return
    if options.get("callaudit_migrates", False):
        connection.exec_driver_sql(_BEGIN_MIGRATING)
    connection.exec_driver_sql(_BEGIN_WRITING)
