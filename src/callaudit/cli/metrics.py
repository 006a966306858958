"""What a monitoring system wants to know of a run: a text file in the exposition format of Prometheus.

The textfile collector of node_exporter picks it up. Every sample is a gauge: a file tells of one run, and the next run
begins at zero.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from callaudit import __version__
from callaudit.cli.console import printable
from callaudit.domain.findings import Severity
from callaudit.domain.runs import SkipReason
from callaudit.errors import BusyError, CallauditError, ExitCode, StorageError

if TYPE_CHECKING:
    from callaudit.batch.account import RunSummary

WRITE_EVERY_S = 60.0
EVERYBODY_READS = 0o644
"""The collector is another user; the file holds nothing but counts."""

LAST_SUCCESS = "callaudit_last_success_timestamp_seconds"

SUCCESSES = (ExitCode.OK, ExitCode.SOME_CALLS_FAILED, ExitCode.FINDINGS)
"""A run that ended so came to every recording: one bad file must not look like a night without a run."""

_MOST_READ_BYTES = 64 * 1024

Labels = Mapping[str, str]
Samples = Sequence[tuple[Labels, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What there is to tell at one moment."""

    last_success_at_s: float
    """Wall clock, seconds since 1970; 0 where no run ever succeeded."""
    started_at_s: float
    finished_at_s: float
    """0 while the run is under way."""
    duration_s: float
    exit_status: int | None = None


class MetricsFile:
    """Writes the figures of one run now and then; implements `account.Progress`.

    A file that cannot be written is said once and changes nothing about the run: it is the run that matters.
    """

    def __init__(
        self,
        path: Path,
        *,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin a run.

        Args:
            path: the file; its folder must be there.
            wall: seconds since 1970, for time stamps.
            clock: monotonic seconds, for durations.
        """
        self._path = path
        self._wall = wall
        self._clock = clock
        self._begun_s = clock()
        self._started_at_s = wall()
        self._last_success_at_s = last_success_in(path)
        self._written_s: float | None = None
        self._is_broken = False

    def __call__(self, summary: RunSummary) -> None:
        """Write how far the run is, at most once a minute."""
        now_s = self._clock()
        if self._written_s is None or now_s - self._written_s >= WRITE_EVERY_S:
            self._written_s = now_s
            self._write(summary, self._state(now_s))

    def finish(self, summary: RunSummary, exit_status: int) -> None:
        """Write what the run came to."""
        finished_at_s = self._wall()
        if exit_status in SUCCESSES:
            self._last_success_at_s = finished_at_s
        self._write(summary, self._state(self._clock(), finished_at_s, exit_status))

    def _state(self, now_s: float, finished_at_s: float = 0.0, exit_status: int | None = None) -> _State:
        return _State(
            last_success_at_s=self._last_success_at_s,
            started_at_s=self._started_at_s,
            finished_at_s=finished_at_s,
            duration_s=now_s - self._begun_s,
            exit_status=exit_status,
        )

    def _write(self, summary: RunSummary, state: _State) -> None:
        from callaudit.reports.files import replacing

        try:
            with replacing(self._path, EVERYBODY_READS) as draft:
                draft.write_text(exposition(summary, state), encoding="utf-8")
            self._is_broken = False
        except StorageError as error:
            if not self._is_broken:
                with suppress(OSError):
                    typer.echo(f"warning: no metrics: {printable(error.message)}", err=True)
            self._is_broken = True


@contextmanager
def metrics_of(path: Path | None, summary: RunSummary) -> Iterator[MetricsFile | None]:
    """Have figures written to a file for as long as the block takes; nothing where no file is named.

    Who ends the block well calls `finish`. A block that is broken off before it began, as another run has the database,
    leaves the figures of that run alone.

    Args:
        path: the file.
        summary: counted up as the run goes.
    """
    if path is None:
        yield None
        return
    metrics = MetricsFile(path)
    try:
        yield metrics
    except BusyError:
        raise
    except CallauditError as error:
        metrics.finish(summary, error.exit_code)
        raise
    except BaseException as error:
        metrics.finish(summary, _status_of(error))
        raise


def _status_of(error: BaseException) -> int:
    """What the program leaves with because of this."""
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else ExitCode.BUG


def last_success_in(path: Path) -> float:
    """When a run last succeeded, by the file that an earlier one left; 0 where nobody knows."""
    try:
        with path.open("rb") as file:
            lines = file.read(_MOST_READ_BYTES).decode("utf-8", "replace").splitlines()
        (value,) = [line.split()[1] for line in lines if line.startswith(f"{LAST_SUCCESS} ")]
        return float(value) if 0 <= float(value) < inf else 0.0
    except (OSError, ValueError, IndexError):
        return 0.0


def exposition(summary: RunSummary, state: _State) -> str:
    """The figures of a run as text, the time of the last success first."""
    lines: list[str] = []
    for name, help_, samples in _metrics(summary, state):
        lines += [f"# HELP {name} {help_}", f"# TYPE {name} gauge"]
        lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _metrics(summary: RunSummary, state: _State) -> Iterator[tuple[str, str, Samples]]:
    """Name, explanation and samples of every metric."""

    def one(value: float) -> Samples:
        return [({}, value)]

    yield LAST_SUCCESS, "When a run last came to its end; 0: never.", one(state.last_success_at_s)
    yield "callaudit_run_start_timestamp_seconds", "When the run began.", one(state.started_at_s)
    yield "callaudit_run_end_timestamp_seconds", "When the run ended; 0: under way.", one(state.finished_at_s)
    yield "callaudit_run_duration_seconds", "How long the run takes or took.", one(state.duration_s)
    if state.exit_status is not None:
        yield "callaudit_run_exit_code", "What the run exited with.", one(int(state.exit_status))
    yield "callaudit_run_found_recordings", "Recordings that the run found.", one(summary.total)
    states = {"done": summary.done, "failed": summary.failed, "skipped": summary.skipped.total(), "left": summary.left}
    yield (
        "callaudit_run_recordings",
        "Recordings of the run by what became of them.",
        [({"state": name}, count) for name, count in states.items()],
    )
    yield (
        "callaudit_run_skipped_recordings",
        "Recordings that were not scanned, by reason.",
        [({"reason": reason.value}, summary.skipped[reason]) for reason in SkipReason],
    )
    yield "callaudit_run_quarantined_recordings", "Recordings set aside for crashes.", one(summary.quarantined)
    yield "callaudit_run_worker_crashes", "Workers lost and replaced.", one(summary.crashes)
    yield (
        "callaudit_run_findings",
        "Findings of the run by severity.",
        [({"severity": severity.value}, summary.findings_by_severity[severity]) for severity in Severity],
    )
    yield "callaudit_run_flagged_recordings", "Recordings of the run with a finding.", one(summary.flagged)
    yield "callaudit_run_audio_seconds", "Length of the recordings that were scanned.", one(summary.audio_ms / 1000)
    build = {"version": __version__, "python": platform.python_version()}
    yield "callaudit_build_info", "Which callaudit it was.", [(build, 1)]


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    escaped = (
        (name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for name, value in labels.items()
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"


def _number(value: float) -> str:
    """A number in full: time stamps have ten digits before the point."""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
