"""`callaudit report` and `callaudit show`: what was found, for a reviewer to read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.cli.console import DbOption, LangOption, SettingsOption, printable, settings_from
from callaudit.domain.addresses import is_address, is_at_or_below, named_path
from callaudit.domain.names import read_back
from callaudit.errors import InputError

if TYPE_CHECKING:
    from callaudit.assembly import WrittenReports
    from callaudit.domain.analysis import CallOutcome
    from callaudit.reports.wording import Lang
    from callaudit.storage.store import SqlStore


MOST_LISTED = 20
"""Recordings that a complaint names."""


def report(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]", help="Only recordings that are named, or lie in these folders.", show_default="all"
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("callaudit-report"),
    lang: LangOption = None,
    run: Annotated[
        str | None,
        typer.Option(
            help="Only what one run scanned: its number, or `last` for the last one that scanned any.",
            show_default="everything kept",
        ),
    ] = None,
    audio: Annotated[bool, typer.Option(help="Put the audio of each finding into the HTML report.")] = True,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write report.html, findings.jsonl, findings.csv and findings.xlsx."""
    from callaudit import assembly

    settings = settings_from(settings_file, db=db, report__lang=lang)
    with assembly.open_store(settings, to_read=True) as store:
        run_id, below = _run_id(store, run), _kept_below(store, paths or [])
        assembly.make_folder(out)
        written = assembly.write_reports(partial(store.outcomes, run_id, below), settings, out, audio=audio)
    tell_written(written)


def tell_written(written: WrittenReports) -> None:
    """Name the files of a report, and say where audio is missing."""
    for path in written.paths:
        typer.echo(f"wrote {printable(path)}")
    if silent := written.without_audio:
        typer.echo(
            f"flagged calls without audio: {len(silent)}, such as {printable(silent[0])};"
            " their recordings are gone or have changed since the scan",
            err=True,
        )


def _run_id(store: SqlStore, run: str | None) -> int | None:
    """The number of a run, as the command line names it."""
    if run is None:
        return None
    runs = store.runs()
    named = {str(number): number for number in runs}
    if runs:
        named["last"] = store.last_run() or runs[-1]
    if run not in named:
        raise InputError(
            f"no run '{run}' in {store.address}", code="input.no_run", hint="name a run by its number, or `last`"
        )
    return named[run]


def _kept_below(store: SqlStore, names: Sequence[str]) -> list[Path]:
    """The recordings and folders that are named, each as the store knows it.

    Raises:
        InputError: under one of them nothing is kept.
    """
    kept = [call.path for call in store.calls()] if names else []
    chosen = []
    for name in names:
        meant = (named_path(name), named_path(read_back(name)))
        there = next((path for path in meant if any(is_at_or_below(one, [path]) for one in kept)), None)
        if there is None:
            raise InputError(
                f"no recording of {printable(meant[0])} is kept in {store.address}",
                code="input.no_call",
                hint="`callaudit show` lists the calls kept; a copy is kept under the name of what it is a copy of",
            )
        chosen.append(there)
    return chosen


def show(
    call: Annotated[
        str | None,
        typer.Argument(
            help="Call id, path, file name with or without its ending, or the first digits (six or more) of the"
            " recording's SHA-256.",
            show_default="list the calls kept",
        ),
    ] = None,
    lang: LangOption = None,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Show one call in the terminal: hang-up, findings with their evidence, transcript; or list the calls kept."""
    from callaudit import assembly

    settings = settings_from(settings_file, db=db, report__lang=lang)
    with assembly.open_store(settings, to_read=True) as store:
        if call is None:
            for kept in store.calls():
                came_to = f"{kept.score:5.1f}" if kept.code is None else f"[{kept.code}]"
                names = " = ".join(map(printable, (kept.path, *kept.copies)))
                typer.echo(printable(f"{came_to}  {kept.call_id}  {names}"))
            return
        for outcome in _the_call(store, call):
            _describe(outcome, store.copies_of(outcome), settings.report.lang)


def _the_call(store: SqlStore, call: str) -> tuple[CallOutcome, ...]:
    """The outcomes of the one recording that `call` names: judged, failed, or first one and then the other."""
    outcomes = _kept_under(store, call) or _kept_under(store, read_back(call))
    paths = {_path_of(outcome) for outcome in outcomes}
    if not paths:
        raise InputError(
            f"no call '{call}' in {store.address}",
            code="input.no_call",
            hint="`callaudit show` without a name lists the calls kept",
        )
    if len(paths) > 1:
        more = [f"and {len(paths) - MOST_LISTED} more"] if len(paths) > MOST_LISTED else []
        raise InputError(
            f"{len(paths)} recordings fit '{call}'",
            code="input.several_calls",
            hint="name one by its path: " + ", ".join([*map(printable, sorted(paths)[:MOST_LISTED]), *more]),
        )
    return outcomes


def _kept_under(store: SqlStore, name: str) -> tuple[CallOutcome, ...]:
    return (() if is_address(name) else store.find_calls(name)) or store.find_calls(str(named_path(name)))


def _path_of(outcome: CallOutcome) -> Path:
    from callaudit.domain.analysis import FailedCall

    return outcome.path if isinstance(outcome, FailedCall) else outcome.analysis.call.recording.path


def _describe(outcome: CallOutcome, copies: tuple[Path, ...], lang: Lang) -> None:
    from callaudit.domain.analysis import FailedCall
    from callaudit.reports.describe import describe_call, describe_copies
    from callaudit.reports.wording.keys import error_label, error_remedy

    if isinstance(outcome, FailedCall):
        typer.echo(f"{printable(outcome.path)}: {error_label(outcome.code, lang)} [{outcome.code}]")
        typer.echo(f"  {printable(error_remedy(outcome.code, outcome.hint, lang))}")
        for line in describe_copies(copies, lang):
            typer.echo(line)
        return
    for line in describe_call(outcome, lang, copies):
        typer.echo(line)
