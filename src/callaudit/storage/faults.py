"""What a database complains of, in callaudit's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from callaudit.errors import StorageError

_FAULTS = {
    "storage.locked": (
        "is in use by another program",
        "wait until the other run is over, or give this one a database of its own with --db",
    ),
    "storage.corrupt": (
        "is damaged, or is not a callaudit database",
        "move the file away and scan again, or bring it back from a backup",
    ),
    "storage.readonly": ("may not be written", "check the owner and permissions of the file and of its folder"),
    "storage.full": (
        "has no room left",
        "free space on its disk, then run the same command again: done calls are kept",
    ),
    "storage.address": (
        "cannot be opened",
        "write the address as sqlite:///path/to/callaudit.db; its folder must exist and may not be read-only",
    ),
    "storage.failed": ("refused the request", "run callaudit doctor; if it finds nothing, please report this"),
}

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
    complaint, hint = _FAULTS[code]
    return StorageError(f"the database {address} {complaint}", code=code, hint=hint)


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what the database library raises into `StorageError`.

    Raises:
        StorageError: the block failed on the database.
    """
    try:
        yield
    except exc.DBAPIError as error:
        raise fault(_code_of(error.orig), address) from error
    except (exc.NoResultFound, ValueError) as error:
        # A value or a row that its neighbours promise is not there: what is stored is not what was saved.
        raise fault("storage.corrupt", address) from error
    except exc.SQLAlchemyError as error:
        raise fault("storage.failed", address) from error


def _code_of(cause: BaseException | None) -> str:
    """Our code for what the driver raised."""
    name = str(getattr(cause, "sqlite_errorname", ""))
    for beginning, code in _BY_SQLITE_NAME:
        if name.startswith(beginning):
            return code
    if isinstance(cause, sqlite3.DatabaseError) and any(word in str(cause) for word in ("malformed", "decode")):
        return "storage.corrupt"
    return "storage.failed"
