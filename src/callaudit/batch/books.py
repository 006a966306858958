"""The books of a run: every outcome kept and counted, once; copies with the recording they are copies of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from callaudit.batch.account import Accountable, FailedEarlier, FinishedEarlier, Progress, RunSummary
from callaudit.batch.admission import Admission, Work
from callaudit.batch.ledger import Ledger
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.runs import Duplicates, SkippedCall, SkipReason


@dataclass(slots=True, eq=False)
class Books:
    """Keeps outcomes and counts them."""

    ledger: Ledger
    admission: Admission
    summary: RunSummary
    progress: Progress
    again: Callable[[CallSource, float], None]
    """Has a recording come in once more, from a time of the monotonic clock on."""
    _in_work: set[str] = field(default_factory=set)
    """Digests of recordings whose outcome is not known yet."""
    _twins: dict[str, list[tuple[CallSource, Accountable]]] = field(default_factory=dict)
    """Recordings with the bytes of one that is in work."""

    def begin(self, sha256: str | None) -> None:
        """Work on a recording begins: what has the same bytes waits for its outcome."""
        if sha256:
            self._in_work.add(sha256)

    def drop(self, sha256: str | None) -> None:
        """A recording is no longer what it was when it came in."""
        if sha256:
            self.ledger.end_attempt(sha256)
            self._in_work.discard(sha256)
            self.admission.forget(sha256)
            self._recall_twins(sha256)

    def save(self, outcome: JudgedCall | FailedCall) -> None:
        """Keep an outcome, then count it: what is counted is kept, whenever the run is broken off."""
        self.ledger.save(outcome)
        self.count(outcome)
        sha256 = outcome.sha256 if isinstance(outcome, FailedCall) else outcome.analysis.call.recording.sha256
        if sha256 not in self._in_work:
            return
        self._in_work.remove(sha256)
        if isinstance(outcome, JudgedCall):
            for source, skipped in self._twins.pop(sha256, []):
                self._link(source.path, sha256)
                self.count(skipped)
        else:
            self.admission.forget(sha256)
            self._recall_twins(sha256)

    def pass_by(
        self, source: CallSource, decision: SkippedCall | FinishedEarlier | FailedEarlier, sha256: str | None
    ) -> None:
        """Count a recording that is not scanned; a copy, once the recording it is a copy of is judged."""
        is_copy = isinstance(decision, SkippedCall) and decision.reason is SkipReason.COPY
        if sha256 and is_copy and sha256 in self._in_work:
            self._twins.setdefault(sha256, []).append((source, decision))
            return
        if sha256 and (is_copy or isinstance(decision, FinishedEarlier)):
            self._link(source.path, sha256)
        self.count(decision)

    def plan(self, work: Work) -> None:
        """Count work that a real run would do."""
        self.summary.plan(judge_only=work.heard is not None)
        self.progress(self.summary)

    def count(self, outcome: Accountable) -> None:
        """Count one more recording as accounted for."""
        self.summary.count(outcome)
        self.progress(self.summary)

    def _link(self, path: Path, sha256: str) -> None:
        """Note a file of a call that is judged, where copies are noted; that of the call itself the ledger knows."""
        if self.admission.duplicates is Duplicates.LINK:
            self.ledger.link(path, sha256)

    def _recall_twins(self, sha256: str) -> None:
        """Of recordings with the same bytes each is tried by itself, if the first failed: each file is a failure."""
        for source, _ in self._twins.pop(sha256, []):
            self.again(source, 0.0)
