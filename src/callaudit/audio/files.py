"""Recordings as files: what may be opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from callaudit.errors import AudioError

_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """A regular file open for reading; never waits for the other end of a pipe.

    Raises:
        AudioError: no regular file, or it cannot be opened or read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise _unreadable(getattr(error, "strerror", None) or "no possible file name") from error
    try:
        _check_regular(os.fstat(descriptor).st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            yield file
    except OSError as error:
        raise _unreadable(error.strerror or "cannot be read") from error
    finally:
        os.close(descriptor)


def _check_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise _unreadable("is a folder" if stat.S_ISDIR(mode) else "not a regular file")


def _unreadable(why: str) -> AudioError:
    return AudioError(
        why, code="audio.unreadable", hint="check that it is a file, that it is still there, and who may read it"
    )


def check_unchanged(before: os.stat_result, path: Path) -> None:
    """Refuse a recording that still grows: it has no identity yet.

    Args:
        before: its status before it was read.
        path: where it lies.

    Raises:
        AudioError: size, time or file are not what they were.
    """
    after = path.stat()
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise AudioError(
            "changed while it was read", code="audio.unreadable", hint="scan it again when the recorder is done with it"
        )
