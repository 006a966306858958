"""Addresses of databases: reading them, showing them without secrets, and the file that a SQLite address names."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from sqlalchemy import URL, exc, make_url

from callaudit.domain.names import printable
from callaudit.errors import StorageError
from callaudit.storage.faults import fault
from callaudit.storage.mounts import network_type

PRIVATE_FILE = 0o600
"""Mode of a new database: it holds what people said on calls. SQLite gives its side files the mode of the database."""

ADDRESS_HINT = "write it as sqlite:///path/to/callaudit.db or postgresql://user@host:5432/callaudit"
"""How addresses are written."""

_SECRET_OPTIONS = ("pass", "pwd", "secret", "token", "key")
_HIDDEN = "hidden"


def parse_address(address: str) -> URL:
    """A database address, checked for its form; `postgres://`, as people write it, is taken for `postgresql://`.

    Raises:
        StorageError: not a database address. Nothing of it is repeated, not even in the cause: it may hold a password.
    """
    url: URL | None
    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError):
        url = None
    # No name holds a zero byte. A host with an @ is the rest of a password in which it was not escaped.
    if url is None or "\0" in address or "%00" in address or "@" in (url.host or ""):
        raise StorageError(
            "the database address cannot be understood",
            code="storage.address",
            hint=f"{ADDRESS_HINT}; in a password, write @ as %40 and % as %25",
        )
    return url.set(drivername="postgresql") if url.drivername == "postgres" else url


def without_secrets(url: URL) -> str:
    """A parsed address as text, without its password and without options that may be one."""
    options = {
        name: _HIDDEN if any(part in name.lower() for part in _SECRET_OPTIONS) else value
        for name, value in url.query.items()
    }
    try:
        return url.set(query=options).render_as_string(hide_password=True)
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return f"{url.drivername}:///{printable(url.database)}"


def sqlite_address(path: Path) -> str:
    """The address of a SQLite database in a file of any name.

    Args:
        path: the file, which need not exist yet; a relative one is relative to the folder callaudit runs in.
    """
    name = str(path)
    if name != ":memory:" and not name.startswith("file:"):
        # Not every version of SQLAlchemy escapes what has a meaning in an address, and none takes names in GBK.
        with suppress(UnicodeEncodeError):
            address = URL.create("sqlite", database=name).render_as_string()
            if make_url(address).database == name:
                return address
    return URL.create("sqlite", database=sqlite_uri(path), query={"uri": "true"}).render_as_string()


def sqlite_uri(path: Path, **options: str) -> str:
    """A path of any bytes as a URI that SQLite understands, with options such as `mode="ro"`."""
    uri = f"file:{quote(os.fsencode(path.absolute()))}"
    return f"{uri}?{urlencode(options)}" if options else uri


def require_file(url: URL) -> None:
    """Check that the file of a SQLite address is there; other addresses are left to their driver.

    Raises:
        StorageError: there is no such file.
    """
    file = file_of(url)
    if file is not None and not file.is_file():
        raise StorageError(
            f"there is no database {file}",
            code="storage.missing",
            hint="run callaudit scan first, or name the database of an earlier scan with --db",
        )


def refuse_memory(url: URL) -> None:
    """Check that what is stored will outlive the program.

    Raises:
        StorageError: a SQLite database in memory.
    """
    if url.get_backend_name() == "sqlite" and file_of(url) is None:
        raise StorageError(
            "a database in memory is gone when the program ends",
            code="storage.address",
            hint="name a file, as in sqlite:///path/to/callaudit.db (three slashes, or four before an absolute path)",
        )


def refuse_folder(url: URL) -> None:
    """Check that a SQLite address names a file and no folder, be it there or not.

    Raises:
        StorageError: it names a folder.
    """
    named = _named_file(url)
    if named is not None and (str(url.database).endswith("/") or named.is_dir()):
        within = sqlite_address(named / "callaudit.db")
        raise StorageError(
            f"{without_secrets(url)} names a folder, not a file",
            code="storage.address",
            hint=f"name the file of the database, such as {within}",
        )


def refuse_network(url: URL) -> None:
    """Check that the file of a SQLite address lies on a disk of this machine.

    Raises:
        StorageError: it lies on a network file system.
    """
    file = file_of(url)
    kind = None if file is None else network_type(file)
    if kind is not None:
        raise StorageError(
            f"{file} lies on a network file system ({kind}): SQLite keeps an index of its log in memory that all"
            " programs using the database share, which only one machine can do, and would lose calls there",
            code="storage.network",
            hint="put the database on a local disk with --db, or use PostgreSQL; recordings may stay where they are",
        )


def for_reading(url: URL) -> URL:
    """The address as somebody who comes to read opens it: read-only where nothing may be written, or should be."""
    file = file_of(url)
    return url if file is None or (may_write(file) and network_type(file) is None) else untouched(url)


def untouched(url: URL) -> URL:
    """The address such that opening it leaves no trace beside the file, or on it.

    Where no log lies beside the file nobody has it open, and SQLite may take it for immutable; else it must look into
    the log, whose side files are there already.
    """
    file = file_of(url)
    if file is None:
        return url
    is_open = Path(f"{os.fsdecode(file)}-wal").exists()
    options = {"uri": "true", "mode": "ro"} | ({} if is_open else {"immutable": "1"})
    return URL.create(url.drivername, database=sqlite_uri(file), query=options)


def require_place(url: URL) -> bool:
    """Whether the file of a SQLite address is there; True for servers, whose driver will tell.

    Raises:
        StorageError: it could not be made, or may not be written.
    """
    file = file_of(url)
    if file is None or may_write(file):
        return file is None or file.exists()
    if file.exists():
        raise fault("storage.readonly", without_secrets(url))
    raise fault("storage.address", without_secrets(url))


def may_write(file: Path) -> bool:
    """Whether this user may write a database file, or make it: SQLite needs its folder, too, for the side files."""
    return os.access(file.parent, os.W_OK | os.X_OK) and (os.access(file, os.W_OK) or not file.exists())


def folder_of(address: str) -> Path | None:
    """The folder of the file of a SQLite address, which need not exist yet; None for servers.

    Raises:
        StorageError: not a database address.
    """
    file = file_of(parse_address(address))
    return None if file is None else file.parent


def make_private_file(url: URL) -> None:
    """Make the file of a new SQLite database, for this user alone; a file that is there is left as it is.

    Where it cannot be made, the database says why when it is opened.
    """
    file = file_of(url)
    if file is None or url.query.get("mode", "rwc") != "rwc":
        return
    with suppress(OSError, ValueError):
        # Exclusive: opening and closing the file of a database in use would drop the locks of this process.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))


def file_of(url: URL) -> Path | None:
    """The file of a SQLite address; None for databases in memory and on servers.

    Of a symbolic link it is the target: SQLite keeps its side files there.
    """
    named = _named_file(url)
    return None if named is None else Path(os.path.realpath(named))


def _named_file(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    name = str(url.database)
    if not (name.startswith("file:") and url.query.get("uri")):
        return Path(name)
    name = os.fsdecode(unquote_to_bytes(urlsplit(name).path))
    return None if name in ("", ":memory:") or url.query.get("mode") == "memory" else Path(name)
