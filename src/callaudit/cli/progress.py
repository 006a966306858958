"""How far a run is: a display on a terminal, a line a minute everywhere else; both on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Protocol

import typer

from callaudit.cli.console import printable
from callaudit.cli.interrupts import StopRequest
from callaudit.cli.pace import Pace

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from callaudit.batch.account import Progress, RunSummary
    from callaudit.domain.analysis import FailedCall

PLAIN_LINE_EVERY_S = 60.0
REFRESH_EVERY_S = 0.25
STOPPING = "stopping: finishing what is under way, at most 10 s; press again to leave at once"

_DUMB = ("dumb", "unknown")
"""Terminals that cannot go back to a line they have written."""


class _Display(Protocol):
    """Shows how far a run is. What it raises when it cannot write ends the display, never the run."""

    def show(self, summary: RunSummary, pace: Pace, elapsed_s: float) -> None:
        """Show the counts as they are now; called as often as the run likes."""

    def close(self) -> None:
        """Show nothing more."""


@contextmanager
def progress_of(
    total: int,
    *,
    workers: int | None = None,
    stop: StopRequest | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Progress]:
    """Show how far a run is until the block ends.

    After a stop request it says what is going on and falls silent. Where it cannot be written to, as when the terminal
    is gone, it falls silent as well: a run does not end for want of somebody who watches.

    Args:
        total: recordings of the run.
        workers: how many work on them; None where that is not worth telling.
        stop: set when somebody asks for the end.
        clock: monotonic seconds.
    """
    display = (_Live if _is_live_terminal() else _Lines)(total, workers)
    watched = _Watched(display, stop or StopRequest(), clock)
    try:
        yield watched
    finally:
        watched.close()


def _is_live_terminal() -> bool:
    """Whether standard error goes to a terminal that can be written over."""
    stderr = sys.stderr
    return stderr is not None and stderr.isatty() and os.environ.get("TERM", "").lower() not in _DUMB


class _Watched:
    """Passes the counts of a run on to a display, as long as there is one."""

    def __init__(self, display: _Display, stop: StopRequest, clock: Callable[[], float]) -> None:
        self._display: _Display | None = display
        self._stop = stop
        self._clock = clock
        self._begun_s = clock()
        self._pace = Pace(self._begun_s)

    def __call__(self, summary: RunSummary) -> None:
        """Show the counts; implements `account.Progress`."""
        if self._display is None:
            return
        if self._stop.requested:
            self.close()
            with suppress(OSError):
                typer.echo(STOPPING, err=True)
            return
        now_s = self._clock()
        self._pace.note(now_s, summary.done + summary.failed - summary.failed_earlier)
        try:
            self._display.show(summary, self._pace, now_s - self._begun_s)
        except OSError:
            self.close()

    def close(self) -> None:
        """Show nothing more."""
        display, self._display = self._display, None
        if display is not None:
            with suppress(OSError):
                display.close()


class _Lines:
    """A line when the run begins, every minute, and when every recording is accounted for."""

    def __init__(self, total: int, workers: int | None) -> None:
        self._total = total
        self._workers = workers
        self._said_s: float | None = None
        self._is_over = False

    def show(self, summary: RunSummary, pace: Pace, elapsed_s: float) -> None:
        is_over = summary.left <= 0
        if self._is_over or (self._said_s is not None and not is_over and self._since(elapsed_s) < PLAIN_LINE_EVERY_S):
            return
        self._said_s, self._is_over = elapsed_s, is_over
        seen = summary.total - summary.left
        begun = f"[{clock_time(elapsed_s)}] {seen:,} of {self._total:,} calls"
        facts = (*_audio(summary, elapsed_s), *_counts(summary), *self._outlook(summary, pace))
        typer.echo(", ".join([begun, *facts]), err=True)

    def _since(self, elapsed_s: float) -> float:
        return elapsed_s - (self._said_s or 0.0)

    def _outlook(self, summary: RunSummary, pace: Pace) -> Iterator[str]:
        """What is said of the time to come."""
        if summary.left <= 0:
            return
        remaining_s = pace.remaining_s(summary.left)
        if remaining_s is not None:
            yield f"about {clock_time(remaining_s)} left"
        if self._workers:
            yield f"{self._workers} workers"

    def close(self) -> None:
        """Nothing stays open."""


class _Live:
    """A few lines at the foot of the terminal, written over as the run goes, and wiped when it is over."""

    def __init__(self, total: int, workers: int | None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._total = total
        self._workers = workers
        self._shown_s: float | None = None
        self._console: Console = Console(stderr=True, highlight=False)
        # Nothing refreshes in the background: whatever is due is written between two steps of the run, or not at all.
        self._live = Live(console=self._console, auto_refresh=False, transient=True, redirect_stdout=False)

    def show(self, summary: RunSummary, pace: Pace, elapsed_s: float) -> None:
        if self._shown_s is not None and summary.left > 0 and elapsed_s - self._shown_s < REFRESH_EVERY_S:
            return
        if self._shown_s is None:
            self._live.start()
        self._shown_s = elapsed_s
        self._live.update(self._drawn(summary, pace, elapsed_s), refresh=True)

    def _drawn(self, summary: RunSummary, pace: Pace, elapsed_s: float) -> RenderableType:
        """The display: how far, how fast and when, what was found, the last that failed."""
        from rich.console import Group
        from rich.constrain import Constrain
        from rich.text import Text

        def line(text: str, style: str = "") -> Text:
            return Text(text, style=style, no_wrap=True, overflow="ellipsis")

        remaining_s = pace.remaining_s(summary.left)
        outlook = "" if remaining_s is None else f", about {clock_time(remaining_s)} left"
        workers = f", {self._workers} workers" if self._workers else ""
        failures = [line(f"failed: {_named(failure)}", "red") for failure in summary.latest_failures]
        lines = Group(
            self._bar(summary),
            line(f"{clock_time(elapsed_s)} gone{outlook}{workers}"),
            *map(line, _audio(summary, elapsed_s)),
            line(", ".join(_counts(summary))),
            *failures,
        )
        # Ctrl-C is written behind the last line by the terminal itself, and must not begin a new one.
        return Constrain(lines, self._console.width - len("^C") - 1)

    def _bar(self, summary: RunSummary) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        seen, total = summary.total - summary.left, self._total
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        share = seen / total if total else 1.0
        row.add_row(ProgressBar(total=max(total, 1), completed=seen), f"{seen:,} of {total:,} calls, {share:.0%}")
        return row

    def close(self) -> None:
        self._live.stop()


def _audio(summary: RunSummary, elapsed_s: float) -> Iterator[str]:
    """How much was heard, and how fast."""
    if summary.audio_ms:
        speed = f" at {summary.audio_ms / 1000 / elapsed_s:,.1f} × real time" if elapsed_s else ""
        yield f"{summary.audio_ms / 3_600_000:,.2f} h of audio{speed}"


def _counts(summary: RunSummary) -> Iterator[str]:
    """What came of it."""
    yield f"{summary.findings:,} findings in {summary.flagged:,} calls"
    yield f"{summary.failed:,} failed"
    yield f"{summary.skipped.total():,} skipped"
    if summary.crashes:
        yield f"{summary.crashes:,} workers replaced"


def _named(failure: FailedCall) -> str:
    """A failure in a few words: its code, and the name of the recording."""
    return printable(f"{failure.code}  {failure.path.name}")


def clock_time(seconds: float) -> str:
    """A length of time in hours, minutes and seconds.

    >>> clock_time(59.6), clock_time(3725), clock_time(360_000)
    ('0:01:00', '1:02:05', '100:00:00')
    """
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"
