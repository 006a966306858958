"""The command line: thin commands over plain functions, and the one place where errors become exit codes."""

from __future__ import annotations

import sys

import typer

from callaudit.cli import demo, doctor, evaluate, lexicon, models, report, scan
from callaudit.errors import CallauditError

app = typer.Typer(
    name="callaudit",
    help="Find abusive language and speech after the hang-up in call recordings of Chinese hotlines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(scan.scan)
app.command()(report.report)
app.command()(report.show)
app.command()(evaluate.evaluate)
app.add_typer(lexicon.app, name="lexicon")
app.add_typer(models.app, name="models")
app.command()(doctor.doctor)


@app.callback(invoke_without_command=True)
def options(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    """Find abusive language and speech after the hang-up in call recordings of Chinese hotlines."""
    if version:
        from callaudit import __version__

        typer.echo(f"callaudit {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; every intended error becomes a message, a hint and its exit code."""
    try:
        app()
    except CallauditError as error:
        from callaudit.cli.console import printable

        typer.echo(f"callaudit: {printable(error.message)} [{error.code}]", err=True)
        typer.echo(f"  what to do: {printable(error.hint)}", err=True)
        sys.exit(error.exit_code)
