"""A ledger that is asked and never told: for dry runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from callaudit.batch.ledger import Ledger
from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import CallOutcome, FailedCall, HeardCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts


class ReadingLedger:
    """Implements `ledger.Ledger`: passes questions on, and keeps nothing."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def save(self, outcome: CallOutcome) -> None:
        """Nothing is kept."""

    def finished(self, sha256: str, fingerprint: str, copy_at: Path | None = None) -> tuple[Severity, ...] | None:
        """As the ledger knows it."""
        return self._ledger.finished(sha256, fingerprint, copy_at)

    def path_of(self, sha256: str) -> Path | None:
        """As the ledger knows it."""
        return self._ledger.path_of(sha256)

    def failed(self, path: Path, sha256: str, fingerprint: str) -> FailedCall | None:
        """As the ledger knows it."""
        return self._ledger.failed(path, sha256, fingerprint)

    def heard(self, sha256: str, fingerprint: str) -> HeardCall | None:
        """As the ledger knows it."""
        return self._ledger.heard(sha256, fingerprint)

    def keep_heard(self, heard: HeardCall, fingerprint: str) -> None:
        """Nothing is kept."""

    def link(self, path: Path, sha256: str) -> None:
        """Nothing is noted."""

    def note_fetched(self, path: Path, state: ObjectState, sha256: str) -> None:
        """Nothing is noted."""

    def fetched_before(self, states: Mapping[Path, ObjectState]) -> Mapping[Path, str]:
        """As the ledger knows them."""
        return self._ledger.fetched_before(states)

    def open_attempts(self) -> Mapping[str, Attempts]:
        """As the ledger knows them."""
        return self._ledger.open_attempts()

    def begin_attempt(self, sha256: str) -> None:
        """Nothing is counted."""

    def end_attempt(self, sha256: str) -> None:
        """Nothing is forgotten."""

    def note_crash(self, sha256: str) -> Attempts:
        """As the ledger knows it."""
        return self._ledger.open_attempts().get(sha256, Attempts())
