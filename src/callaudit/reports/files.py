"""Report files appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from callaudit.errors import StorageError

PRIVATE_FILE = 0o600


@contextmanager
def replacing(path: Path, mode: int = PRIVATE_FILE) -> Iterator[Path]:
    """A file beside `path` to write to; it takes the place of `path` when the block ends well, else it is removed.

    The file is there, empty and for this user alone, as reports hold what people said on calls.

    Args:
        path: the file.
        mode: its permissions where others may read it.

    Raises:
        StorageError: the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)  # left by a killed run with the same process number
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
        draft.chmod(mode)  # whatever the umask of a job is
        yield draft
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {error.strerror}",
            code="report.unwritable",
            hint="check that the folder is there, may be written to and has room left",
        ) from error
    finally:
        with suppress(OSError):  # a file system that takes nothing has no draft
            draft.unlink(missing_ok=True)
