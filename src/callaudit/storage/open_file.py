"""The file of an open SQLite database: it may be removed or replaced behind the back of whoever writes to it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from callaudit.errors import StorageError
from callaudit.storage.address import file_of


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file as it was when it was opened.

    SQLite goes on writing to a file that has no name any more, and all it writes is gone when it is closed.
    """

    path: Path
    device: int
    inode: int

    @classmethod
    def of(cls, url: URL) -> OpenFile | None:
        """The file of a database that was just opened; None where it is on a server, or cannot be looked at."""
        path = file_of(url)
        try:
            found = None if path is None else path.stat()
        except OSError:
            return None
        return None if path is None or found is None else cls(path, found.st_dev, found.st_ino)

    def require_in_place(self, address: str) -> None:
        """Check that the file still goes by its name; takes a few microseconds.

        Args:
            address: of the database, for the message.

        Raises:
            StorageError: it was removed or replaced.
        """
        try:
            now = os.stat(self.path)  # noqa: PTH116 half as long as Path.stat, before every write
        except FileNotFoundError:
            raise self._lost(address, "removed") from None
        except OSError:
            return  # SQLite will say what is wrong
        if (now.st_dev, now.st_ino) != (self.device, self.inode):
            raise self._lost(address, "replaced")

    def _lost(self, address: str, how: str) -> StorageError:
        return StorageError(
            f"the database {address} was {how} while it was in use: what was saved since then is not kept",
            code="storage.lost",
            hint="find out who did it; then run the same command again, which does what is not in the database",
        )
