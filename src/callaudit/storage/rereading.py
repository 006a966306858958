"""Recordings that were scanned, read again: which of them still are what they were."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select, union

from callaudit.domain.addresses import address_of, is_label
from callaudit.errors import CallError
from callaudit.storage.schema import copies, outcomes, runs

Sha256Of = Callable[[Path], str | None]
"""The digest of a recording as it is now; None where it is there no more.

Raises `CallError` where that cannot be found out.
"""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A recording of which nobody knows whether it still is what it was."""

    path: Path
    reason: str
    """Why; nothing that was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """What became of recordings that were looked for; each is counted once."""

    same: int = 0
    """With the bytes that were scanned."""
    changed: tuple[Path, ...] = ()
    """With other bytes."""
    gone: tuple[Path, ...] = ()
    """Not there any more: deleted, moved or archived."""
    unreadable: tuple[Unreadable, ...] = ()
    """Refused, out of reach, or on a disk that fails."""

    @property
    def looked_for(self) -> int:
        """All of them."""
        return self.same + len(self.changed) + len(self.gone) + len(self.unreadable)

    @property
    def is_blind(self) -> bool:
        """Whether there was something to look for, and nothing that could be compared."""
        return self.looked_for > 0 and not self.same and not self.changed


def known_recordings(connection: Connection, share: float) -> list[tuple[Path, str]]:
    """Files that outcomes and copies are about, with the digests they had, by path.

    Args:
        connection: in a transaction.
        share: of them that is wanted, 0 to 1; one at least unless it is 0. Chosen by digest: the same every time.
    """
    known = union(select(outcomes.c.path, outcomes.c.sha256), select(copies.c.path, copies.c.sha256)).subquery()
    query = select(known.c.path, known.c.sha256).where(known.c.sha256.is_not(None)).order_by(known.c.path)
    found = [(Path(row.path), str(row.sha256)) for row in connection.execute(query)]
    chosen = [(path, sha256) for path, sha256 in found if int(sha256[:8], 16) < share * 16**8]
    return chosen or (sorted(found, key=lambda one: one[1])[:1] if share else [])


def first_run_at(connection: Connection) -> datetime | None:
    """When the first run began; None where there was none."""
    started_at = connection.scalar(select(runs.c.started_at).order_by(runs.c.run_id).limit(1))
    return None if started_at is None else datetime.fromisoformat(started_at)


def reread(recordings: Iterable[tuple[Path, str]], sha256_of: Sha256Of, scanned_from: datetime | None) -> Rereading:
    """Read recordings again.

    Args:
        recordings: each with its digest when it was scanned.
        sha256_of: their digests now.
        scanned_from: when the first of them may have been scanned; None where nobody knows.
    """
    same, changed, gone, unreadable = 0, [], [], []
    for path, then in recordings:
        try:
            now = sha256_of(path)
        except CallError as error:
            unreadable.append(Unreadable(path, error.message.removeprefix(f"{address_of(path)}: ")))
            continue
        if now == then:
            same += 1
        elif now is not None:
            changed.append(path)
        elif (place := _bare_mount_point(path, scanned_from)) is not None:
            unreadable.append(Unreadable(path, f"{place} is empty and was so before the first scan: is it mounted?"))
        else:
            gone.append(path)
    return Rereading(same=same, changed=tuple(changed), gone=tuple(gone), unreadable=tuple(unreadable))


def _bare_mount_point(path: Path, scanned_from: datetime | None) -> Path | None:
    """The folder that a missing file, or the folders it lay in, cannot have been deleted from; None where they can.

    Deleting something changes the time of its folder. One that is empty, and unchanged since before the first scan,
    never held what was scanned: something was mounted there.
    """
    if scanned_from is None or is_label(path):
        return None
    place = next((folder for folder in path.parents if folder.is_dir()), None)
    try:
        if place is None:
            return None
        with os.scandir(place) as entries:
            if any(entries):
                return None
        changed_at = datetime.fromtimestamp(place.stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None
    return place if changed_at < scanned_from else None
