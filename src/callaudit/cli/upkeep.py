"""`callaudit verify` and `callaudit backup`: looking after a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.cli.console import DbOption, SettingsOption, printable, settings_from
from callaudit.domain.addresses import address_of
from callaudit.errors import ExitCode

if TYPE_CHECKING:
    from callaudit.storage.upkeep import StoreReport

MOST_LISTED = 50
"""Problems, and recordings of each kind, that are listed; the rest is counted."""

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%?")


def verify(
    sample: Annotated[
        str, typer.Option(metavar="PERCENT", help="Share of the recordings to read again, such as 5%; 0% reads none.")
    ] = "100%",
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Check that the database is whole and the recordings are still what was scanned."""
    from callaudit import assembly

    share = share_of(sample)
    settings = settings_from(settings_file, db=db)
    with assembly.open_store(settings, to_read=True) as store:
        report = store.verify(assembly.digests_of(settings), share)
    for line in described(report):
        typer.echo(printable(line))
    if code := exit_code_of(report):
        raise typer.Exit(code)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Copy the database into a file, also while a run is going on, and check the copy."""
    from callaudit import assembly

    assembly.backup_store(settings_from(settings_file, db=db), target, force=force)
    typer.echo(f"wrote {printable(target)}")


def share_of(sample: str) -> float:
    """The share of 1 that a percentage names.

    >>> share_of("5%"), share_of("100")
    (0.05, 1.0)

    Raises:
        typer.BadParameter: it is no percentage.
    """
    found = _PERCENT.fullmatch(sample.strip())
    if found is None or float(found[1]) > 100:
        raise typer.BadParameter(f"--sample {sample!r} is no percentage between 0% and 100%")
    return float(found[1]) / 100


def exit_code_of(report: StoreReport) -> ExitCode:
    """What `verify` leaves with: recordings that are archived or deleted are no fault, those that changed are."""
    if report.problems:
        return ExitCode.STORAGE
    return ExitCode.SOME_CALLS_FAILED if report.changed else ExitCode.OK


def described(report: StoreReport) -> Iterator[str]:
    """A report in lines, what is wrong first."""
    yield from _listed("wrong", [f"{problem.subject}: {problem.complaint}" for problem in report.problems])
    yield from _listed("changed", list(map(address_of, report.changed)))
    yield from _listed("missing", list(map(address_of, report.gone)))
    yield f"database: {report.outcomes} outcomes are whole, {len(report.problems)} problems"
    yield (
        f"recordings read again: {report.same} are what was scanned,"
        f" {len(report.changed)} have changed, {len(report.gone)} cannot be read"
    )
    if report.problems:
        yield "what to do: bring the database back from a backup, or scan into a new one"
    if report.changed:
        yield "what to do: scan the changed recordings again; reports have no audio of them"


def _listed(begun: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{begun}: {line}" for line in lines[:MOST_LISTED])
    if len(lines) > MOST_LISTED:
        yield f"{begun}: and {len(lines) - MOST_LISTED} more"
