"""Recordings in object stores and on servers: all that fsspec knows, reached with limits on time and size.

fsspec is imported when the first address is met.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, TypeVar

from callaudit.batch.patience import Patience, Pulse
from callaudit.batch.private import PrivateFolder
from callaudit.batch.remote_faults import (
    ChangedError,
    NotNowError,
    check_address,
    check_size,
    disk_error,
    fetch_error,
    is_final,
    never_settled,
)
from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import CallSource
from callaudit.errors import CallauditError, DependencyError, InputError

Answer = TypeVar("Answer")

BLOCK_BYTES = 1 << 20
_CONNECT_S = 10
_WEB = ("http", "https")
_TAGS = ("ETag", "etag", "md5Hash", "generation")
_WRITTEN = ("LastModified", "last_modified", "updated", "mtime", "modified", "last_write_time")
_CREATED = "created"
_PACKAGES = {"s3fs": "callaudit[s3]", "fsspec": "callaudit[s3]", "smbclient": "smbprotocol"}
"""What pip calls a module that is missing, where it calls it otherwise."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A remote recording that lies on this machine now."""

    path: Path
    sha256: str


class Remote:
    """Stores that are reached by address, each connected to once; several threads may use it.

    Args:
        patience: how long and how often a store is asked.
    """

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._connected: dict[str, Any] = {}
        self._lock = Lock()

    def ask(self, address: str, work: Callable[[Any, str, Pulse], Answer], stall_s: float | None = None) -> Answer:
        """What a store answers, asked again where it fails or stalls.

        Args:
            address: of an object or a folder.
            work: is given the store as an fsspec file system, what the store calls the address, and a pulse.
            stall_s: longest time without a beat of the pulse, where it is not that of the patience.

        Raises:
            FetchError: the store does not answer, refuses, or has no such thing.
            SetupError: a package is missing, or the address is of no form that is known.
            NotNowError: raised by `work`.
        """
        check_address(address)

        def asked(pulse: Pulse) -> Answer:
            store = self._store(address)
            return work(store, store._strip_protocol(address), pulse)

        try:
            return self._patience.persist(asked, is_final, stall_s)
        except (CallauditError, NotNowError):
            raise
        except Exception as error:
            raise fetch_error(address, error) from None

    def state(self, address: str) -> ObjectState:
        """What a store says of an object now.

        Raises:
            FetchError: it cannot be asked.
            SetupError: as of `ask`.
        """
        return self.ask(address, lambda store, name, pulse: _state(store, name))

    def copy(
        self, address: str, known: ObjectState, new_file: Callable[[], Path], need: Callable[[int], None]
    ) -> Copied:
        """Stream an object to a local file.

        Args:
            address: of the object.
            known: what it must be like, before and after.
            new_file: names a file to write to; asked anew for each try.
            need: told how many bytes the file will have or, where that is not known, has by now; what it raises to
                refuse them is passed on.

        Raises:
            FetchError: it cannot be fetched.
            ChangedError: it is not, or does not stay, what was known of it.
            SetupError: it cannot be written down, or as of `ask`.
        """
        if known.size_bytes is not None:
            need(known.size_bytes)

        paths: list[Path] = []
        # Web servers that cannot begin in the middle are many: 0 is fsspec's word for reading in one go.
        block_bytes = 0 if _scheme(address) in _WEB else BLOCK_BYTES

        def fetch(store: Any, name: str, pulse: Pulse) -> Copied:
            paths.append(path := new_file())
            try:
                with _created(path) as to, store.open(name, "rb", block_size=block_bytes) as source:
                    sha256 = _streamed(source, to, known, need, pulse)
            except OSError as error:
                if type(error).__name__ == "FileExpired":  # s3fs: the ETag is another than when it was opened
                    raise ChangedError from error
                raise
            if _state(store, name).contradicts(known):
                raise ChangedError
            return Copied(path, sha256)

        copied = None
        try:
            copied = self.ask(address, fetch)
        finally:
            for path in paths:  # also of tries that were left behind
                if copied is None or path != copied.path:
                    path.unlink(missing_ok=True)
        return copied

    def _store(self, address: str) -> Any:
        """The file system of an address: one for all threads where it is made for them, else a new one."""
        kind = _kind_of_store(address)
        options = {**kind._get_kwargs_from_urls(address), **_options(address, self._patience.stall_s)}
        key = f"{kind.__name__} {options}"
        with self._lock:
            if key in self._connected:
                return self._connected[key]
            store = _made(kind, address, options)
            if getattr(kind, "async_impl", False):
                self._connected[key] = store
            return store


@contextmanager
def fetched(source: CallSource, max_bytes: int, patience: Patience | None = None) -> Iterator[CallSource]:
    """A source whose bytes can be read on this machine while the context lasts; a local one comes as it is.

    Args:
        source: the recording.
        max_bytes: size of the largest object that is fetched (`audio.max_bytes`).
        patience: how long and how often the store is asked.

    Raises:
        FetchError: it cannot be fetched, is too large, or changes.
        SetupError: a package or room for the file is missing.
    """
    if source.url is None or source.local is not None:
        yield source
        return
    url, remote, folder = source.url, Remote(patience), PrivateFolder()
    try:
        try:
            copied = remote.copy(
                url, remote.state(url), folder.new_file, lambda size_bytes: check_size(url, size_bytes, max_bytes)
            )
        except NotNowError:
            raise never_settled(url) from None
        yield replace(source, local=copied.path)
    finally:
        folder.close()


