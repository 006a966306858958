"""`callaudit scan` and `callaudit retry`: the main job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.cli.console import printable, settings_from
from callaudit.cli.grouped import takes_groups
from callaudit.cli.run_end import early_errors_told, nothing_done, tell_as_json
from callaudit.cli.scan_options import HowOptions, OutcomeOptions, Retry, WhichOptions
from callaudit.cli.scanning import Job, carry_out, report_end
from callaudit.cli.since import moment_of
from callaudit.domain.addresses import address_of, is_at_or_below, named_path
from callaudit.domain.names import read_back
from callaudit.errors import ExitCode, InputError

if TYPE_CHECKING:
    from callaudit.settings import Settings
    from callaudit.storage.store import SqlStore


@takes_groups
def scan(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Recordings, folders (recursive), globs, and addresses such as s3://…."),
    ],
    which: WhichOptions,
    how: HowOptions,
    outcome: OutcomeOptions,
) -> None:
    """Scan recordings and keep what was found in the database."""
    with early_errors_told(as_json=outcome.as_json):
        settings = _settings(how, outcome, which.duplicates)
    job = Job(
        names=paths,
        calls=how.calls,
        calls_format=how.calls_format,
        since=None if which.since is None else moment_of(which.since, datetime.now(UTC)),
        limit=which.limit,
        is_dry=which.dry_run,
        retry_failed=which.retry is Retry.FAILED,
        force=which.force,
        fail_on=outcome.fail_on,
        metrics=settings.batch.metrics,
    )
    _do(settings, job, as_json=outcome.as_json)


@takes_groups
def retry(
    how: HowOptions,
    outcome: OutcomeOptions,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]", help="Failed recordings, and folders that hold some.", show_default="all that failed"
        ),
    ] = None,
) -> None:
    """Scan the recordings again that failed when they were last scanned; give the options of that scan again."""
    with early_errors_told(as_json=outcome.as_json):
        settings = _settings(how, outcome)
        names = failed_recordings(settings, paths or [])
    if not names:
        typer.echo("nothing to try again: no recording that is still there has failed", err=True)
        if outcome.as_json:
            tell_as_json(nothing_done(), ExitCode.OK)
        return
    job = Job(
        names=names,
        calls=how.calls,
        calls_format=how.calls_format,
        retry_failed=True,
        fail_on=outcome.fail_on,
        metrics=settings.batch.metrics,
    )
    _do(settings, job, as_json=outcome.as_json)


def _settings(how: HowOptions, outcome: OutcomeOptions, duplicates: str | None = None) -> Settings:
    """Settings of a run, with the options that set one."""
    settings = settings_from(
        outcome.settings_file,
        db=outcome.db,
        speech__model=how.model,
        audio__channel_map=how.channel_map,
        audio__raw_format=how.raw_format,
        audio__raw_rate_hz=how.raw_rate_hz,
        batch__duplicates=duplicates,
        batch__workers=how.workers,
        batch__executor=how.executor,
        batch__ray_address=how.ray_address,
        batch__metrics=outcome.metrics,
    )
    if how.ray_address and settings.batch.executor != "ray":
        raise typer.BadParameter("--ray-address needs --executor ray")
    return settings


def _do(settings: Settings, job: Job, *, as_json: bool) -> None:
    """Carry a job out and report on it."""
    if job.calls_format and not job.calls:
        raise typer.BadParameter("--calls-format needs --calls")
    report_end(carry_out(settings, job), job, as_json=as_json)


def failed_recordings(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """Recordings whose last outcome is a failure and that are still there: all, or those that are wanted.

    Raises:
        InputError: one of the names fits no failure.
    """
    from callaudit import assembly

    with assembly.open_store(settings, to_read=True) as store:
        failed = list(dict.fromkeys(kept.path for kept in store.calls() if kept.code is not None))
        if wanted:
            failed = _among(failed, wanted, store)
    gone = assembly.gone_among(failed)
    if gone:
        typer.echo(f"failed and gone since: {len(gone)}, such as {printable(min(gone))}", err=True)
    return [address_of(path) for path in failed if path not in gone]


def _among(failed: Sequence[Path], wanted: Sequence[str], store: SqlStore) -> list[Path]:
    """The failures that are named, or lie below a folder that is."""
    chosen: set[Path] = set()
    for name in wanted:
        below = _below(failed, name) or _below(failed, read_back(name))
        if not below:
            raise InputError(
                f"no failed recording {printable(named_path(name))} in {store.address}",
                code="input.no_failure",
                hint="`callaudit show` lists the calls kept, those that failed with a code in brackets",
            )
        chosen |= below
    return [path for path in failed if path in chosen]


def _below(paths: Sequence[Path], name: str) -> set[Path]:
    """Those of some paths that are named, or lie below a folder that is."""
    return {path for path in paths if is_at_or_below(path, [named_path(name)])}
