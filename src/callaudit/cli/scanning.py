"""One run from the command line: what is there, who works on it, who watches, and what it comes to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from callaudit.calls.formats.names import CallsFormat
from callaudit.cli.console import printable
from callaudit.cli.interrupts import StopRequest, signal_of, stop_on_signals
from callaudit.cli.metrics import MetricsFile, metrics_of
from callaudit.cli.progress import progress_of
from callaudit.cli.run_end import RunEnd, tell, tell_as_json
from callaudit.domain.findings import Severity
from callaudit.errors import SetupError, StorageError

if TYPE_CHECKING:
    from callaudit.assembly import Plan, RunOptions
    from callaudit.batch.account import Progress, RunSummary
    from callaudit.batch.driver import Batch
    from callaudit.batch.ledger import Ledger
    from callaudit.batch.tasks import Executor
    from callaudit.settings import Settings
    from callaudit.storage.store import SqlStore

SYNTHETIC_WARNING = (
    "warning: this model was trained on synthetic speech alone and cannot understand people;"
    " for real calls use --model small or larger"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a run is asked to do."""

    names: Sequence[str]
    """Recordings, folders and globs."""
    calls: Path | None = None
    """Call records."""
    calls_format: CallsFormat | None = None
    since: datetime | None = None
    """Recordings last written before are left out."""
    limit: int | None = None
    """Recordings to work on at most."""
    is_dry: bool = False
    """Only find out what there is to do."""
    retry_failed: bool = False
    """Scan again what failed earlier."""
    force: bool = False
    """Scan again what an earlier run finished, too."""
    fail_on: Severity | None = None
    """Severity from which on a finding is an alarm."""
    metrics: Path | None = None
    """File for a monitoring system."""
    has_remarks: bool = True
    """Say beforehand what an operator should know."""


def carry_out(settings: Settings, job: Job) -> RunEnd:
    """Do a job, with progress on standard error. What broke it off, or forbade it to begin, is in its end."""
    from callaudit.batch.account import RunSummary

    _leave_no_core()
    summary, begun_s, stopped_by, error = RunSummary(), time.monotonic(), None, None
    try:
        with metrics_of(None if job.is_dry else job.metrics, summary) as metrics:
            end = _done(_Run(settings, job, summary, metrics))
            if metrics:
                metrics.finish(summary, end.exit_status(job.fail_on))
            return end
    except SetupError as broken:
        error = broken
    except (KeyboardInterrupt, SystemExit) as left:  # by a signal before the first recording, or a second one
        stopped_by = signal_of(left)
        if stopped_by is None:
            raise
    elapsed_s = time.monotonic() - begun_s if summary.found else 0.0
    return RunEnd(summary=summary, elapsed_s=elapsed_s, stopped_by=stopped_by, error=error, is_dry=job.is_dry)


def _done(run: _Run) -> RunEnd:
    """Find what there is, load the engines, and go through it.

    Raises:
        SetupError: the run could not begin.
    """
    from callaudit import assembly

    settings, job = run.settings, run.job
    assembly.check_store(settings)  # what must be repaired is said before a model is loaded or fetched,
    plan = assembly.find_sources(job.names, settings, job.calls, job.calls_format, job.since)
    run.found(plan)
    executor = assembly.make_executor(settings)  # and a missing model stops the run before any call
    if job.has_remarks:
        _remark(plan, settings)
    with _opened_store(settings, job) as store, _sole(store, job):
        run.watch()
        try:
            return run.over(plan, executor, store)
        finally:
            executor.stop()


