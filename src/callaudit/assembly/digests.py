"""Recordings as they are now, wherever they are kept: for checking that they still are what was scanned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from callaudit.domain.analysis import CallSource
from callaudit.errors import AudioError, FetchError
from callaudit.settings import Settings


def digests_of(settings: Settings) -> Callable[[Path], str | None]:
    """A function that gives the SHA-256 of a recording as it is now; None where it is there no more.

    It raises `AudioError` or `FetchError` where that cannot be found out, and `SetupError` where a package or room for
    fetching is missing.
    """
    from callaudit.batch.silence import Silences

    silences = Silences()

    def digest(path: Path) -> str | None:
        with silences.asking(path):
            return _digest(CallSource.kept_as(path), settings)

    return digest


def _digest(source: CallSource, settings: Settings) -> str | None:
    """The SHA-256 of a recording; None where it is not there."""
    from callaudit.audio.files import opened
    from callaudit.batch.remote import fetched
    from callaudit.batch.silence import BRIEFLY

    try:
        with fetched(source, settings.audio.max_bytes, BRIEFLY) as here, opened(here.readable_at) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except AudioError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return None
        raise
    except FetchError as error:
        if error.code == "remote.missing":
            return None
        raise
