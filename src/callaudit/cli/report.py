"""`callaudit report` and `callaudit show`: what was found, for a reviewer to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.cli.console import DbOption, LangOption, SettingsOption, printable, settings_from
from callaudit.errors import InputError

if TYPE_CHECKING:
    from callaudit.storage.store import SqlStore


def report(
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("callaudit-report"),
    lang: LangOption = None,
    run: Annotated[
        str | None,
        typer.Option(help="Only what one run scanned: its number, or `last`.", show_default="everything kept"),
    ] = None,
    audio: Annotated[bool, typer.Option(help="Put the audio of each finding into the HTML report.")] = True,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Write report.html, findings.jsonl, findings.csv and findings.xlsx."""
    from callaudit import assembly

    settings = settings_from(settings_file, db=db, report__lang=lang)
    with assembly.open_store(settings, must_exist=True) as store:
        assembly.make_folder(out)
        written = assembly.write_reports(store, settings, out, run_id=_run_id(store, run), audio=audio)
    for path in written:
        typer.echo(f"wrote {printable(path)}")


def _run_id(store: SqlStore, run: str | None) -> int | None:
    """The number of a run, as the command line names it."""
    if run is None:
        return None
    number = store.last_run() if run == "last" else int(run) if run.isdecimal() else None
    if number is None:
        raise InputError(f"no run {run!r}", code="input.no_run", hint="name a run by its number, or `last`")
    return number


def show(
    call: Annotated[str, typer.Argument(help="Call id, file name, or the start of the recording's SHA-256.")],
    lang: LangOption = None,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Show one call in the terminal: hang-up, findings with their evidence, transcript."""
    from callaudit import assembly
    from callaudit.domain.analysis import JudgedCall
    from callaudit.reports.describe import describe_call
    from callaudit.reports.wording.keys import error_label, error_remedy

    settings = settings_from(settings_file, db=db, report__lang=lang)
    with assembly.open_store(settings, must_exist=True) as store:
        outcomes = tuple(store.find_calls(call))
    if not outcomes:
        raise InputError(
            f"no call {call!r} in {store.address}", code="input.no_call", hint="`callaudit report` lists the calls kept"
        )
    for outcome in outcomes:
        if isinstance(outcome, JudgedCall):
            for line in describe_call(outcome, settings.report.lang):
                typer.echo(line)
        else:
            lang = settings.report.lang
            typer.echo(f"{printable(outcome.path)}: {error_label(outcome.code, lang)} [{outcome.code}]")
            typer.echo(f"  {printable(error_remedy(outcome.code, outcome.hint, lang))}")
