"""What a run asks of the store: the account of every recording, kept through kills and power cuts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import FailedCall, HeardCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts
from callaudit.ports import OutcomeStore


class Ledger(OutcomeStore, Protocol):
    """A store that also knows what is done. Every method is one transaction; all raise `StorageError`.

    `save` ends the attempts of the outcome's recording in its own transaction.
    """

    def finished(self, sha256: str, fingerprint: str, copy_at: Path | None = None) -> tuple[Severity, ...] | None:
        """Severities of what these very engines and settings found in a recording; None where they did not judge it.

        Args:
            sha256: digest of the recording.
            fingerprint: of everything that decides its outcome (`Fingerprints.judge`).
            copy_at: asks for the copy at this path, judged apart from the other recordings with the same bytes.
        """

    def path_of(self, sha256: str) -> Path | None:
        """Where the recording of the call is that was judged for these bytes; None where none was."""

    def failed(self, path: Path, sha256: str, fingerprint: str) -> FailedCall | None:
        """How this file with these bytes failed before these very engines and settings; None where it did not."""

    def heard(self, sha256: str, fingerprint: str) -> HeardCall | None:
        """What was heard in a recording by these engines (`Fingerprints.transcribe`); None where nothing is kept."""

    def keep_heard(self, heard: HeardCall, fingerprint: str) -> None:
        """Keep what was heard in a recording, in place of what was kept of it before."""

    def link(self, path: Path, sha256: str) -> None:
        """Note that the file at `path` has the very bytes of a recording."""

    def note_fetched(self, path: Path, state: ObjectState, sha256: str) -> None:
        """Note what its store says of a remote recording, and the digest of what it handed over."""

    def fetched_before(self, states: Mapping[Path, ObjectState]) -> Mapping[Path, str]:
        """Digests of remote recordings that need not be fetched to be known.

        Args:
            states: what stores say of recordings now, by path. One without a tag is not known again.
        """

    def open_attempts(self) -> Mapping[str, Attempts]:
        """Attempts without an outcome, by SHA-256: left by runs that died, and by crashes."""

    def begin_attempt(self, sha256: str) -> None:
        """Count an attempt at a recording, before it is made."""

    def end_attempt(self, sha256: str) -> None:
        """Forget the attempts at a recording that came to nothing: its bytes were no longer those."""

    def note_crash(self, sha256: str) -> Attempts:
        """Count that the attempt at a recording took its worker down; the counts since its last outcome."""
