"""What a database complains of, in callaudit's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from callaudit.errors import StorageError
from callaudit.storage.pg_faults import ServerError, code_of_server

_AGAIN = "then run the same command again: done calls are kept"

_FAULTS = {
    "storage.locked": (
        "the database {address} is in use by another program",
        "wait until the other run is over, or give this one a database of its own with --db",
    ),
    "storage.corrupt": (
        "the database {address} is damaged, or is not a callaudit database",
        "move the file away and scan again, or bring it back from a backup",
    ),
    "storage.readonly": (
        "the database {address} may not be written",
        "check the owner and permissions of the file and of its folder",
    ),
    "storage.full": ("the database {address} has no room left", f"free space on its disk, {_AGAIN}"),
    "storage.address": (
        "the database {address} cannot be opened",
        "write the address as sqlite:///path/to/callaudit.db; its folder must exist and may not be read-only",
    ),
    "storage.failed": (
        "the database {address} refused the request",
        "run callaudit doctor; if it finds nothing, please report this",
    ),
}

_FAULTS_OF_SERVERS = {
    "storage.corrupt": (
        "the database {address} is damaged, or is not a callaudit database",
        "the server's log says what is damaged; bring the database back from a backup, or scan into a new one",
    ),
    "storage.readonly": (
        "the database {address} may not be written: it is a standby, or set to read-only",
        "name the primary server, or let this user write there",
    ),
    "storage.full": ("the database {address} has no room left", f"free space on the disk of its server, {_AGAIN}"),
    "storage.address": (
        "the database {address} cannot be opened",
        "write the address as postgresql://user@host:5432/callaudit?sslmode=require; check its options",
    ),
    "storage.unreachable": (
        "the database {address} cannot be reached",
        f"check host and port of the address, and that the server is up and lets this machine in; {_AGAIN}",
    ),
    "storage.lost": (
        "the connection to the database {address} was lost",
        f"check that its server is up, {_AGAIN}",
    ),
    "storage.denied": (
        "the database {address} does not let this user in, or not do this",
        "check user and password (in the address, PGPASSWORD or ~/.pgpass) and the server's pg_hba.conf; the user must"
        " own the database, or be allowed to make tables in its schema",
    ),
    "storage.missing": (
        "there is no database {address}, or its schema is missing",
        "make it on the server: CREATE DATABASE callaudit OWNER user ENCODING 'UTF8' TEMPLATE template0",
    ),
    "storage.insecure": (
        "no secure connection to the database {address} could be agreed on",
        "check sslmode, sslrootcert, sslcert and sslkey in the address, and that the server offers TLS",
    ),
    "storage.crowded": (
        "the server of the database {address} takes no more connections",
        f"end sessions that are not needed, or raise its max_connections, {_AGAIN}",
    ),
    "storage.slow": (
        "the database {address} did not answer in time",
        f"look into its server's load and locks, or raise statement_timeout, {_AGAIN}",
    ),
}
"""Where a server's faults differ from those of a file."""

_BY_SQLITE_NAME = (
    ("SQLITE_BUSY", "storage.locked"),
    ("SQLITE_LOCKED", "storage.locked"),
    ("SQLITE_CORRUPT", "storage.corrupt"),
    ("SQLITE_NOTADB", "storage.corrupt"),
    ("SQLITE_READONLY", "storage.readonly"),
    ("SQLITE_PERM", "storage.readonly"),
    ("SQLITE_FULL", "storage.full"),
    ("SQLITE_IOERR_WRITE", "storage.full"),
    ("SQLITE_CANTOPEN", "storage.address"),
)


def fault(code: str, address: str) -> StorageError:
    """The error of a code; `address` must hold no password."""
    faults = _FAULTS | _FAULTS_OF_SERVERS if address.startswith("postgresql") else _FAULTS
    message, hint = faults[code]
    return StorageError(message.format(address=address), code=code, hint=hint)


def server_fault(error: BaseException, address: str, *, was_connected: bool) -> StorageError:
    """The error for what the driver of PostgreSQL raised, with a cause that repeats no data and no secrets."""
    told = fault(code_of_server(error, was_connected=was_connected), address)
    told.__cause__ = ServerError(error)
    return told


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what the database library raises into `StorageError`.

    Raises:
        StorageError: the block failed on the database.
    """
    try:
        yield
    except exc.DBAPIError as error:
        if error.orig is not None and not isinstance(error.orig, sqlite3.Error):
            # A COMMIT has no statement.
            was_connected = error.statement is not None or error.connection_invalidated
            told = server_fault(error.orig, address, was_connected=was_connected)
            raise told from told.__cause__
        raise fault(_code_of(error.orig), address) from error
    except sqlite3.Error as error:
        raise fault(_code_of(error), address) from error
    except (exc.NoResultFound, ValueError) as error:
        # A value or a row that its neighbours promise is not there: what is stored is not what was saved.
        raise fault("storage.corrupt", address) from error
    except exc.SQLAlchemyError as error:
        raise fault("storage.failed", address) from error


def _code_of(cause: BaseException | None) -> str:
    """Our code for what SQLite raised."""
    name = str(getattr(cause, "sqlite_errorname", ""))
    for beginning, code in _BY_SQLITE_NAME:
        if name.startswith(beginning):
            return code
    if isinstance(cause, sqlite3.DatabaseError) and any(word in str(cause) for word in ("malformed", "decode")):
        return "storage.corrupt"
    return "storage.failed"
