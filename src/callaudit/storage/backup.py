"""A copy of a database that is whole, taken while runs go on writing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import URL

from callaudit.errors import StorageError
from callaudit.storage.address import (
    PRIVATE_FILE,
    file_of,
    for_reading,
    parse_address,
    refuse_folder,
    require_file,
    sqlite_uri,
    without_secrets,
)
from callaudit.storage.engine import open_engine
from callaudit.storage.faults import translated
from callaudit.storage.lock import lock_file
from callaudit.storage.migrate import require_tables

_FAULTS_OF_TARGET = frozenset({"storage.full", "storage.readonly", "storage.address"})
"""What can only befall the file that is written; the database is read."""

_BESIDE = ("", "-wal", "-shm", "-journal", ".run")
"""Endings of a database's own files."""


def backup_store(address: str, target: Path, *, force: bool = False) -> None:
    """Copy a SQLite database as of now into a new file, for this user alone, and check the copy.

    The file appears under its name once it is complete, on the disk and sound. It is a database like any other.

    Args:
        address: of the database.
        target: the new file.
        force: takes the place of a file that is there.

    Raises:
        StorageError: there is no such database, it is on a server, empty, another program's or damaged, or the copy
            cannot be written.
    """
    url = parse_address(address)
    file = file_of(url)
    if file is None:
        raise StorageError(
            f"{without_secrets(url)} is not a SQLite file",
            code="storage.backup",
            hint="a PostgreSQL server is backed up with pg_dump",
        )
    refuse_folder(url)
    require_file(url)
    _refuse_itself(file, target)
    _require_contents(url)  # or an empty file would take the place of a good copy
    _refuse_existing(target, force=force)
    with _part_of(target) as part:
        _copy(url, part)
        _check(part)
        _refuse_existing(target, force=force)  # again: a large database takes its time
        part.replace(target)
    _sync(target.parent)


def _refuse_itself(file: Path, target: Path) -> None:
    """Refuse to write over the database, or over what SQLite and a run keep beside it.

    Whoever has it open would go on writing to a file that has no name any more.
    """
    file = file.resolve()
    own = {file.with_name(f"{file.name}{ending}") for ending in _BESIDE}
    if target.resolve() in own or (target.exists() and target.samefile(file)):
        raise StorageError(
            f"{target} belongs to the database itself", code="storage.exists", hint="name another file for the backup"
        )


def _require_contents(url: URL) -> None:
    """Refuse to copy what is no database of ours; one of an older or a newer callaudit is."""
    engine, shown = open_engine(for_reading(url)), without_secrets(url)
    try:
        with translated(shown):
            require_tables(engine, shown)
    finally:
        engine.dispose()


def _refuse_existing(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise StorageError(
            f"{target} is there already", code="storage.exists", hint="name another file, or add --force to replace it"
        )


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """An empty private file beside the target, gone at the end; one that a killed backup left is taken over."""
    part = target.with_name(f"{target.name}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    except OSError as error:
        raise _unwritable(target, error.strerror or "") from error
    try:
        # Whoever was first may just have renamed it: then the file of that name is not the one that was opened.
        if not lock_file(handle) or not part.exists() or not os.path.samestat(os.fstat(handle), part.stat()):
            raise StorageError(
                f"another backup is being written to {target}", code="storage.running", hint="wait for it to end"
            )
        os.ftruncate(handle, 0)
        os.fchmod(handle, PRIVATE_FILE)
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _copy(source: URL, part: Path) -> None:
    """Copy all pages as of one moment; SQLite lets others read and write meanwhile."""
    engine = open_engine(for_reading(source))
    try:
        with (
            translated(without_secrets(source)),
            closing(engine.raw_connection()) as original,
            closing(sqlite3.connect(sqlite_uri(part, mode="rw"), uri=True)) as copy,
        ):
            copy.execute("PRAGMA journal_mode = OFF")  # a copy that breaks is thrown away, and nothing lies beside it
            cast(sqlite3.Connection, original.driver_connection).backup(copy)
    except StorageError as error:
        if error.code in _FAULTS_OF_TARGET:
            raise _unwritable(part, "the disk is full" if error.code == "storage.full" else "no access") from error
        raise
    finally:
        engine.dispose()
    _sync(part)


def _check(part: Path) -> None:
    """Have SQLite look through the copy, without a trace beside it."""
    with (
        translated(f"copy {part}"),
        closing(sqlite3.connect(sqlite_uri(part, mode="ro", immutable="1"), uri=True)) as copy,
    ):
        said = [row[0] for row in copy.execute("PRAGMA integrity_check(1)")]
    if said != ["ok"]:
        raise StorageError(
            "the database is damaged, and so would be its copy",
            code="storage.corrupt",
            hint="run callaudit verify; keep the backups you have",
        )


def _sync(path: Path) -> None:
    """Have a file or folder written to its disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(target: Path, reason: str) -> StorageError:
    return StorageError(
        f"cannot write the backup {target}: {reason}",
        code="storage.backup",
        hint="name a file in a folder that this user may write to, on a disk with room for a second database",
    )
