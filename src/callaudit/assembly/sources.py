"""Recordings to scan, each with its call record and channel map."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit.domain.analysis import CallSource, FailedCall
from callaudit.domain.calls import Party
from callaudit.errors import AudioError, CallRecordError
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.calls import CallsFormat


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan will cover, and what it leaves aside."""

    sources: tuple[CallSource | FailedCall, ...]
    """Recordings to scan; a call with several call records is here as the failure it is."""
    passed_by: tuple[Path, ...]
    """Files of the folders that are no recordings, and what is hidden there."""
    remarks: tuple[str, ...]
    """What to know about the call records: how many were used, which were not, what is told twice."""


def find_sources(
    names: Iterable[str], settings: Settings, calls: Path | None, calls_format: CallsFormat | None = None
) -> Plan:
    """The recordings under some names, each with its call record and folder's channel map.

    Args:
        names: recordings, folders and globs.
        settings: the folders' channel maps.
        calls: file or folder of call records.
        calls_format: how they are written; found out from their contents by default.

    Raises:
        InputError: a name matches nothing, or the call records cannot be read.
    """
    from callaudit.batch.discovery import discover
    from callaudit.calls import read_call_records, remarks_on

    records = read_call_records(calls, calls_format=calls_format) if calls else None
    discovered = discover(names, _is_audio)

    def source_of(path: Path) -> CallSource | FailedCall:
        try:
            record = records.for_recording(path) if records else None
        except CallRecordError as error:
            return FailedCall(
                path=path,
                call_id=path.stem,
                code=error.code,
                message=error.message,
                hint=error.hint,
                stage="call_record",
            )
        return CallSource(path=path, record=record, folder_parties=_folder_parties(path, settings))

    sources = tuple(source_of(path) for path in discovered.recordings)
    return Plan(sources, discovered.passed_by, remarks_on(records, discovered.recordings) if records else ())


def _is_audio(path: Path) -> bool:
    """Whether the first bytes of a file are those of a recording."""
    from callaudit.audio.files import opened
    from callaudit.audio.probe import identify

    try:
        with opened(path) as file:
            return identify(file) is not None
    except AudioError:
        return False


def sha256_of(path: Path) -> str | None:
    """Digest of a file's bytes; None where it cannot be read, which the decoder will say better."""
    from callaudit.audio.files import opened

    try:
        with opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except AudioError:
        return None


def _folder_parties(path: Path, settings: Settings) -> tuple[Party, ...] | None:
    """Channel map of the nearest folder above a recording that has one."""
    resolved = path.resolve()
    above = [folder for folder in settings.audio.folders if resolved.is_relative_to(folder.path.resolve())]
    nearest = max(above, key=lambda folder: len(folder.path.resolve().parts), default=None)
    return nearest.channel_map if nearest else None
