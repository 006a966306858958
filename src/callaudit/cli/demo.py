"""`callaudit demo`: the sample calls through the whole program, offline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from callaudit.cli.console import LangOption, settings_from
from callaudit.cli.report import tell_written
from callaudit.cli.scan import scan_into, tell


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
    begun_s = time.monotonic()
    samples = bundled("samples")
    summary = scan_into(settings, [str(samples)], calls=samples / "calls.csv", force=True, remarks=False)
    with assembly.open_store(settings) as store:
        written = assembly.write_reports(store, settings, out)
    tell(summary, time.monotonic() - begun_s, as_json=False)
    tell_written(written)
