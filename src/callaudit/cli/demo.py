"""`callaudit demo`: the sample calls through the whole program, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callaudit.cli.console import LangOption, settings_from
from callaudit.cli.report import tell_written
from callaudit.cli.run_end import tell
from callaudit.cli.scanning import Job, carry_out


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the database and the reports.")] = Path("callaudit-demo"),
    lang: LangOption = None,
) -> None:
    """Scan the bundled sample calls with the bundled model and write the reports.

    One of the samples is corrupt on purpose: it shows how a recording that cannot be read is accounted for.
    """
    from callaudit import assembly
    from callaudit.resources import bundled

    assembly.make_folder(out)
    settings = settings_from(
        None, db=assembly.sqlite_address(out / "callaudit.db"), speech__model="mini", report__lang=lang
    )
    samples = bundled("samples")
    end = carry_out(settings, Job(names=[str(samples)], calls=samples / "calls.csv", force=True, has_remarks=False))
    tell(end, has_advice=False)
    if end.error is not None:
        raise end.error
    if not end.is_complete:
        raise typer.Exit(end.exit_status())
    with assembly.open_store(settings) as store:
        tell_written(assembly.write_reports(store.outcomes, settings, out))
