"""The books of a run: every outcome kept and counted, once; copies with the recording they are copies of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from callaudit.batch.account import QUARANTINED, Accountable, Progress, RunSummary
from callaudit.batch.admission import Admission, Work
from callaudit.batch.ledger import Ledger
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.runs import Duplicates, SkippedCall, SkipReason
from callaudit.pipeline import call_id_of


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
    _twins: dict[str, list[tuple[CallSource, SkippedCall]]] = field(default_factory=dict)
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
            for _, skipped in self._twins.pop(sha256, []):
                self._skip_copy(skipped, sha256)
        elif outcome.code == QUARANTINED:
            for source, _ in self._twins.pop(sha256, []):
                self.save(replace(outcome, path=source.path, call_id=call_id_of(source)))
        else:
            self.admission.forget(sha256)
            self._recall_twins(sha256)

    def skip(self, source: CallSource, skipped: SkippedCall, sha256: str | None) -> None:
        """Count a recording that is not scanned; a copy, once the recording it is a copy of is judged."""
        if sha256 and skipped.reason is SkipReason.COPY:
            if sha256 in self._in_work:
                self._twins.setdefault(sha256, []).append((source, skipped))
            else:
                self._skip_copy(skipped, sha256)
        else:
            self.count(skipped)

    def plan(self, work: Work) -> None:
        """Count work that a real run would do."""
        self.summary.plan(judge_only=work.heard is not None)
        self.progress(self.summary)

    def count(self, outcome: Accountable) -> None:
        """Count one more recording as accounted for."""
        self.summary.count(outcome)
        self.progress(self.summary)

    def _skip_copy(self, skipped: SkippedCall, sha256: str) -> None:
        if self.admission.duplicates is Duplicates.LINK:
            self.ledger.link(skipped.path, sha256)
        self.count(skipped)

    def _recall_twins(self, sha256: str) -> None:
        """Of recordings with the same bytes each is tried by itself, if the first failed: each file is a failure."""
        for source, _ in self._twins.pop(sha256, []):
            self.again(source, 0.0)
