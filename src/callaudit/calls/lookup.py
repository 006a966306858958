"""Call records by recording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from callaudit.calls.fields import path_parts
from callaudit.domain.calls import CallRecord
from callaudit.domain.names import printable
from callaudit.errors import CallRecordError

SHORTEST_ID_CHARS = 8
"""A shorter id stands in too many file names by chance: it must be the whole name."""

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its place in the file."""

    record: CallRecord
    line: int
    """Number of its (first) line; where `unit` says so, of the record within the file."""
    unit: str = "line"
    ids: tuple[str, ...] = ()
    """The system's own ids by which the recording's file may be named, the most particular first."""
    notes: tuple[str, ...] = ()
    """What was read with reservations, without words of a call."""
    source: Path | None = None
    """The file, where there are several."""

    @property
    def name(self) -> str:
        """What the record is called to its user: the recording it names, or else its id."""
        return self.record.recording or next(iter(self.ids), "") or self.record.call_id or self.place

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.source.name + ', ' if self.source else ''}{self.unit} {self.line}"


class CallRecords:
    """All records of a file, found by the recording they belong to.

    Attributes:
        source: the file, or the folder of files.
        entries: its records, in order.
        unknown_columns: columns that were read past, in order of name.
        passed_by: files of the folder that are no text.
    """

    def __init__(
        self,
        source: Path,
        entries: Iterable[Entry],
        unknown_columns: Iterable[str] = (),
        passed_by: Iterable[str] = (),
    ) -> None:
        self.source = source
        self.passed_by = tuple(passed_by)
        self.entries = tuple(entries)
        self.unknown_columns = tuple(sorted(unknown_columns))
        self._by_name: dict[str, list[Entry]] = {}
        self._by_id: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        """Rank of the id and number of its entry."""
        for number, entry in enumerate(self.entries):
            if entry.record.recording:
                self._by_name.setdefault(path_parts(entry.record.recording)[-1], []).append(entry)
            for rank, name in enumerate(entry.ids):
                self._by_id.setdefault(_words(name), []).append((rank, number))

    def __len__(self) -> int:
        return len(self.entries)

    def entries_for(self, path: Path) -> tuple[Entry, ...]:
        """The records of a recording, in order; more than one where several fit equally well.

        A record belongs to the recordings whose path ends with what it says: `one.wav`, `monday/one.wav`. Absolute
        paths may be those of another machine: for them the longest common ending decides, the file name at least.
        Where no record names the recording, one does whose system's id is, or stands in, the file name.
        """
        parts = path.absolute().parts
        fits = [(_fit(entry.record.recording, parts), entry) for entry in self._by_name.get(parts[-1], [])]
        best = max((fit for fit, _ in fits), default=0)
        return tuple(entry for fit, entry in fits if fit == best) if best else self._entries_by_id(path)

    def for_recording(self, path: Path) -> CallRecord | None:
        """The record of a recording; None where the file has none.

        Raises:
            CallRecordError: several different ones fit equally well.
        """
        chosen = self.entries_for(path)
        if not chosen:
            return None
        if any(entry.record != chosen[0].record for entry in chosen):
            raise CallRecordError(
                f"{printable(path.name)}: described by several call records ({self.source}, {places(chosen)})",
                code="calls.duplicate",
                hint="leave one record for each recording, or tell them apart by their folders",
            )
        record = chosen[0].record
        return record if record.recording else replace(record, recording=path.name)

    def _entries_by_id(self, path: Path) -> tuple[Entry, ...]:
        """The records that have an id in the file's name; of several ids, the most particular decide."""
        whole = _words(path.stem)
        ranks: dict[int, int] = {}
        for words in {whole, *_runs(whole), *_runs(_words(path.name))}:
            if words == whole or sum(map(len, words)) >= SHORTEST_ID_CHARS:
                for rank, number in self._by_id.get(words, []):
                    ranks[number] = min(rank, ranks.get(number, rank))
        best = min(ranks.values(), default=0)
        return tuple(self.entries[number] for number in sorted(ranks) if ranks[number] == best)


def places(entries: Iterable[Entry]) -> str:
    """Where some records stand: `lines 2, 3`.

    >>> places([Entry(CallRecord(recording="one.wav"), 2), Entry(CallRecord(recording="one.wav"), 3)])
    'lines 2, 3'
    """
    told = tuple(entries)
    if any(entry.source for entry in told):
        return "; ".join(entry.place for entry in told)
    return f"{told[0].unit}s {', '.join(str(entry.line) for entry in told)}"


def _words(name: str) -> tuple[str, ...]:
    """The letters and digits of a name or an id; what stands between them is written in many ways."""
    return tuple(_WORDS.findall(name.lower()))


def _runs(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every run of neighbouring words."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]


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