def lists_at_once(store: Any) -> bool:
    """Whether a store lists a folder with all below it in one go, and tells when that fails.

    fsspec's own way for the others goes folder by folder and leaves out those that are refused, without a word.
    """
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import AbstractFileSystem

    kind = type(store)
    if isinstance(store, AsyncFileSystem):
        return kind._find is not AsyncFileSystem._find
    return kind.find is not AbstractFileSystem.find


def state_of(info: Mapping[str, Any]) -> ObjectState:
    """The state of an object from what fsspec tells of it; each store has its own names for the same things."""
    size = info.get("size")
    # An object that can be written to keeps the time of its creation, and says when it was written last.
    tags = _TAGS if any(info.get(name) for name in _WRITTEN) else (*_TAGS, _CREATED)
    tag = next((info[name] for name in tags if info.get(name)), None)
    return ObjectState(
        size_bytes=size if isinstance(size, int) else None,
        tag=None if tag is None else str(tag),
        modified_at=next((at for name in (*_WRITTEN, _CREATED) if (at := _moment(info.get(name)))), None),
    )


def _state(store: Any, name: str) -> ObjectState:
    store.invalidate_cache()
    info = store.info(name)
    if info.get("type") == "directory":
        raise IsADirectoryError
    return state_of(info)


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, int | float):
            value = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _streamed(source: BinaryIO, to: BinaryIO, known: ObjectState, need: Callable[[int], None], pulse: Pulse) -> str:
    """Copy block by block; the SHA-256 of what went through."""
    digest, done, promised = hashlib.sha256(), 0, known.size_bytes
    while block := source.read(BLOCK_BYTES):
        pulse.beat()
        done += len(block)
        if promised is not None and done > promised:
            raise ChangedError
        need(done)
        _write(to, block)
        digest.update(block)
    if promised is not None and done < promised:
        raise ConnectionError("less came than was promised")
    return digest.hexdigest()


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """A new file for this user alone, open for writing without a buffer; trouble with it is told as the disk's."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise disk_error(error) from error
    file = os.fdopen(descriptor, "wb", buffering=0)
    try:
        yield file
    finally:
        try:
            file.close()
        except OSError as error:  # some file systems say only now that there was no room
            raise disk_error(error) from error


def _write(to: BinaryIO, block: bytes) -> None:
    rest = memoryview(block)
    try:
        while rest:
            rest = rest[to.write(rest) :]
    except OSError as error:
        raise disk_error(error) from error


def _kind_of_store(address: str) -> Any:
    """The class of fsspec for the scheme of an address."""
    scheme = _scheme(address)
    try:
        import fsspec

        return fsspec.get_filesystem_class(scheme)
    except ImportError as error:
        raise _lacking(scheme, error) from error
    except ValueError as error:
        raise InputError(
            f"{scheme}:// is no address of a store that is known",
            code="input.address",
            hint="check the spelling; see fsspec's list of known implementations",
        ) from error


def _made(kind: Any, address: str, options: dict[str, Any]) -> Any:
    scheme = _scheme(address)
    try:
        store = kind(skip_instance_cache=True, **options)
    except ImportError as error:
        raise _lacking(scheme, error) from error
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{scheme}:// cannot be reached by an address alone",
            code="input.address",
            hint="give what it lacks in fsspec's configuration (FSSPEC_… or ~/.config/fsspec)",
        ) from error
    if hasattr(store, "retries"):
        store.retries = 1  # patience is the same for all stores, and in one place
    return store


def _options(address: str, stall_s: float) -> dict[str, Any]:
    """What a client must be told to give up by itself, before it is left behind."""
    scheme, read_s = _scheme(address), stall_s / 2
    if scheme in ("s3", "s3a"):
        from fsspec.config import conf

        own = {"connect_timeout": _CONNECT_S, "read_timeout": read_s, "retries": {"max_attempts": 0}}
        return {"config_kwargs": {**own, **conf.get("s3", {}).get("config_kwargs", {})}}
    if scheme in _WEB:
        from aiohttp import ClientTimeout

        return {"client_kwargs": {"timeout": ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=read_s)}}
    return {"timeout": _CONNECT_S} if scheme in ("sftp", "ssh") else {}


def _scheme(address: str) -> str:
    return address.partition(":")[0].lower()


def _lacking(scheme: str, error: ImportError) -> DependencyError:
    """Which package to install; fsspec says it in words, and the error beneath by the module's name."""
    cause = error if error.name else error.__cause__
    module = (getattr(cause, "name", None) or "fsspec").partition(".")[0]
    return DependencyError(
        f"{scheme}:// needs a package that is not installed: {module}",
        code="dependency.package",
        hint=f"pip install '{_PACKAGES.get(module, module)}'",
    )
