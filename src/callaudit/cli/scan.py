"""`callaudit scan`: the main job."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.calls.formats.names import CallsFormat
from callaudit.cli.console import (
    DbOption,
    JsonOption,
    ModelOption,
    SettingsOption,
    printable,
    progress_of,
    settings_from,
)
from callaudit.cli.output import prepare_output, put
from callaudit.domain.findings import Severity
from callaudit.errors import ExitCode

if TYPE_CHECKING:
    from callaudit.assembly import Plan
    from callaudit.batch.local import RunSummary
    from callaudit.pipeline import Engines
    from callaudit.settings import Settings

SYNTHETIC_WARNING = (
    "warning: this model was trained on synthetic speech alone and cannot understand people;"
    " for real calls use --model small or larger"
)


def scan(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Recordings, folders (recursive) and globs.")],
    calls: Annotated[
        Path | None, typer.Option(help="Call records: a file, or a folder of them where each call has its own.")
    ] = None,
    calls_format: Annotated[
        CallsFormat | None, typer.Option(help="System that wrote the call records.", show_default="told by contents")
    ] = None,
    model: ModelOption = None,
    channel_map: Annotated[
        str | None, typer.Option(help="Party by channel of stereo recordings.", show_default="agent,customer")
    ] = None,
    raw_format: Annotated[str | None, typer.Option(help="Codec of headerless files: vox, alaw, mulaw or gsm.")] = None,
    raw_rate_hz: Annotated[int | None, typer.Option(help="Sample rate of headerless files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Scan again what an earlier run finished.")] = False,
    fail_on: Annotated[
        Severity | None,
        typer.Option(help="Exit with 10 when a finding, also of a call finished earlier, is at least this severe."),
    ] = None,
    as_json: JsonOption = False,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Scan recordings and keep what was found in the database."""
    settings = settings_from(
        settings_file,
        db=db,
        speech__model=model,
        audio__channel_map=channel_map,
        audio__raw_format=raw_format,
        audio__raw_rate_hz=raw_rate_hz,
    )
    begun_s = time.monotonic()
    if calls_format and not calls:
        raise typer.BadParameter("--calls-format needs --calls")
    summary = scan_into(settings, paths, calls=calls, calls_format=calls_format, force=force)
    tell(summary, time.monotonic() - begun_s, as_json=as_json)
    if fail_on and summary.gravest and summary.gravest.rank >= fail_on.rank:
        raise typer.Exit(ExitCode.FINDINGS)
    if summary.failed:
        raise typer.Exit(ExitCode.SOME_CALLS_FAILED)


def scan_into(
    settings: Settings,
    paths: list[str],
    *,
    calls: Path | None = None,
    calls_format: CallsFormat | None = None,
    force: bool = False,
    remarks: bool = True,
) -> RunSummary:
    """Scan recordings into the store that the settings name, with progress on standard error."""
    from callaudit import assembly
    from callaudit.batch.local import RunSummary, run

    summary = RunSummary()
    with _interruption_told(summary):
        assembly.check_store(settings)  # what must be repaired is said before a model is loaded or fetched,
        plan = assembly.find_sources(paths, settings, calls, calls_format)
        engines = assembly.build_engines(settings)  # and a missing model stops the run before any call
        if remarks:
            _remark(plan, engines)
        with (
            assembly.open_store(settings) as store,
            assembly.recorded_run(settings, engines, store, summary),
            progress_of(len(plan.sources)) as progress,
        ):
            return run(plan.sources, assembly.make_batch(settings, engines, store, force=force), progress, summary)


@contextmanager
def _interruption_told(summary: RunSummary) -> Iterator[None]:
    """Say what is kept when a signal or Ctrl-C ends the run."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        with suppress(OSError):  # the terminal may be gone
            typer.echo(f"interrupted: {summary.found} recordings are done with and kept; scan again to go on", err=True)
        raise


def _remark(plan: Plan, engines: Engines) -> None:
    """Say what an operator should know before the scan begins."""
    for remark in plan.remarks:
        typer.echo(printable(remark), err=True)
    if plan.passed_by:
        typer.echo(f"left out of the folders, as hidden or no recordings: {len(plan.passed_by)}", err=True)
    if engines.is_synthetic_model:
        typer.echo(SYNTHETIC_WARNING, err=True)


def tell(summary: RunSummary, elapsed_s: float, *, as_json: bool) -> None:
    """Print what became of the run."""
    if as_json:
        prepare_output(as_json=True)
        put(json.dumps(_as_dict(summary, elapsed_s), ensure_ascii=False, indent=2))
        return
    for failure in summary.failures:
        named = "" if failure.path.name in failure.message else f"{failure.path}: "
        typer.echo(f"failed: {printable(named + failure.message)} [{failure.code}]", err=True)
        typer.echo(f"  what to do: {printable(failure.hint)}", err=True)
    for copy in summary.copies:
        typer.echo(f"skipped: {printable(copy.path)} has the same contents as {printable(copy.of)}", err=True)
    typer.echo(
        f"recordings: {summary.found} found, {summary.done} done, {summary.failed} failed, {summary.skipped} skipped"
    )
    if summary.skipped:
        typer.echo(
            f"skipped: {summary.finished_earlier} finished earlier, with {summary.findings_earlier} findings;"
            f" {len(summary.copies)} with the same contents as another recording of this scan"
        )
    speed = f", {summary.audio_ms / 1000 / elapsed_s:.1f} × real time" if summary.audio_ms and elapsed_s else ""
    typer.echo(
        f"findings: {summary.findings} in {summary.flagged} calls;"
        f" {summary.audio_ms / 3_600_000:.2f} hours of audio in {elapsed_s:.0f} s{speed}"
    )


def _as_dict(summary: RunSummary, elapsed_s: float) -> dict[str, object]:
    return {
        "schema": "callaudit.run/1",
        "found": summary.found,
        "done": summary.done,
        "failed": summary.failed,
        "skipped": summary.skipped,
        "finished_earlier": summary.finished_earlier,
        "copies": [{"recording": str(copy.path), "same_as": str(copy.of)} for copy in summary.copies],
        "findings": summary.findings,
        "findings_earlier": summary.findings_earlier,
        "flagged_calls": summary.flagged,
        "gravest": summary.gravest,
        "audio_ms": summary.audio_ms,
        "elapsed_ms": round(elapsed_s * 1000),
        "failures": [
            {
                "recording": str(failure.path),
                "call_id": failure.call_id,
                "code": failure.code,
                "stage": failure.stage,
                "message": failure.message,
                "hint": failure.hint,
            }
            for failure in summary.failures
        ],
    }
