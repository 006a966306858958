"""`callaudit verify` and `callaudit backup`: looking after a database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callaudit.cli.console import DbOption, JsonOption, SettingsOption, printable, settings_from
from callaudit.cli.output import prepare_output, put
from callaudit.errors import ExitCode

if TYPE_CHECKING:
    from callaudit.storage.rereading import Rereading
    from callaudit.storage.upkeep import StoreReport

SCHEMA = "callaudit.verify/1"

MOST_LISTED = 50
"""Problems, and recordings of each kind, that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A store that was checked."""

    address: str
    share: float
    """Of its recordings that were to be looked for."""
    report: StoreReport


_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%?")


def verify(
    sample: Annotated[
        str, typer.Option(metavar="PERCENT", help="Share of the recordings to read again, such as 5%; 0% reads none.")
    ] = "100%",
    as_json: JsonOption = False,
    db: DbOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Check that the database is whole and the recordings are still what was scanned."""
    from callaudit import assembly

    share = share_of(sample)
    settings = settings_from(settings_file, db=db)
    with assembly.open_store(settings, to_read=True) as store:
        checked = Checked(store.address, share, store.verify(assembly.digests_of(settings), share))
    if as_json:
        prepare_output(as_json=True)
        put(json.dumps(as_dict(checked), ensure_ascii=False, indent=2))
    else:
        for line in described(checked):
            typer.echo(printable(line))
    if code := exit_code_of(checked.report):
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
    """What `verify` leaves with: recordings that are gone are no fault, as long as others could be compared."""
    if report.problems:
        return ExitCode.STORAGE
    recordings = report.recordings
    is_doubtful = recordings.changed or recordings.unreadable or recordings.is_blind
    return ExitCode.SOME_CALLS_FAILED if is_doubtful else ExitCode.OK


def described(checked: Checked) -> Iterator[str]:
    """What a check came to in lines, what is wrong first."""
    report, recordings = checked.report, checked.report.recordings
    yield from _listed("wrong", [f"{problem.subject}: {problem.complaint}" for problem in report.problems])
    yield from _listed("changed", list(map(printable, recordings.changed)))
    yield from _listed("unreadable", [f"{printable(one.path)}: {one.reason}" for one in recordings.unreadable])
    yield from _listed("gone", list(map(printable, recordings.gone)))
    yield f"database: {report.outcomes:,} outcomes are whole, {len(report.problems):,} problems"
    if report.problems:
        yield "  what to do: bring the database back from a backup, or scan into a new one"
    if not checked.share:
        yield "recordings: none looked for"
    elif not recordings.looked_for:
        yield "recordings: none are known"
    else:
        yield from _of_recordings(recordings)


def _of_recordings(recordings: Rereading) -> Iterator[str]:
    """What became of the recordings, and what that asks for."""
    others = {"changed": recordings.changed, "gone": recordings.gone, "unreadable": recordings.unreadable}
    counts = ", ".join(f"{len(paths):,} {kind}" for kind, paths in others.items())
    yield f"recordings: {recordings.looked_for:,} looked for, {recordings.same:,} as scanned, {counts}"
    if recordings.is_blind:
        yield "NOTHING WAS COMPARED: whether the recordings are what was scanned is not known"
    if recordings.changed:
        yield "  what to do: find out who changed recordings, or scan them again; reports have no audio of them"
    if recordings.unreadable:
        yield "  what to do: mount the share, start the store or let this user read; then verify again"
    if not recordings.gone:
        return
    if recordings.is_blind and not recordings.unreadable:
        yield "  what to do: if all were deleted on purpose, --sample 0% checks the database alone"
    else:
        yield "  gone is no error: what was found in them is kept; reports have no audio of them"


def _listed(begun: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{begun}: {line}" for line in lines[:MOST_LISTED])
    if len(lines) > MOST_LISTED:
        yield f"{begun}: and {len(lines) - MOST_LISTED:,} more"


def as_dict(checked: Checked) -> dict[str, Any]:
    """A check as plain data, schema `callaudit.verify/1`; of recordings all that are not as scanned are named."""
    report, recordings = checked.report, checked.report.recordings
    return {
        "schema": SCHEMA,
        "database": checked.address,
        "exit_code": int(exit_code_of(report)),
        "outcomes": report.outcomes,
        "problems": [{"subject": printable(one.subject), "complaint": one.complaint} for one in report.problems],
        "share": checked.share,
        "looked_for": recordings.looked_for,
        "same": recordings.same,
        "changed": len(recordings.changed),
        "gone": len(recordings.gone),
        "unreadable": len(recordings.unreadable),
        "recordings_changed": list(map(printable, recordings.changed)),
        "recordings_gone": list(map(printable, recordings.gone)),
        "recordings_unreadable": [
            {"recording": printable(one.path), "reason": printable(one.reason)} for one in recordings.unreadable
        ],
    }
