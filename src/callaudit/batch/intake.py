"""How a run gets at the bytes of its recordings: whole, at rest, and on this machine."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from callaudit.audio.files import opened
from callaudit.batch.private import PrivateFolder, sweep
from callaudit.batch.remote import Remote
from callaudit.batch.remote_faults import NoRoomError, NotNowError, check_size
from callaudit.batch.settling import Clocks, Settling
from callaudit.batch.tasks import Fault
from callaudit.domain.analysis import CallSource
from callaudit.errors import AudioError, FetchError, StorageError
from callaudit.settings import Settings

ROOM_S = 1.0
"""After this time it is worth asking again whether there is room for a recording."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording whose bytes are known, and can be read on this machine until it is released."""

    source: CallSource
    """To be decoded; of a remote recording, with its place on this machine."""
    sha256: str | None
    """Of its bytes; None where they cannot be read, which the decoder will say better."""
    is_here: bool = True
    """Whether the bytes can be read; not where the digest of a remote recording is known from an earlier run."""

    @property
    def path(self) -> Path:
        """Where the bytes can be read."""
        return self.source.readable_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording that cannot be taken now: it is still written, or there is no room for it yet."""

    until_s: float
    """On the monotonic clock; to ask earlier is no use."""
    is_for_room: bool = False
    """Whether it is others of this run that it waits for, which will make room; not whoever writes it."""


class Intake:
    """Takes recordings; several threads may use it at once.

    Whoever takes a recording releases it, and asks again for one that is waiting: nothing here blocks until somebody
    else releases something.

    Args:
        settings: how long recordings are left to settle, how much may be fetched at once, how large one may be.
        remote: reaches stores.
        clocks: tell the time.
    """

    def __init__(self, settings: Settings, remote: Remote | None = None, clocks: Clocks | None = None) -> None:
        self._clocks = clocks or Clocks(time.monotonic, time.time)
        self._settling = Settling(settings.batch.settle_s, self._clocks)
        self._max_bytes = settings.audio.max_bytes
        self._room = _Room(settings.batch.fetch_mb << 20)
        self._remote = remote or Remote()
        self._folder: PrivateFolder | None = None
        self._held: dict[Path, _Holding] = {}
        self._lock = Lock()
        sweep()

    def __enter__(self) -> Intake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, source: CallSource) -> Taken | Waiting | Fault:
        """Get at the bytes of a recording; a remote one is fetched, which may take a while.

        Raises:
            SetupError: a package for a kind of store is missing, or fetched recordings cannot be written down.
        """
        if source.url is None:
            return self._take_local(source)
        try:
            return self._take_remote(source, source.url)
        except FetchError as error:
            return Fault("fetch", error.code, error.message, error.hint)

    def again(self, taken: Taken) -> Waiting:
        """Release a recording whose bytes were not those that were taken when they were decoded, and wait for it."""
        self._give_up(taken)
        path = taken.source.path
        try:
            state = _state(path.stat()) if taken.source.url is None else None
        except OSError:
            state = None
        return Waiting(self._settling.unsettle(path, state))

    def release(self, taken: Taken) -> None:
        """The bytes are not needed any more; may be called again."""
        self._give_up(taken)
        self._settling.forget(taken.source.path)

    def close(self) -> None:
        """Remove all that was fetched."""
        with self._lock:
            folder, self._folder = self._folder, None
            self._held.clear()
        if folder is not None:
            folder.close()

    def _take_local(self, source: CallSource) -> Taken | Waiting:
        path = source.path
        try:
            with opened(path) as file:
                before = os.fstat(file.fileno())
                until_s = self._settling.until_s(path, _state(before), before.st_mtime)
                if until_s is not None:
                    return Waiting(until_s)
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                after = path.stat()  # by name: another file may have taken its place
        except AudioError:
            return Taken(source, None)
        if _state(after) != _state(before):
            return Waiting(self._settling.unsettle(path, _state(after)))
        return Taken(source, sha256)

    def _take_remote(self, source: CallSource, url: str) -> Taken | Waiting:
        state = self._remote.state(url)
        written_s = state.modified_at.timestamp() if state.modified_at else None
        is_changed = source.listed is not None and source.listed.contradicts(state)
        until_s = self._settling.until_s(source.path, state, None if is_changed else written_s)
        if until_s is not None:
            return Waiting(until_s)
        holding = _Holding(self._room)

        def need(size_bytes: int) -> None:
            check_size(url, size_bytes, self._max_bytes)
            holding.grow_to(size_bytes)

        try:
            copied = self._remote.copy(url, state, self._new_file, need)
        except BaseException as error:
            is_alone = holding.is_alone()
            holding.release()
            if isinstance(error, NoRoomError) or (_is_full(error) and not is_alone):
                return Waiting(self._clocks.monotonic() + ROOM_S, is_for_room=True)
            if isinstance(error, NotNowError):
                return Waiting(self._settling.unsettle(source.path, None))
            raise
        with self._lock:
            self._held[copied.path] = holding
        return Taken(replace(source, local=copied.path, listed=state), copied.sha256)

    def _new_file(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = PrivateFolder()
            return self._folder.new_file()

    def _give_up(self, taken: Taken) -> None:
        if taken.source.local is None:
            return
        with self._lock:
            holding = self._held.pop(taken.source.local, None)
        if holding is not None:
            taken.source.local.unlink(missing_ok=True)
            holding.release()


@dataclass(slots=True)
class _Room:
    """Bytes that fetched recordings may take on this machine together; a larger one has it all to itself."""

    limit_bytes: int
    used_bytes: int = 0
    lock: Lock = field(default_factory=Lock)


class _Holding:
    """What one recording takes of the room."""

    def __init__(self, room: _Room) -> None:
        self._room = room
        self._bytes = 0

    def grow_to(self, size_bytes: int) -> None:
        """Claim room for so many bytes in all.

        Raises:
            NoRoomError: others hold too much of it.
        """
        with self._room.lock:
            more = size_bytes - self._bytes
            others_hold = self._room.used_bytes > self._bytes
            if more > 0:
                if others_hold and self._room.used_bytes + more > self._room.limit_bytes:
                    raise NoRoomError
                self._room.used_bytes += more
                self._bytes = size_bytes

    def is_alone(self) -> bool:
        """Whether nobody else holds any of it."""
        with self._room.lock:
            return self._room.used_bytes == self._bytes

    def release(self) -> None:
        """Give it back."""
        with self._room.lock:
            self._room.used_bytes -= self._bytes
            self._bytes = 0


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _is_full(error: BaseException) -> bool:
    return isinstance(error, StorageError) and error.code == "storage.full"
