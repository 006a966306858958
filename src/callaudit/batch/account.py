"""The account of a run: what became of each recording, counted."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from callaudit.domain.analysis import FailedCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import SkippedCall, SkipReason

QUARANTINED = "batch.quarantined"
"""Code of the failure of a call that is set aside."""

MOST_NAMED = 100
"""Failures of each code, and skipped recordings of each reason, that are kept to be named; the rest is counted. An
account takes the same memory for ten thousand bad recordings as for a hundred of each kind."""

LATEST = 3
"""Failures that somebody who watches a run is shown."""


@dataclass(frozen=True, slots=True)
class FinishedEarlier:
    """A recording that these very engines and settings judged in an earlier run."""

    path: Path
    severities: tuple[Severity, ...]
    """Of its findings."""


@dataclass(frozen=True, slots=True)
class FailedEarlier:
    """A recording that failed before these very engines and settings in an earlier run, and is not tried again."""

    failure: FailedCall


Accountable = JudgedCall | FailedCall | SkippedCall | FinishedEarlier | FailedEarlier
"""What a recording can come to."""


@dataclass(slots=True)
class RunSummary:
    """What became of a run: counted up as it goes, complete when every recording found is in one of the counts."""

    total: int = 0
    """Recordings found before the run began."""
    done: int = 0
    """Judged by this run."""
    failed: int = 0
    """Unusable, those that failed in an earlier run and were not tried again included."""
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    to_hear: int = 0
    """Of a dry run: recordings that would be decoded, heard and judged."""
    to_judge: int = 0
    """Of a dry run: recordings that would be judged over what was heard in them earlier."""
    failed_earlier: int = 0
    """Of `failed`: not tried again."""
    quarantined: int = 0
    """Of `failed`: set aside, as they took their worker down."""
    failures_by_code: Counter[str] = field(default_factory=Counter)
    """Of this run."""
    earlier_by_code: Counter[str] = field(default_factory=Counter)
    """Of an earlier run, not tried again."""
    findings: int = 0
    """Of the calls done by this run."""
    findings_by_severity: Counter[Severity] = field(default_factory=Counter)
    """The same by severity."""
    flagged: int = 0
    """Calls done by this run with at least one finding."""
    findings_earlier: int = 0
    """Of the calls finished earlier."""
    gravest: Severity | None = None
    """Of all findings, those of calls finished earlier included."""
    audio_ms: int = 0
    """Length of the calls done by this run."""
    crashes: int = 0
    """Workers that were lost and replaced."""
    failures: list[FailedCall] = field(default_factory=list)
    """The first `MOST_NAMED` of each code that failed in this run."""
    failures_earlier: list[FailedCall] = field(default_factory=list)
    """The first `MOST_NAMED` of each code that failed in an earlier run."""
    latest_failures: deque[FailedCall] = field(default_factory=lambda: deque(maxlen=LATEST))
    """The last `LATEST` that failed in this run, the latest one last."""
    copies: list[SkippedCall] = field(default_factory=list)
    """The first `MOST_NAMED` recordings with the bytes of another."""
    still_written: list[SkippedCall] = field(default_factory=list)
    """The first `MOST_NAMED` recordings that changed until the end."""

    @property
    def found(self) -> int:
        """Recordings that are accounted for."""
        return self.done + self.failed + self.skipped.total()

    @property
    def left(self) -> int:
        """Recordings that the run did not come to; below zero where it accounted for one twice."""
        return self.total - self.found - self.to_hear - self.to_judge

    @property
    def is_balanced(self) -> bool:
        """Whether every recording found is accounted for, once."""
        return self.left == 0

    def counts(self) -> dict[str, int]:
        """Recordings by what became of them, and findings, for the store."""
        skipped = {f"skipped_{reason}": number for reason, number in self.skipped.items()}
        counted = {"found": self.total, "done": self.done, "failed": self.failed, **skipped}
        return {**counted, "flagged": self.flagged, "findings": self.findings, "crashes": self.crashes}

    def plan(self, *, judge_only: bool) -> None:
        """Count work that a dry run leaves undone."""
        if judge_only:
            self.to_judge += 1
        else:
            self.to_hear += 1

    def count(self, outcome: Accountable) -> None:
        """Count what became of one recording."""
        match outcome:
            case JudgedCall():
                severities = tuple(finding.severity for finding in outcome.findings)
                self.done += 1
                self.findings += len(severities)
                self.findings_by_severity.update(severities)
                self.flagged += bool(severities)
                self.audio_ms += outcome.analysis.acoustics.duration_ms
                self._weigh(severities)
            case FinishedEarlier(severities=severities):
                self.findings_earlier += len(severities)
                self.skipped[SkipReason.FINISHED_EARLIER] += 1
                self._weigh(severities)
            case SkippedCall():
                self._skip(outcome)
            case FailedEarlier(failure=failure):
                self.failed_earlier += 1
                self._fail(failure, self.failures_earlier, self.earlier_by_code)
            case FailedCall():
                self._fail(outcome, self.failures, self.failures_by_code)
                self.latest_failures.append(outcome)

    def _weigh(self, severities: Sequence[Severity]) -> None:
        known = () if self.gravest is None else (self.gravest,)
        self.gravest = max((*known, *severities), key=lambda severity: severity.rank, default=None)

    def _skip(self, skipped: SkippedCall) -> None:
        self.skipped[skipped.reason] += 1
        named = {SkipReason.COPY: self.copies, SkipReason.STILL_WRITTEN: self.still_written}.get(skipped.reason)
        if named is not None and len(named) < MOST_NAMED:
            named.append(skipped)

    def _fail(self, failure: FailedCall, named: list[FailedCall], by_code: Counter[str]) -> None:
        self.failed += 1
        self.quarantined += failure.code == QUARANTINED
        by_code[failure.code] += 1
        if by_code[failure.code] <= MOST_NAMED:
            named.append(failure)


class Progress(Protocol):
    """Told after each recording, and now and then in between."""

    def __call__(self, summary: RunSummary) -> None:
        """Something may have changed."""
