"""`callaudit lexicon`: the forbidden phrases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callaudit.cli.console import printable
from callaudit.errors import ExitCode

app = typer.Typer(help="Forbidden phrases.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Forbidden phrases."""


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder of *.toml lexicons.", show_default="bundled")] = None,
) -> None:
    """Check a lexicon: duplicates, shadowed entries, and examples that fail."""
    from callaudit.lexicon.check import check as check_lexicon
    from callaudit.lexicon.files import load_lexicon

    lexicon = load_lexicon(folder)
    problems = check_lexicon(lexicon)
    for problem in problems:
        typer.echo(printable(problem), err=True)
    typer.echo(f"{len(lexicon.entries)} entries, {len(problems)} problems; version {lexicon.version}")
    if problems:
        raise typer.Exit(ExitCode.SETTINGS)
