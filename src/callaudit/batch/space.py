"""Watches the room that is left on a disk, so that a run stops before it is full rather than because of it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from callaudit.errors import SetupError, StorageError

LOOK_EVERY_S = 5.0


class FreeSpace:
    """Says what is wrong once there is too little room in one of several folders; asks the system now and then."""

    def __init__(
        self,
        folders: tuple[Path, ...],
        min_free_bytes: int,
        *,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch some folders.

        Args:
            folders: where results and temporary files go.
            min_free_bytes: how much must be left; 0 for not watching.
            free_bytes: asks the system.
            clock: monotonic seconds.
        """
        self._folders = folders if min_free_bytes else ()
        self._min_free_bytes = min_free_bytes
        self._free_bytes = free_bytes
        self._clock = clock
        self._looked_at_s: float | None = None

    def __call__(self) -> SetupError | None:
        """What forbids to begin anything more; None while there is room."""
        now_s = self._clock()
        if self._looked_at_s is not None and now_s - self._looked_at_s < LOOK_EVERY_S:
            return None
        self._looked_at_s = now_s
        for folder in self._folders:
            try:
                free_bytes = self._free_bytes(folder)
            except OSError:
                continue  # a folder that is gone is told by whoever writes there
            if free_bytes < self._min_free_bytes:
                return StorageError(
                    f"only {free_bytes >> 20} MiB are left on the disk of {folder}",
                    code="storage.low",
                    hint="free some space, then run the same command again: it goes on where it stopped;"
                    " batch.min_free_mb says how much must be left",
                )
        return None
