"""Which recordings a scan covers: files, folders (recursive) and globs, each exactly once."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callaudit.errors import InputError

RECORDING_SUFFIXES = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "wave", "mp3", "amr", "awb", "ogg", "oga", "opus", "spx", "m4a", "mp4", "3gp", "aac", "flac"),
        *("gsm", "vox", "al", "alaw", "ul", "ulaw", "pcma", "pcmu"),
    )
)
"""Names that promise a recording: in a folder, a file that breaks the promise is a failed call, not a silent skip."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """Files to scan, and what is in the folders besides: files that are no recordings, hidden files and folders."""

    recordings: tuple[Path, ...]
    passed_by: tuple[Path, ...]


def discover(names: Iterable[str], is_audio: Callable[[Path], bool]) -> Discovered:
    """Find the recordings under the names given on the command line.

    A file that is named, or met by a glob, is always taken. In a folder a file is taken when its name or, failing that,
    its first bytes say that it is a recording; hidden files and folders are left alone.

    Args:
        names: files, folders and globs.
        is_audio: judges a file with an unknown ending by its first bytes.

    Raises:
        InputError: a name matches nothing, or nothing at all is there to scan.
    """
    recordings: dict[Path, None] = {}
    passed_by: dict[Path, None] = {}
    for name in names:
        for path in _expand(name):
            if not path.is_dir():
                recordings[path] = None
                continue
            for file in _files_below(path):
                known = file.is_dir() or file.suffix.lower() in RECORDING_SUFFIXES
                taken = not _is_hidden(file) and (known or is_audio(file))
                (recordings if taken else passed_by)[file] = None
    if not recordings:
        raise InputError("no recordings found", code="input.empty", hint="name files, folders or globs that hold some")
    return Discovered(tuple(recordings), tuple(path for path in passed_by if path not in recordings))


def _expand(name: str) -> Iterator[Path]:
    """The paths that one name stands for; an existing path is never read as a glob."""
    if not name:
        raise InputError("one of the names is empty", code="input.missing", hint="name a file, a folder or a glob")
    path = Path(name).absolute()
    if path.exists() or path.is_symlink():
        yield path
        return
    matches = sorted(glob.glob(name, recursive=True)) if glob.has_magic(name) else []  # noqa: PTH207 absolute globs
    if not matches:
        raise InputError(f"no such file or folder: {name}", code="input.missing", hint="check the spelling")
    yield from (Path(match).absolute() for match in matches)


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
