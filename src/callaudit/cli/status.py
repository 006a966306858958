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
from callaudit.errors import StorageError

if TYPE_CHECKING:
    from callaudit.storage.status import RunFigures, StoreStatus
    from callaudit.storage.store import SqlStore

SCHEMA = "callaudit.status/1"

COUNTS = ("found", "done", "failed")
"""Counts of a run that come first; those after them by name."""


_NOW = {
    True: "a run is going on",
    False: "no run is going on",
    None: "whether a run is going on is known only to the user who started it",
}
"""What is said of the lock that a run holds; None where it may not be looked at."""


_OPEN = {True: "under way", False: "killed", None: "not over, or killed"}
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
    for index, run in enumerate(figures.runs):
        yield f"run {run.run_id}: {_run(run, is_running=now.is_running if index == 0 else False)}"


def _run(run: RunFigures, *, is_running: bool | None) -> str:
    from callaudit.reports.units import moment

    begun = moment(run.started_at)
    if run.finished_at is None:
        return f"{begun}, {_OPEN[is_running]}"
    kinds = sorted(run.counts, key=lambda kind: (COUNTS.index(kind) if kind in COUNTS else len(COUNTS), kind))
    counts = [f"{run.counts[kind]:,} {kind.replace('_', ' ')}" for kind in kinds if run.counts[kind]]
    return f"{begun} to {moment(run.finished_at)}: {', '.join(counts)}"


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
                "counts": dict(run.counts),
            }
            for run in figures.runs
        ],
    }
