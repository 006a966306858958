"""`callaudit models`: speech models that can be named in the settings."""

from __future__ import annotations

import typer

app = typer.Typer(help="Speech models.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Speech models."""


@app.command("list")
def list_models() -> None:
    """List the speech models and whether they are on this machine."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from callaudit.speech.models import list_models as known_models

    table = Table("model", "size", "present", "what it is")
    for model in known_models():
        cells = (model.name, model.size, "yes" if model.is_present else "no", model.note)
        table.add_row(*map(Text, cells))
    Console().print(table)
