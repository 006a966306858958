"""A ledger that lives as long as the process: for evaluations and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import CallOutcome, FailedCall, HeardCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts


@dataclass(slots=True)
class MemoryLedger:
    """Implements `ledger.Ledger` without a database; `outcomes` holds the newest outcome of each recording."""

    kept: dict[tuple[str, Path | None], CallOutcome] = field(default_factory=dict)
    heard_calls: dict[str, tuple[str, HeardCall]] = field(default_factory=dict)
    links: dict[Path, str] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    fetched: dict[Path, tuple[tuple[str, int | None], str]] = field(default_factory=dict)

    @property
    def outcomes(self) -> list[CallOutcome]:
        """Every outcome, in the order in which recordings were first accounted for."""
        return list(self.kept.values())

    def save(self, outcome: CallOutcome) -> None:
        """Keep one outcome."""
        if isinstance(outcome, FailedCall):
            path, sha256 = outcome.path, outcome.sha256
            self.kept["", path] = outcome
        else:
            path, sha256 = outcome.analysis.call.recording.path, outcome.analysis.call.recording.sha256
            self._forget_failures(path, None if outcome.is_copy else sha256)
            if not outcome.is_copy:
                self.kept.pop((sha256, path), None)  # it is no copy any more
            self.kept[sha256, path if outcome.is_copy else None] = outcome
        self.links.pop(path, None)
        if sha256 is not None:
            self.attempts.pop(sha256, None)

    def _forget_failures(self, path: Path, sha256: str | None) -> None:
        """Those of a file, and of all files with certain bytes."""
        for key, outcome in list(self.kept.items()):
            if isinstance(outcome, FailedCall) and (outcome.path == path or (sha256 and outcome.sha256 == sha256)):
                del self.kept[key]

    def finished(self, sha256: str, fingerprint: str, copy_at: Path | None = None) -> tuple[Severity, ...] | None:
        """Severities of what was found by the same engines and settings."""
        match self.kept.get((sha256, copy_at)):
            case JudgedCall() as judged if judged.fingerprint == fingerprint:
                return tuple(finding.severity for finding in judged.findings)
        return None

    def path_of(self, sha256: str) -> Path | None:
        """Where the recording of a judged call is."""
        match self.kept.get((sha256, None)):
            case JudgedCall() as judged:
                return judged.analysis.call.recording.path
        return None

    def failed(self, path: Path, sha256: str, fingerprint: str) -> FailedCall | None:
        """How a file failed before the same engines and settings."""
        match self.kept.get(("", path)):
            case FailedCall() as failed if (failed.sha256, failed.fingerprint) == (sha256, fingerprint):
                return failed
        return None

    def heard(self, sha256: str, fingerprint: str) -> HeardCall | None:
        """What was heard by the same engines."""
        known, heard = self.heard_calls.get(sha256, ("", None))
        return heard if known == fingerprint else None

    def keep_heard(self, heard: HeardCall, fingerprint: str) -> None:
        """Keep what was heard."""
        self.heard_calls[heard.recording.sha256] = fingerprint, heard

    def link(self, path: Path, sha256: str) -> None:
        """Note where a copy is; it has no outcome of its own any more."""
        if self.path_of(sha256) == path:
            return
        self.kept.pop(("", path), None)
        self.kept.pop((sha256, path), None)
        self.links[path] = sha256

    def note_fetched(self, path: Path, state: ObjectState, sha256: str) -> None:
        """Note what a store says of a remote recording."""
        self.fetched.pop(path, None)
        if state.tag is not None:
            self.fetched[path] = (state.tag, state.size_bytes), sha256

    def fetched_before(self, states: Mapping[Path, ObjectState]) -> Mapping[Path, str]:
        """Digests of those of which their store says the same again."""
        asked = {path: (self.fetched.get(path), (state.tag, state.size_bytes)) for path, state in states.items()}
        return {path: known[1] for path, (known, now) in asked.items() if known is not None and known[0] == now}

    def open_attempts(self) -> Mapping[str, Attempts]:
        """Attempts without an outcome."""
        return dict(self.attempts)

    def begin_attempt(self, sha256: str) -> None:
        """Count an attempt."""
        known = self.attempts.get(sha256, Attempts())
        self.attempts[sha256] = replace(known, begun=known.begun + 1)

    def end_attempt(self, sha256: str) -> None:
        """Forget attempts."""
        self.attempts.pop(sha256, None)

    def note_crash(self, sha256: str) -> Attempts:
        """Count a crash; of an attempt that is not known any more, as a twin was done meanwhile, that as well."""
        known = self.attempts.get(sha256, Attempts(begun=1))
        self.attempts[sha256] = replace(known, crashed=known.crashed + 1)
        return self.attempts[sha256]
