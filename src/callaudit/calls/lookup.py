"""Call records by recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from callaudit.calls.fields import path_parts
from callaudit.domain.calls import CallRecord
from callaudit.errors import CallRecordError


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its place in the file."""

    record: CallRecord
    line: int


class CallRecords:
    """All records of a file, found by the recording they belong to.

    Attributes:
        source: the file.
        entries: its records, in order.
        unknown_columns: columns that were read past, in order of name.
    """

    def __init__(self, source: Path, entries: Iterable[Entry], unknown_columns: Iterable[str] = ()) -> None:
        self.source = source
        self.entries = tuple(entries)
        self.unknown_columns = tuple(sorted(unknown_columns))
        self._by_name: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._by_name.setdefault(path_parts(entry.record.recording)[-1], []).append(entry)

    def __len__(self) -> int:
        return len(self.entries)

    def entries_for(self, path: Path) -> tuple[Entry, ...]:
        """The records of a recording, in order; more than one where several fit equally well.

        A record belongs to the recordings whose path ends with what it says: `one.wav`, `monday/one.wav`. Absolute
        paths may be those of another machine: for them the longest common ending decides, the file name at least.
        """
        parts = path.absolute().parts
        fits = [(_fit(entry.record.recording, parts), entry) for entry in self._by_name.get(parts[-1], [])]
        best = max((fit for fit, _ in fits), default=0)
        return tuple(entry for fit, entry in fits if fit == best) if best else ()

    def for_recording(self, path: Path) -> CallRecord | None:
        """The record of a recording; None where the file has none.

        Raises:
            CallRecordError: several different ones fit equally well.
        """
        chosen = self.entries_for(path)
        if not chosen:
            return None
        if any(entry.record != chosen[0].record for entry in chosen):
            lines = ", ".join(str(entry.line) for entry in chosen)
            raise CallRecordError(
                f"{path.name}: described by several call records ({self.source}, lines {lines})",
                code="calls.duplicate",
                hint="leave one record for each recording, or tell them apart by their folders",
            )
        return chosen[0].record


def _fit(recording: str, parts: tuple[str, ...]) -> int:
    """How many parts, counted from the file name, agree; 0 where the record belongs to another recording."""
    named = path_parts(recording)
    agree = 0
    for ours, theirs in zip(reversed(parts), reversed(named), strict=False):
        if ours != theirs:
            break
        agree += 1
    is_absolute = PurePosixPath(recording).is_absolute() or bool(PureWindowsPath(recording).drive)
    return agree if agree == len(named) or is_absolute else 0
