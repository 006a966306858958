"""Folders for recordings that are on this machine for a moment only: private, and gone whatever becomes of the run."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from callaudit.errors import StorageError

_PREFIX = "callaudit-fetched-"


class PrivateFolder:
    """A folder in the temporary folder that only this user may open, gone when closed and when the process ends.

    The process holds a lock on it as long as it lives, so that a folder left by a killed run is told from one in use:
    a process id would not do, since containers share folders and not process ids.

    Raises:
        StorageError: none can be made.
    """

    def __init__(self) -> None:
        sweep()
        try:
            self.path, self._lock = _locked_folder()
        except OSError as error:
            raise _no_folder(error) from error
        self._names = iter(range(1 << 62))
        self._close = weakref.finalize(self, _remove, self.path, self._lock, os.getpid())

    def new_file(self) -> Path:
        """A name that no other file of the folder has, and that tells nothing."""
        return self.path / f"{next(self._names)}"

    def close(self) -> None:
        """Remove it with all that is in it; may be called again."""
        self._close()


def sweep() -> None:
    """Remove the folders of this user that no living process holds."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with suppress(OSError):
                _remove_unless_held(folder)


def _locked_folder() -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))  # mode 0700
        descriptor = os.open(path, os.O_RDONLY)
        # Another process may sweep it between being made and being locked: then it is not ours.
        if _lock(descriptor) and path.exists():
            return path, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Take the lock of an open folder; it lasts until the descriptor is closed, by whatever end of the process."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks: there is nothing to tell folders in use by, so none is swept
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_unless_held(folder: Path) -> None:
    status = folder.lstat()
    if os.name != "posix" or folder.is_symlink() or status.st_uid != os.getuid():
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        if _lock(descriptor):
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _remove(folder: Path, lock: int, owner: int) -> None:
    if os.getpid() == owner:  # a forked child has the object, not the folder
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _no_folder(error: OSError) -> StorageError:
    return StorageError(
        f"no folder for fetched recordings can be made in {tempfile.gettempdir()}: {error.strerror}",
        code="storage.folder",
        hint="make room there, or set TMPDIR to a folder that can be written to",
    )
