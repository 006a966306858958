"""The command line: thin commands over plain functions, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import typer

from callaudit.cli import (
    classifier,
    demo,
    doctor,
    evaluate,
    evaluate_text,
    lexicon,
    models,
    report,
    scan,
    score,
    status,
    upkeep,
)
from callaudit.errors import CallauditError, ExitCode

app = typer.Typer(
    name="callaudit",
    help="Find abusive language and speech after the hang-up in call recordings of Chinese hotlines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(scan.scan)
app.command()(scan.retry)
app.command()(status.status)
app.command()(report.report)
app.command()(report.show)
app.command()(score.score)
app.command()(evaluate.evaluate)
app.command("evaluate-text")(evaluate_text.evaluate_text)
app.add_typer(lexicon.app, name="lexicon")
app.add_typer(classifier.app, name="classifier")
app.add_typer(models.app, name="models")
app.command()(upkeep.verify)
app.command()(upkeep.backup)
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
        with _signals_that_leave():
            app()
    except CallauditError as error:
        _complain(f"{error.message} [{error.code}]", error.hint)
        sys.exit(error.exit_code)
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):  # typer and rich leave with 1 when `head` had enough
            _leave_output(ExitCode.OUTPUT_CLOSED)
        raise
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        _complain(f"cannot write the output: {error.strerror} [output.unwritable]", "check the disk and the quota")
        _leave_output(ExitCode.STORAGE)


UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors that only the output still raises here: files are the business of the modules that open them."""


def _complain(message: str, hint: str) -> None:
    from callaudit.cli.console import printable

    with contextlib.suppress(OSError):
        typer.echo(f"callaudit: {printable(message)}", err=True)
        typer.echo(f"  what to do: {printable(hint)}", err=True)


def _leave_output(code: ExitCode) -> NoReturn:
    """Let what is still buffered go nowhere, so that Python has nothing to complain of when it ends."""
    for out in filter(None, (sys.stdout, sys.stderr)):
        try:
            out.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, out.fileno())
            os.close(nowhere)
    sys.exit(code)


@contextlib.contextmanager
def _signals_that_leave() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the program as Ctrl-C does, with everything closed that is open.

    One that somebody set aside, as `nohup` does, stays so.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    ours = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
