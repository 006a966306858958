"""Which recordings a scan covers: files, folders (recursive), globs and addresses of stores, each exactly once."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from callaudit.audio.files import opened
from callaudit.domain.addresses import ObjectState, is_address, named_path
from callaudit.domain.names import printable
from callaudit.errors import AudioError, InputError

RECORDING_SUFFIXES = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "wave", "mp3", "amr", "awb", "ogg", "oga", "opus", "spx", "m4a", "mp4", "3gp", "aac", "flac"),
        *("gsm", "vox", "al", "alaw", "ul", "ulaw", "pcma", "pcmu"),
    )
)
"""Names that promise a recording: in a folder, a file that breaks the promise is a failed call, not a silent skip."""

MOST_NAMED = 3
"""Names that a complaint repeats."""

_LOCAL_SCHEMES = ("file://", "local://")


@dataclass(frozen=True, slots=True)
class Found:
    """A recording to scan."""

    path: Path
    """Of a remote one, the label of its address."""
    url: str | None = None
    """Of a remote one, its address."""
    listed: ObjectState | None = None
    """Of a remote one, what the store says of it."""

    def modified_at(self) -> datetime | None:
        """When it was last written; None where nobody says."""
        if self.listed is not None:
            return self.listed.modified_at
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except (OSError, ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Discovered:
    """Recordings to scan, and what is in the folders besides: other files, hidden files and folders."""

    recordings: tuple[Found, ...]
    passed_by: tuple[Path, ...]


def discover(names: Iterable[str], is_audio: Callable[[BinaryIO], bool]) -> Discovered:
    """Find the recordings under the names given on the command line.

    A file that is named, or met by a glob, is always taken. In a folder a file is taken when its name or, failing that,
    its first bytes say that it is a recording; hidden files and folders are left alone. The same holds for addresses.

    Args:
        names: files, folders, globs and addresses such as `s3://bucket/prefix`.
        is_audio: judges a file with an unknown ending by its first bytes.

    Raises:
        InputError: a name matches nothing, nothing at all is there to scan, or a store does not answer or refuses.
        DependencyError: a package for an address is missing.
    """
    recordings: dict[Path, Found] = {}
    passed_by: dict[Path, None] = {}
    names = tuple(names)
    for name in names:
        found, others = _remote(name, is_audio) if _is_remote(name) else _local(_as_path(name), is_audio)
        for entry in found:
            recordings.setdefault(entry.path, entry)
        passed_by.update(dict.fromkeys(others))
    if not recordings:
        raise _nothing_in(names, len(passed_by))
    return Discovered(tuple(recordings.values()), tuple(path for path in passed_by if path not in recordings))


def _nothing_in(names: Sequence[str], passed_by: int) -> InputError:
    """What to say of names under which there is no recording."""
    named = [printable(name) for name in names[:MOST_NAMED]]
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    left_out = f"; left out as hidden or no recordings: {passed_by:,}" if passed_by else ""
    return InputError(
        f"no recordings found in {', '.join([*named, *more])}{left_out}",
        code="input.empty",
        hint="name files, folders or globs that hold some; a file that is named itself is always scanned",
    )


def _is_remote(name: str) -> bool:
    return is_address(name) and not name.startswith(_LOCAL_SCHEMES)


def _as_path(name: str) -> str:
    """A name of the local file system as a path: `file:///calls/one.wav` is one, too."""
    scheme = next((scheme for scheme in _LOCAL_SCHEMES if name.startswith(scheme)), "")
    return name.removeprefix(scheme)


def _remote(address: str, is_audio: Callable[[BinaryIO], bool]) -> tuple[list[Found], list[Path]]:
    """The recordings of a store, and the rest."""
    from callaudit.batch.remote import Remote
    from callaudit.batch.remote_listing import list_recordings

    scheme, _, rest = address.partition("://")
    address = f"{scheme.lower()}://{rest}"
    listing = list_recordings(Remote(), address, RECORDING_SUFFIXES, is_audio)
    return [Found(file.path, file.url, file.state) for file in listing.recordings], list(listing.passed_by)


def _local(name: str, is_audio: Callable[[BinaryIO], bool]) -> tuple[list[Found], list[Path]]:
    """The recordings of this machine, and the rest."""
    recordings: list[Found] = []
    passed_by: list[Path] = []
    for path in _expand(name):
        if not path.is_dir():
            recordings.append(Found(path))
            continue
        for file in _files_below(path):
            known = file.is_dir() or file.suffix.lower() in RECORDING_SUFFIXES
            if not _is_hidden(file) and (known or _holds_audio(file, is_audio)):
                recordings.append(Found(file))
            else:
                passed_by.append(file)
    return recordings, passed_by


def _holds_audio(path: Path, is_audio: Callable[[BinaryIO], bool]) -> bool:
    try:
        with opened(path) as file:
            return is_audio(file)
    except AudioError:
        return False


def _expand(name: str) -> Iterator[Path]:
    """The paths that one name stands for; an existing path is never read as a glob."""
    if not name:
        raise InputError("one of the names is empty", code="input.missing", hint="name a file, a folder or a glob")
    path = named_path(name)
    if path.exists() or path.is_symlink():
        yield path
        return
    matches = sorted(glob.glob(name, recursive=True)) if glob.has_magic(name) else []  # noqa: PTH207 absolute globs
    if not matches:
        raise InputError(f"no such file or folder: {name}", code="input.missing", hint="check the spelling")
    yield from map(named_path, matches)


def _files_below(folder: Path) -> Iterator[Path]:
    """Files of a folder and its subfolders in order of name, links to folders not followed.

    A subfolder that cannot be read comes as itself, and so does a hidden one.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder  # it cannot be looked into: a failed row, not a silent gap
        return
    for entry in entries:
        if entry.is_dir() and not _is_hidden(entry):
            if not entry.is_symlink():
                yield from _files_below(entry)
        else:
            yield entry


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".")
