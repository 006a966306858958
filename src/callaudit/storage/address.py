"""Addresses of databases: reading them, showing them without secrets, and the file that a SQLite address names."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

from sqlalchemy import URL, exc, make_url

from callaudit.errors import StorageError
from callaudit.storage.faults import fault

PRIVATE_FILE = 0o600
"""Mode of a new database: it holds what people said on calls. SQLite gives its side files the mode of the database."""

_SECRET_OPTIONS = ("pass", "pwd", "secret", "token", "key")
_HIDDEN = "hidden"


def parse_address(address: str) -> URL:
    """A database address, checked for its form.

    Raises:
        StorageError: not a database address; it is not repeated, as it may hold a password.
    """
    try:
        url = make_url(address)
        if "\0" in address or "%00" in address:
            raise ValueError("no file name holds a zero byte")
        return url
    except (exc.ArgumentError, ValueError) as error:
        raise StorageError(
            "the database address cannot be understood",
            code="storage.address",
            hint="write it as sqlite:///path/to/callaudit.db",
        ) from error


def without_secrets(url: URL) -> str:
    """A parsed address as text, without its password and without options that may be one."""
    options = {
        name: _HIDDEN if any(part in name.lower() for part in _SECRET_OPTIONS) else value
        for name, value in url.query.items()
    }
    try:
        return url.set(query=options).render_as_string(hide_password=True)
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return f"{url.drivername}:///{ascii(url.database)[1:-1]}"


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
    return URL.create("sqlite", database=_escaped(path), query={"uri": "true"}).render_as_string()


def _escaped(path: Path) -> str:
    """A path of any bytes as a URI."""
    return f"file:{quote(os.fsencode(path.absolute()))}"


def require_file(url: URL) -> None:
    """Check that the file of a SQLite address is there; other addresses are left to their driver.

    Raises:
        StorageError: there is no such file.
    """
    file = _file_of(url)
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
    if url.get_backend_name() == "sqlite" and _file_of(url) is None:
        raise StorageError(
            "a database in memory is gone when the program ends",
            code="storage.address",
            hint="name a file, as in sqlite:///path/to/callaudit.db (three slashes, or four before an absolute path)",
        )


def for_reading(url: URL) -> URL:
    """The address as somebody who comes to read opens it: read-only where the file or its folder may not be written."""
    file = _file_of(url)
    return url if file is None or may_write(file) else untouched(url)


def untouched(url: URL) -> URL:
    """The address such that opening it leaves no trace beside the file, or on it.

    Where no log lies beside the file nobody has it open, and SQLite may take it for immutable; else it must look into
    the log, whose side files are there already.
    """
    file = _file_of(url)
    if file is None:
        return url
    is_open = Path(f"{os.fsdecode(file)}-wal").exists()
    options = {"uri": "true", "mode": "ro"} | ({} if is_open else {"immutable": "1"})
    return URL.create(url.drivername, database=_escaped(file), query=options)


def require_place(url: URL) -> bool:
    """Whether the file of a SQLite address is there; True for servers, whose driver will tell.

    Raises:
        StorageError: it could not be made, or may not be written.
    """
    file = _file_of(url)
    if file is None or may_write(file):
        return file is None or file.exists()
    if file.exists():
        raise fault("storage.readonly", without_secrets(url))
    raise fault("storage.address", without_secrets(url))


def may_write(file: Path) -> bool:
    """Whether this user may write a database file, or make it: SQLite needs its folder, too, for the side files."""
    return os.access(file.parent, os.W_OK | os.X_OK) and (os.access(file, os.W_OK) or not file.exists())


def make_private_file(url: URL) -> None:
    """Make the file of a new SQLite database, for this user alone; a file that is there is left as it is.

    Where it cannot be made, the database says why when it is opened.
    """
    file = _file_of(url)
    if file is None or url.query.get("mode", "rwc") != "rwc":
        return
    with suppress(OSError, ValueError):
        # Exclusive: opening and closing the file of a database in use would drop the locks of this process.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))


def _file_of(url: URL) -> Path | None:
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
