"""Databases and folders for results."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit.errors import StorageError
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.batch.space import FreeSpace
    from callaudit.storage.store import SqlStore


def check_store(settings: Settings) -> str:
    """The address of the database, after checking that it can be opened and written; it is neither made nor changed.

    Raises:
        StorageError: it cannot.
    """
    from callaudit.storage.store import check_store as check

    return check(settings.db)


def open_store(settings: Settings, *, to_read: bool = False) -> SqlStore:
    """Open the database of the settings, and make it where there is none.

    Args:
        settings: names the database.
        to_read: the caller came to read: nothing is made or brought up to date, and what may not be written will do.

    Raises:
        StorageError: it cannot be opened; or is missing, empty or of an older callaudit though the caller came to read.
    """
    from callaudit.storage.store import SqlStore

    return SqlStore(settings.db, to_read=to_read)


def backup_store(settings: Settings, target: Path, *, force: bool = False) -> None:
    """Copy the database of the settings into a file, whole and checked, whoever writes to it meanwhile.

    Args:
        settings: name the database.
        target: the copy, for this user alone.
        force: takes the place of a file that is there.

    Raises:
        StorageError: it cannot be read, or the copy not be written.
    """
    from callaudit.storage.backup import backup_store as copy

    copy(settings.db, target, force=force)


def free_space(settings: Settings) -> FreeSpace:
    """Watches the disks that a run writes to: that of a SQLite database, and that of temporary files."""
    from callaudit.batch.space import FreeSpace
    from callaudit.storage.address import folder_of

    folders = {Path(tempfile.gettempdir()), *filter(None, (folder_of(settings.db),))}
    return FreeSpace(tuple(sorted(folders)), settings.batch.min_free_mb << 20)


def make_folder(folder: Path) -> None:
    """Make a folder for results, private to this user where it is new.

    Raises:
        StorageError: it cannot be made or written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make the folder {folder}: {error.strerror}",
            code="storage.folder",
            hint="name another folder, or give this user the right to write there",
        ) from error


def sqlite_address(path: Path) -> str:
    """The address of a SQLite database in a file, whatever the file is called."""
    from callaudit.storage.address import sqlite_address as address_of

    return address_of(path)
