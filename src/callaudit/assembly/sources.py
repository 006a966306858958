"""Recordings to scan, each with its call record and channel map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit.domain.addresses import address_of, is_label
from callaudit.domain.analysis import CallSource, FailedCall
from callaudit.domain.calls import Party
from callaudit.domain.runs import SkippedCall, SkipReason
from callaudit.errors import CallRecordError, FetchError
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.batch.discovery import Found
    from callaudit.calls.formats.names import CallsFormat
    from callaudit.calls.lookup import CallRecords


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan will cover, and what it leaves aside."""

    sources: tuple[CallSource | FailedCall, ...]
    """Recordings to scan; a call with several call records is here as the failure it is."""
    skipped: tuple[SkippedCall, ...]
    """Recordings that are left out as they are older than asked for."""
    passed_by: tuple[Path, ...]
    """Files of the folders that are no recordings, and what is hidden there."""
    remarks: tuple[str, ...]
    """What to know about the call records: how many were used, which were not, what is told twice."""


def find_sources(
    names: Iterable[str],
    settings: Settings,
    calls: Path | None,
    calls_format: CallsFormat | None = None,
    since: datetime | None = None,
) -> Plan:
    """The recordings under some names, each with its call record and folder's channel map.

    Args:
        names: recordings, folders, globs, and addresses such as `s3://bucket/prefix`.
        settings: the folders' channel maps.
        calls: file or folder of call records.
        calls_format: how they are written; found out from their contents by default.
        since: recordings last written before are left out; those of which nobody knows the time are not.

    Raises:
        InputError: a name matches nothing, a store refuses, or the call records cannot be read.
        DependencyError: a package for an address is missing.
    """
    from callaudit.audio.probe import identify
    from callaudit.batch.discovery import discover
    from callaudit.calls.records import read_call_records
    from callaudit.calls.remarks import remarks_on

    records = read_call_records(calls, calls_format=calls_format) if calls else None
    discovered = discover(names, lambda file: identify(file) is not None)

    older = {found.path for found in discovered.recordings if since and _is_older(found, since)}
    wanted = (found for found in discovered.recordings if found.path not in older)
    return Plan(
        sources=tuple(_source_of(found, records, settings) for found in wanted),
        skipped=tuple(SkippedCall(path=path, reason=SkipReason.OLDER) for path in sorted(older)),
        passed_by=discovered.passed_by,
        remarks=remarks_on(records, [found.path for found in discovered.recordings]) if records else (),
    )


def _is_older(found: Found, since: datetime) -> bool:
    """Whether a recording is known to have been written last before a moment."""
    written_at = found.modified_at()
    return written_at is not None and written_at < since


def _source_of(found: Found, records: CallRecords | None, settings: Settings) -> CallSource | FailedCall:
    """A recording with its call record; a call with several is the failure it is."""
    path = found.path
    try:
        record = records.for_recording(path) if records else None
    except CallRecordError as error:
        return FailedCall(
            path=path, call_id=path.stem, code=error.code, message=error.message, hint=error.hint, stage="call_record"
        )
    parties = _folder_parties(path, settings)
    return CallSource(path=path, record=record, folder_parties=parties, url=found.url, listed=found.listed)


def gone_among(paths: Iterable[Path]) -> set[Path]:
    """Those of some recordings that are not there any more, be they files or remote.

    Where a store does not answer its recordings are held to be there: whoever scans them is told what is wrong.

    Raises:
        SetupError: a package for an address is missing, or the address is of no form that is known.
    """
    from callaudit.batch.remote import Remote
    from callaudit.batch.silence import BRIEFLY, Silences

    remote, silences = Remote(BRIEFLY), Silences()

    def is_gone(path: Path) -> bool:
        if not is_label(path):
            return not path.exists()
        try:
            with silences.asking(path):
                return not remote.ask(address_of(path), lambda store, name, _: bool(store.info(name)))
        except FetchError as error:
            return error.code == "remote.missing"

    return {path for path in paths if is_gone(path)}


def _folder_parties(path: Path, settings: Settings) -> tuple[Party, ...] | None:
    """Channel map of the nearest folder above a recording that has one."""
    at = _resolved(path)
    above = [folder for folder in settings.audio.folders if at.is_relative_to(_resolved(folder.path))]
    nearest = max(above, key=lambda folder: len(_resolved(folder.path).parts), default=None)
    return nearest.channel_map if nearest else None


def _resolved(path: Path) -> Path:
    """A path without links and detours; an address, of which a path makes its label, has none."""
    return path if is_label(path) else path.resolve()
