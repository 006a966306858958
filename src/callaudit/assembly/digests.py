"""Recordings as they are now, wherever they are kept: for checking that they still are what was scanned."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from callaudit.domain.addresses import address_of, is_label
from callaudit.domain.analysis import CallSource
from callaudit.errors import AudioError, FetchError
from callaudit.settings import Settings

TRIES = 2
"""How often a store is asked for a recording."""

MOST_SILENCES = 3
"""After so many recordings in a row that a store did not hand over it is asked for no more of them: one that hangs
takes minutes for each."""


def digests_of(settings: Settings) -> Callable[[Path], str | None]:
    """A function that gives the SHA-256 of a recording as it is now; None where it is there no more.

    It raises `AudioError` or `FetchError` where that cannot be found out, and `SetupError` where a package or room for
    fetching is missing.
    """
    silences: Counter[tuple[str, ...]] = Counter()

    def digest(path: Path) -> str | None:
        if not is_label(path):
            return _digest(CallSource(path=path), settings)
        store = path.parts[:2]  # scheme, and bucket or host
        if silences[store] >= MOST_SILENCES:
            raise FetchError(
                "not asked for, as its store did not hand over the ones before",
                code="remote.failed",
                hint="verify again when network and store are well",
            )
        try:
            found = _digest(CallSource(path=path, url=address_of(path)), settings)
        except FetchError as error:
            silences[store] = silences[store] + 1 if error.code == "remote.failed" else 0
            raise
        silences[store] = 0
        return found

    return digest


def _digest(source: CallSource, settings: Settings) -> str | None:
    """The SHA-256 of a recording; None where it is not there."""
    from callaudit.audio.files import opened
    from callaudit.batch.patience import Patience
    from callaudit.batch.remote import fetched

    try:
        with (
            fetched(source, settings.audio.max_bytes, Patience(tries=TRIES)) as here,
            opened(here.readable_at) as file,
        ):
            return hashlib.file_digest(file, "sha256").hexdigest()
    except AudioError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return None
        raise
    except FetchError as error:
        if error.code == "remote.missing":
            return None
        raise
