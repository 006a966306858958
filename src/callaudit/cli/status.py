"""`callaudit status`: what a database holds, and what its last runs came to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from callaudit.cli.console import DbOption, JsonOption, SettingsOption, printable, settings_from
from callaudit.cli.output import prepare_output, put
from callaudit.domain.findings import Severity
from callaudit.domain.runs import CUT_SHORT
from callaudit.errors import StorageError

if TYPE_CHECKING:
    from callaudit.storage.status import RunFigures, StoreStatus
    from callaudit.storage.store import SqlStore

SCHEMA = "callaudit.status/1"

COUNTS = ("found", "done", "failed")
"""Counts of a run that come first, then the reasons for which recordings were skipped, then what it found."""

_LABELS = {"flagged": "calls flagged", "crashes": "workers lost"}
"""Counts of a run that do not go by their own name."""

_NOW = {
    True: "a run is going on",
    False: "no run is going on",
    None: "whether a run is going on is known only to the user who started it",
}
"""What is said of the lock that a run holds; None where it may not be looked at."""

_OPEN = {
    True: "under way",
    False: "cut short: killed, or its database could not be written any more",
    None: "under way, or cut short",
}
"""What a run without an end is."""


@dataclass(frozen=True, slots=True)
class Status:
    """A store at one moment."""

    address: str
    figures: StoreStatus
    is_running: bool | None
    """Whether a run goes on, which only its lock tells from one that was killed; None where this user may not know."""


def status(as_json: JsonOption = False, db: DbOption = None, settings_file: SettingsOption = None) -> None:
    """Say what is done, what failed and what was found, what the last runs came to, and whether one is going on."""
    from callaudit import assembly

    with assembly.open_store(settings_from(settings_file, db=db), to_read=True) as store:
        now = status_of(store)
    if as_json:
        prepare_output(as_json=True)
        put(json.dumps(as_dict(now), ensure_ascii=False, indent=2))
        return
    for line in described(now):
        typer.echo(printable(line))


def status_of(store: SqlStore) -> Status:
    """What a store is at this moment."""
    try:
        is_running = store.is_running()  # asked first: a run that ends meanwhile has its end in the figures
    except StorageError:
        return Status(store.address, store.status(), None)
    return Status(store.address, store.status(), is_running)


def described(now: Status) -> Iterator[str]:
    """A status in lines."""
    figures = now.figures
    size = "" if figures.size_bytes is None else f", {figures.size_bytes / 2**20:,.1f} MiB"
    yield f"database: {now.address}{size}"
    yield f"now: {_NOW[now.is_running]}"
    counts = [f"{figures.done:,} done", f"{figures.failed:,} failed", f"{figures.copies:,} copies of others"]
    yield f"recordings: {', '.join([*counts, f'{figures.open_attempts:,} begun and not finished'])}"
    if figures.failures:
        codes = sorted(figures.failures.items(), key=lambda item: (-item[1], item[0]))
        yield f"failed: {', '.join(f'{code} {count:,}' for code, count in codes)}"
        yield "  what to do: `callaudit show` lists them, `callaudit retry` scans them again"
    yield f"findings: {', '.join(f'{figures.findings[s]:,} {s}' for s in reversed(Severity))}"
    yield f"transcripts kept to be judged anew: {figures.heard:,}"
    if not figures.runs:
        yield "runs: none came as far as its first recording"
    for index, run in enumerate(figures.runs):
        is_running = now.is_running if index == 0 else False
        yield f"run {run.run_id}: {_run(run, is_running=is_running)}"
        if index == 0 and _was_interrupted(run, is_running=is_running):
            yield "  what to do: the same scan again goes on from there; what is done is kept"


def _run(run: RunFigures, *, is_running: bool | None) -> str:
    """A run in one line: when it was, how it ended, and what became of the recordings."""
    from callaudit.reports.units import moment

    counts = ", ".join(_counts(run))
    if run.finished_at is None:
        state = _OPEN[False if run.ended == CUT_SHORT else is_running]
        return f"{moment(run.started_at)}, {state}{counts and f'; {counts} so far'}"
    return f"{moment(run.started_at)} to {moment(run.finished_at)}{_ending(run)}: {counts}"


def _was_interrupted(run: RunFigures, *, is_running: bool | None) -> bool:
    """Whether a run is over and left something to do."""
    if run.finished_at is None:
        return is_running is False or run.ended == CUT_SHORT
    return bool(run.not_reached) or run.ended == "broken_off"


def _ending(run: RunFigures) -> str:
    """How a run ended, unless it came to its own end."""
    match run.ended:
        case "complete":
            return ""
        case None:  # noted by a version that did not say
            return ", stopped before its end" if run.not_reached else ""
        case "unbalanced":
            return ", its account does not add up"
        case "broken_off":
            return f", broken off [{run.error}]" if run.error else ", broken off"
    return f", stopped by {run.ended}"


def _counts(run: RunFigures) -> Iterator[str]:
    """What became of the recordings of a run; of the reasons to skip them, and of what was found, without zeros."""
    skipped = sorted(kind for kind in run.counts if kind.startswith("skipped_"))
    yield from (f"{run.counts[kind]:,} {kind}" for kind in COUNTS if kind in run.counts)
    for kind in skipped:
        if run.counts[kind]:
            yield f"{run.counts[kind]:,} skipped ({kind.removeprefix('skipped_').replace('_', ' ')})"
    if run.not_reached:
        yield f"{run.not_reached:,} not reached"
    for kind in sorted(set(run.counts).difference(COUNTS, skipped)):
        if run.counts[kind]:
            yield f"{run.counts[kind]:,} {_LABELS.get(kind, kind)}"


def as_dict(now: Status) -> dict[str, Any]:
    """A status as plain data, schema `callaudit.status/1`."""
    figures = now.figures
    return {
        "schema": SCHEMA,
        "database": now.address,
        "size_bytes": figures.size_bytes,
        "is_running": now.is_running,
        "done": figures.done,
        "failed": figures.failed,
        "copies": figures.copies,
        "open_attempts": figures.open_attempts,
        "failures_by_code": dict(figures.failures),
        "findings_by_severity": {severity.value: figures.findings[severity] for severity in Severity},
        "transcripts": figures.heard,
        "runs": [
            {
                "run": run.run_id,
                "started_at": run.started_at.isoformat(),
                "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
                "ended": run.ended,
                "error": run.error,
                "not_reached": run.not_reached,
                "counts": dict(run.counts),
            }
            for run in figures.runs
        ],
    }
