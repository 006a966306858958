"""A run: recordings in, tasks out to an executor, outcomes into the books.

Each recording ends as exactly one of done, failed or skipped. A call that fails, crashes its worker or never ends takes
no other along; what was saved stays, however the run ends.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import structlog

from callaudit.batch.account import Progress, RunSummary
from callaudit.batch.admission import Admission, Work
from callaudit.batch.arrivals import Arrivals
from callaudit.batch.books import Books
from callaudit.batch.familiar import FamiliarIntake
from callaudit.batch.gate import Gate
from callaudit.batch.groups import Grouping, Prepared
from callaudit.batch.intake import Intake
from callaudit.batch.ledger import Ledger
from callaudit.batch.tasks import (
    Crash,
    Executor,
    Fault,
    JudgeTask,
    Outcome,
    PrepareTask,
    Task,
    TranscribeTask,
)
from callaudit.domain.analysis import CallSource, FailedCall, HeardCall, JudgedCall, PreparedCall
from callaudit.domain.calls import Party
from callaudit.domain.runs import SkippedCall, SkipReason, Stage
from callaudit.domain.transcripts import Transcript
from callaudit.errors import AudioError, SetupError
from callaudit.pipeline import call_of

POLL_S = 0.5
"""How long to wait for a task before looking at stop requests and free space again."""
MAX_CHANGES = 3
"""Times a recording may turn out to be another when it is decoded than when it came in."""
IDLE_S = 0.05
"""How long to wait where nothing is under way and recordings are on their way."""
STOP_GRACE_S = 8.0
"""What tasks under way are given to end in after a stop request; a run must be over within ten seconds."""

log = structlog.get_logger("callaudit.batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a run needs besides the recordings."""

    executor: Executor
    """Started."""
    ledger: Ledger
    intake: Intake
    admission: Admission
    channel_parties: tuple[Party, ...]
    """Channel map of the settings."""
    group_size: int = 4
    """Calls transcribed together at most."""
    limit: int | None = None
    """Recordings to work on at most."""
    patience_s: float = 60.0
    """How long to wait at the end for recordings that are still being written."""
    is_dry: bool = False
    """Only find out what there is to do."""
    should_stop: Callable[[], bool] = lambda: False
    """Whether somebody asked for the end."""
    trouble: Callable[[], SetupError | None] = lambda: None
    """What forbids to begin anything more, such as a disk that is nearly full."""


@dataclass(frozen=True, slots=True, eq=False)
class _UnderWay:
    """A task that an executor is doing."""

    stage: Stage
    works: tuple[Work, ...]
    prepared: tuple[Prepared, ...] = ()
    """The same calls with their sound, where they are being transcribed."""


def run(
    sources: Sequence[CallSource | FailedCall],
    batch: Batch,
    progress: Progress = lambda summary: None,
    summary: RunSummary | None = None,
) -> RunSummary:
    """Scan every source and keep one outcome for each.

    Args:
        sources: recordings to scan; a call that failed before it began (several call records describe it) is
            kept as the failure it is.
        batch: executor, ledger and limits.
        progress: told how far the run is.
        summary: counted up as the run goes, for those who need the counts of a run that is broken off.

    Raises:
        SetupError: something that concerns the whole run, such as a database that refuses or a disk that is full.
    """
    summary = summary if summary is not None else RunSummary(total=len(sources))
    familiar = FamiliarIntake(batch.intake, sources, batch.ledger)
    arrivals = Arrivals(sources, familiar.take, patience_s=batch.patience_s)
    books = Books(batch.ledger, batch.admission, summary, progress, arrivals.again)
    try:
        gate = Gate(batch.admission, batch.intake, books, arrivals, familiar.must_fetch, batch.limit, batch.is_dry)
        _Driver(batch, arrivals, books, gate, Grouping(batch.group_size)).drive()
    finally:
        arrivals.close()
        for taken in arrivals.taken_ahead():
            batch.intake.release(taken)
        batch.intake.close()
    return summary


