"""Signs that a file of call records is not what its user takes it for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from callaudit.calls.lookup import CallRecords, places

SHOWN_NAMES = 5


def remarks_on(records: CallRecords, paths: Iterable[Path]) -> tuple[str, ...]:
    """What to know about the records of a scan: how many belong to its recordings, which do not, what is told twice.

    Args:
        records: all records of the file.
        paths: recordings of the scan.
    """
    chosen = [(path.name, records.entries_for(path)) for path in paths]
    used = {id(entry): entry for _, entries in chosen for entry in entries}
    strangers = [entry.name for entry in records.entries if id(entry) not in used]
    repeated = [f"{name} ({places(entries)})" for name, entries in chosen if len(entries) > 1]
    reservations = [f"{entry.name} ({note})" for entry in used.values() for note in entry.notes]
    counted = f"{len(used)} of {len(records)} call records belong to a recording of this scan"
    told = (
        ("call records of other recordings", strangers),
        ("recordings with several call records", repeated),
        ("call ids shared by several recordings", _shared_call_ids(records)),
        ("call records read with reservations", reservations),
        ("columns of the call records that mean nothing here", records.unknown_columns),
        ("files beside the call records that are no text", records.passed_by),
    )
    return (counted, *(f"{what}: {_some(names)}" for what, names in told if names))


def _shared_call_ids(records: CallRecords) -> list[str]:
    """Each call id that records of different recordings bear, with these recordings."""
    recordings: dict[str, dict[str, None]] = {}
    for entry in records.entries:
        if entry.record.call_id and entry.record.recording:
            recordings.setdefault(entry.record.call_id, {})[entry.record.recording] = None
    return [f"{call_id} ({_some(tuple(names))})" for call_id, names in recordings.items() if len(names) > 1]


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many there are besides.

    >>> _some("abcdefgh")
    'a, b, c, d, e and 3 more'
    """
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
