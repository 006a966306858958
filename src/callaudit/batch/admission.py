"""What a recording needs: nothing, a judgement over what was heard before, or everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callaudit.batch.account import QUARANTINED, FailedEarlier, FinishedEarlier
from callaudit.batch.intake import Taken
from callaudit.batch.ledger import Ledger
from callaudit.batch.tasks import Crash, CrashKind, Fault
from callaudit.domain.analysis import CallSource, FailedCall, HeardCall
from callaudit.domain.names import printable
from callaudit.domain.runs import Attempts, Duplicates, Fingerprints, SkippedCall, SkipReason, Stage
from callaudit.pipeline import call_id_of

MAX_CRASHES = 2
"""Workers a call may take down before it is set aside."""
MAX_LOSSES = 5
"""Machines of a cluster that may be lost in the midst of a call before it is held to be the cause."""
MAX_INTERRUPTIONS = 10
"""Runs that may end in the midst of a call before it is held to be the cause. Power cuts and kills are no fault of the
calls under way; a call that always takes the whole machine down would otherwise be begun every night."""


@dataclass(slots=True, eq=False)
class Work:
    """A recording on its way through the stages."""

    taken: Taken
    fingerprints: Fingerprints
    is_copy: bool = False
    """Judged apart from another recording with the same bytes."""
    is_suspect: bool = False
    """It was under way when a worker or a run ended: it goes last, and in nobody's company."""
    losses: int = 0
    """Machines of a cluster that were lost while they worked on it."""
    is_attempted: bool = False
    """The ledger counts an attempt at it that is not over."""
    heard: HeardCall | None = None

    @property
    def source(self) -> CallSource:
        """Where the recording is."""
        return self.taken.source

    @property
    def sha256(self) -> str | None:
        """Digest of the recording; None where its bytes cannot be read."""
        return self.taken.sha256

    def fault(self, fault: Fault) -> FailedCall:
        """This recording, failed."""
        return FailedCall(
            path=self.source.path,
            call_id=call_id_of(self.source),
            code=fault.code,
            message=fault.message,
            hint=fault.hint,
            stage=fault.stage,
            sha256=self.sha256,
            fingerprint=self.fingerprints.failure,
        )

    def quarantined(self, why: str, stage: str) -> FailedCall:
        """This recording, set aside."""
        message = f"{printable(self.source.path.name)}: set aside, as it {why}"
        return self.fault(Fault(stage, QUARANTINED, message, "listen to it, then try it again with callaudit retry"))


Decision = Work | SkippedCall | FinishedEarlier | FailedEarlier | FailedCall
"""What becomes of a recording; a `FailedCall` is one to be saved."""


@dataclass(slots=True, kw_only=True)
class Admission:
    """Decides what becomes of each recording as it comes in."""

    ledger: Ledger
    fingerprints: Callable[[CallSource], Fingerprints]
    duplicates: Duplicates = Duplicates.SKIP
    force: bool = False
    """Scan finished calls again, and hear them again, too."""
    retry_failed: bool = False
    """Scan again what failed earlier."""
    open_attempts: Mapping[str, Attempts] = field(default_factory=dict)
    """What earlier runs left behind."""
    _seen: dict[str, Path] = field(default_factory=dict)
    """Path of the recording that others with the same digest are copies of."""
    _set_aside: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Why and in which stage a recording of this run was set aside, by its digest."""

    def decide(self, taken: Taken) -> Decision:
        """What to do about one recording.

        Raises:
            StorageError: the ledger cannot be read.
        """
        work = Work(taken, self.fingerprints(taken.source))
        sha256 = taken.sha256
        if sha256 is None:
            return work
        if sha256 in self._set_aside:
            return work.quarantined(*self._set_aside[sha256])
        path = taken.source.path
        first = self._first_of(sha256)
        if first is not None and self.duplicates is not Duplicates.PROCESS:
            return SkippedCall(path=path, reason=SkipReason.COPY, same_as=first)
        work.is_copy = first not in (None, path)
        decision = (None if self.force else self._earlier(work, sha256)) or self._with_history(work, sha256)
        if isinstance(decision, Work | FinishedEarlier) or self.duplicates is Duplicates.PROCESS:
            self._seen.setdefault(sha256, first or path)
        return decision

    def _first_of(self, sha256: str) -> Path | None:
        """The recording that others with the same bytes are copies of; None where this one comes first.

        One of this run; where each is judged on its own, else the one that was judged in an earlier run.
        """
        first = self._seen.get(sha256)
        if first is None and self.duplicates is Duplicates.PROCESS:
            first = self.ledger.path_of(sha256)
        return first

    def forget(self, sha256: str) -> None:
        """A recording failed, or is not worked on after all: another one with the same bytes is no copy of a call."""
        self._seen.pop(sha256, None)

    def blame(self, work: Work, crash: Crash, stage: Stage) -> str | None:
        """Why a recording is set aside after it lost its worker; None where it is tried again.

        With it is set aside, untried, every other one with the same bytes. A machine of a cluster that is lost is held
        against none of its calls; their attempts count as begun, though.

        Raises:
            StorageError: the crash cannot be noted.
        """
        if crash.kind is CrashKind.NODE:
            work.losses += 1
            is_over = work.losses >= MAX_LOSSES
            why = f"was broken off {work.losses} times by no fault of its own ({crash.detail})"
        else:
            crashed = self.ledger.note_crash(work.sha256).crashed if work.sha256 else MAX_CRASHES
            is_over = crashed >= MAX_CRASHES
            why = f"took its worker down {crashed} times ({crash.detail})"
        if is_over and work.sha256:
            self._set_aside[work.sha256] = why, stage
        return why if is_over else None

    def _earlier(self, work: Work, sha256: str) -> FinishedEarlier | FailedEarlier | None:
        """What an earlier run with the same engines, settings and limits made of a recording."""
        path, prints = work.source.path, work.fingerprints
        # A call that was finished once may have failed since, by force: that failure, too, can be tried again.
        is_retried = self.retry_failed and self.ledger.failed(path, sha256, prints.failure) is not None
        severities = None if is_retried else self.ledger.finished(sha256, prints.judge, path if work.is_copy else None)
        if severities is not None:
            return FinishedEarlier(path, severities)
        failure = None if self.retry_failed else self.ledger.failed(path, sha256, prints.failure)
        if failure is not None:
            return FailedEarlier(failure)
        work.heard = self.ledger.heard(sha256, prints.transcribe)
        return None

    def _with_history(self, work: Work, sha256: str) -> Work | FailedCall:
        """A call that was under way when an earlier run ended goes last; one that always is, is set aside."""
        before = self.open_attempts.get(sha256, Attempts())
        if before.interrupted >= MAX_INTERRUPTIONS and not self.retry_failed:
            return work.quarantined(f"was under way when {before.interrupted} runs broke off", "")
        work.is_suspect = before != Attempts()
        return work
