"""Stores that hand nothing over: asked a few times, and not once for each of a thousand recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callaudit.batch.patience import Patience
from callaudit.domain.addresses import is_label
from callaudit.errors import FetchError

MOST_SILENCES = 3
"""Recordings in a row that a store may fail to hand over before it is asked for no more: one that hangs takes minutes
for each."""

BRIEFLY = Patience(tries=2)
"""How long a store is waited for by those who can do without a recording."""


class Silences:
    """Knows how often in a row each store failed.

    One that says that it has no such recording has answered, and so has one that hands a damaged recording over.
    """

    def __init__(self) -> None:
        self._in_a_row: Counter[tuple[str, ...]] = Counter()

    @contextmanager
    def asking(self, path: Path) -> Iterator[None]:
        """Ask for a recording within the block.

        Args:
            path: of the recording, or the label of its address.

        Raises:
            FetchError: its store failed too often; or raised in the block.
        """
        if not is_label(path):
            yield
            return
        store = path.parts[:2]  # scheme, and bucket or host
        if self._in_a_row[store] >= MOST_SILENCES:
            raise FetchError(
                "not asked for, as its store did not hand over the ones before",
                code="remote.failed",
                hint="try again when network and store are well",
            )
        is_silent = False
        try:
            yield
        except FetchError as error:
            is_silent = error.code == "remote.failed"
            raise
        finally:
            self._in_a_row[store] = self._in_a_row[store] + 1 if is_silent else 0