def report_end(end: RunEnd, job: Job, *, as_json: bool) -> None:
    """Tell what a run came to, and leave as that demands.

    Raises:
        SetupError: what broke it off.
        typer.Exit: with its exit code, unless all is well.
    """
    status = end.exit_status(job.fail_on)
    with suppress(OSError) if end.stopped_by else nullcontext():  # the terminal may be what went away
        if as_json:
            tell_as_json(end, status)
        else:
            tell(end)
    if end.error is not None:
        raise end.error
    if status:
        raise typer.Exit(status)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run, and what it is counted and watched with."""

    settings: Settings
    job: Job
    summary: RunSummary
    metrics: MetricsFile | None

    def found(self, plan: Plan) -> None:
        """Count what there is, and what is left aside at once."""
        self.summary.total = len(plan.sources) + len(plan.skipped)
        for skipped in plan.skipped:
            self.summary.count(skipped)

    def watch(self, progress: Progress | None = None) -> None:
        """Let those who watch know how far the run is."""
        for watcher in filter(None, (progress, self.metrics)):
            watcher(self.summary)

    def over(self, plan: Plan, executor: Executor, store: SqlStore | None) -> RunEnd:
        """What the run comes to; the first signal ends it, the second ends the program.

        Raises:
            SetupError: an engine cannot be loaded, or the store not be read.
        """
        from callaudit import assembly
        from callaudit.batch.driver import run

        stop, error = StopRequest(), None
        batch = assembly.make_batch(self.settings, executor, self._ledger(store), self._options(stop))
        begun_s = time.monotonic()
        try:
            with (
                stop_on_signals(stop),
                self._recorded(store, batch, stop),
                progress_of(self.summary.total, workers=executor.workers, stop=stop) as progress,
            ):
                run(plan.sources, batch, lambda _: self.watch(progress), self.summary)
        except SetupError as broken:
            error = broken
        return RunEnd(
            summary=self.summary,
            elapsed_s=time.monotonic() - begun_s,
            stopped_by=stop.number,
            error=error,
            is_dry=self.job.is_dry,
            is_forced=self.job.force,
        )

    def _ledger(self, store: SqlStore | None) -> Ledger:
        from callaudit.batch.memory import MemoryLedger
        from callaudit.batch.reading import ReadingLedger

        ledger = MemoryLedger() if store is None else store
        return ReadingLedger(ledger) if self.job.is_dry else ledger

    def _options(self, stop: StopRequest) -> RunOptions:
        from callaudit import assembly

        job = self.job
        return assembly.RunOptions(
            force=job.force,
            retry_failed=job.retry_failed,
            limit=job.limit,
            is_dry=job.is_dry,
            should_stop=lambda: stop.requested,
            trouble=assembly.free_space(self.settings),
        )

    def _recorded(self, store: SqlStore | None, batch: Batch, stop: StopRequest) -> AbstractContextManager[None]:
        """The entry of the run in the store; a dry one has none."""
        from callaudit import assembly

        if store is None or self.job.is_dry:
            return nullcontext()
        fingerprint = assembly.run_fingerprint(batch.admission.fingerprints)
        return assembly.recorded_run(store, fingerprint, self.summary, lambda: stop.number)


def _opened_store(settings: Settings, job: Job) -> AbstractContextManager[SqlStore | None]:
    """The store of a run; None for a dry one where there is no database yet: it makes none."""
    from callaudit import assembly

    try:
        return assembly.open_store(settings, to_read=job.is_dry)
    except StorageError as error:
        if job.is_dry and error.code == "storage.missing":
            return nullcontext()
        raise


def _sole(store: SqlStore | None, job: Job) -> AbstractContextManager[None]:
    """The right to be the only run on the store; a dry one needs none."""
    return nullcontext() if store is None or job.is_dry else store.exclusive()


def _leave_no_core() -> None:
    """Let a crash leave no picture of the memory on the disk: it holds what was said."""
    with suppress(ImportError):  # not on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _remark(plan: Plan, settings: Settings) -> None:
    """Say what an operator should know before the scan begins."""
    from callaudit import assembly

    for remark in plan.remarks:
        typer.echo(printable(remark), err=True)
    typer.echo(f"recordings found: {len(plan.sources) + len(plan.skipped):,}; loading the models", err=True)
    if plan.passed_by:
        typer.echo(f"left out of the folders, as hidden or no recordings: {len(plan.passed_by):,}", err=True)
    if assembly.is_synthetic_model(settings):
        typer.echo(SYNTHETIC_WARNING, err=True)