@dataclass(slots=True, eq=False)
class _Driver:
    """One run under way."""

    batch: Batch
    arrivals: Arrivals
    books: Books
    gate: Gate
    prepared: Grouping
    numbers: Iterator[int] = field(default_factory=count)
    under_way: dict[int, _UnderWay] = field(default_factory=dict)
    to_judge: deque[Work] = field(default_factory=deque)
    suspects: deque[Work | Prepared] = field(default_factory=deque)
    """Calls that may have taken a worker down, or a run: they go last, each alone."""
    changes: Counter[Path] = field(default_factory=Counter)

    def drive(self) -> None:
        """Until every recording is accounted for, or the end is asked for."""
        while (trouble := self.batch.trouble()) is None and not self.batch.should_stop():
            while self._begin_one() and not self.batch.should_stop():
                pass
            if self.under_way:
                self._settle_some(POLL_S)
            elif self._is_over():
                return
            else:
                self._settle_some(0.0)  # raises where no worker will ever be free again
                time.sleep(IDLE_S)  # what is left is still being written, on its way, or waits for a worker
            self.books.progress(self.books.summary)
        self._wind_up(None if trouble else STOP_GRACE_S)
        if trouble:
            raise trouble

    def _is_over(self) -> bool:
        return not (self.under_way or self.prepared or self.to_judge or self.suspects or self.arrivals.left)

    def _wind_up(self, grace_s: float | None) -> None:
        """Let what is under way end, and begin nothing more; with all the time it needs, unless `grace_s` is given."""
        deadline_s = None if grace_s is None else time.monotonic() + grace_s
        while self.under_way and (deadline_s is None or time.monotonic() < deadline_s):
            if deadline_s is None and self.batch.should_stop():
                deadline_s = time.monotonic() + STOP_GRACE_S
            self._settle_some(POLL_S)
            self.books.progress(self.books.summary)

    # What begins

    def _begin_one(self) -> bool:
        """Begin what brings a call nearest to its end; False where nobody is free, or nothing is ready."""
        room = self.batch.executor.room
        if self.to_judge and room(Stage.JUDGE):
            self._judge(self.to_judge.popleft())
            return True
        if room(Stage.TRANSCRIBE) and self.prepared.is_ready(self._coming(), self._hearers()):
            self._transcribe()
            return True
        if self.prepared.has_room() and room(Stage.PREPARE):
            arrival = self.arrivals.next(0.0 if self.under_way else POLL_S)
            if arrival is not None:
                if work := self.gate.admit(arrival):
                    self._begin(work)
                return True
        if self.prepared and room(Stage.TRANSCRIBE) and not self._doing(Stage.PREPARE):
            self._transcribe()
            return True
        return self._begin_suspect()

    def _doing(self, stage: Stage) -> int:
        """Tasks of a stage that are under way."""
        return sum(task.stage is stage for task in self.under_way.values())

    def _coming(self) -> int:
        """Calls that may still have to be transcribed, besides those that wait for it."""
        return self._doing(Stage.PREPARE) + self.arrivals.coming

    def _hearers(self) -> int:
        """Workers that transcribe, or are free to."""
        return self._doing(Stage.TRANSCRIBE) + self.batch.executor.room(Stage.TRANSCRIBE)

    def _begin(self, work: Work) -> None:
        self.books.begin(work.sha256)
        if work.is_suspect:
            self.suspects.append(work)
        else:
            self._start(work)

    def _begin_suspect(self) -> bool:
        """Begin a call that may have taken a worker down, once it can do no harm to others."""
        if not self.suspects or self.under_way or self.to_judge or self.prepared or self.arrivals.coming:
            return False
        suspect = self.suspects[0]
        is_prepared = isinstance(suspect, Prepared)
        if not self.batch.executor.room(Stage.TRANSCRIBE if is_prepared else Stage.PREPARE):
            return False
        self.suspects.popleft()
        if isinstance(suspect, Prepared):
            self._attempt(suspect.work)
            self._hear((suspect,))
        else:
            self._start(suspect)
        return True

    def _start(self, work: Work) -> None:
        """Do what a recording needs."""
        self._attempt(work)
        if work.heard is None:
            self._submit(PrepareTask(work.taken.source), _UnderWay(Stage.PREPARE, (work,)), None)
        else:
            self.batch.intake.release(work.taken)
            self.to_judge.append(work)

    def _attempt(self, work: Work) -> None:
        """Count an attempt before it is made, so that it is known however it ends."""
        if work.sha256 and not work.is_attempted:
            self.batch.ledger.begin_attempt(work.sha256)
        work.is_attempted = True

    def _transcribe(self) -> None:
        """Transcribe a group of the calls that wait."""
        free = self.batch.executor.room(Stage.TRANSCRIBE)
        self._hear(self.prepared.take(self._coming(), self._hearers(), free))

    def _hear(self, group: tuple[Prepared, ...]) -> None:
        length_ms = sum(item.call.acoustics.duration_ms for item in group)
        task = TranscribeTask(tuple(item.call for item in group))
        self._submit(task, _UnderWay(Stage.TRANSCRIBE, tuple(item.work for item in group), group), length_ms)

    def _judge(self, work: Work) -> None:
        heard = work.heard
        assert heard is not None
        recording = replace(heard.recording, path=work.source.path)
        try:
            call = call_of(work.source, recording, heard.acoustics.warnings, self.batch.channel_parties)
        except AudioError as error:
            self.books.save(work.fault(Fault(Stage.JUDGE, error.code, error.message, error.hint)))
            return
        task = JudgeTask(call, heard.acoustics, heard.transcript)
        self._submit(task, _UnderWay(Stage.JUDGE, (work,)), recording.duration_ms)

    def _submit(self, task: Task, under_way: _UnderWay, length_ms: int | None) -> None:
        number = next(self.numbers)
        self.under_way[number] = under_way
        self.batch.executor.submit(number, task, length_ms)

    # What ends

    def _settle_some(self, timeout_s: float) -> None:
        for ended in self.batch.executor.ended(timeout_s):
            self._settle(self.under_way.pop(ended.number), ended.result)

    def _settle(self, task: _UnderWay, result: Outcome | Crash) -> None:
        """Take calls one step further, by what their task came to."""
        match result:
            case Crash():
                self._crashed(task, result)
            case Fault():
                self._failed(task.works[0], result)
            case PreparedCall():
                self._was_prepared(task.works[0], result)
            case JudgedCall():
                (work,) = task.works
                self.books.save(replace(result, fingerprint=work.fingerprints.judge, is_copy=work.is_copy))
            case _:
                for item, transcript in zip(task.prepared, result, strict=True):
                    self._was_transcribed(item, transcript)

    def _failed(self, work: Work, fault: Fault) -> None:
        self.batch.intake.release(work.taken)
        self.books.save(work.fault(fault))

    def _was_prepared(self, work: Work, call: PreparedCall) -> None:
        if work.sha256 not in (None, call.call.recording.sha256):  # it was written to between the two readings
            self._changed(work)
            return
        self.batch.intake.release(work.taken)
        if work.is_suspect:
            self.suspects.appendleft(Prepared(work, call))
        else:
            self.prepared.add(Prepared(work, call))

    def _changed(self, work: Work) -> None:
        """Take a recording again that is no longer what it was; one that never rests is left to another run."""
        source = replace(work.source, local=None)
        waiting = self.batch.intake.again(work.taken)
        self.changes[source.path] += 1
        self.gate.take_back(work.sha256)
        if self.changes[source.path] < MAX_CHANGES:
            self.arrivals.again(source, waiting.until_s)
        else:
            self.books.count(SkippedCall(path=source.path, reason=SkipReason.STILL_WRITTEN))

    def _was_transcribed(self, item: Prepared, transcript: Transcript | Fault) -> None:
        work, call = item.work, item.call
        if isinstance(transcript, Fault):
            self._failed(work, transcript)
            return
        work.heard = HeardCall(recording=call.call.recording, acoustics=call.acoustics, transcript=transcript)
        self.batch.ledger.keep_heard(work.heard, work.fingerprints.transcribe)
        self.to_judge.append(work)

    def _crashed(self, task: _UnderWay, crash: Crash) -> None:
        """Try the calls of a lost worker again, each alone; set aside those that are to blame."""
        log.warning("worker_lost", stage=task.stage, kind=crash.kind, detail=crash.detail, calls=len(task.works))
        self.books.summary.crashes += 1
        for index, work in enumerate(task.works):
            if blame := self.batch.admission.blame(work, crash, task.stage):
                self.batch.intake.release(work.taken)
                self.books.save(work.quarantined(blame, task.stage))
                continue
            work.is_suspect, work.is_attempted = True, False
            self.suspects.append(task.prepared[index] if task.prepared else work)
