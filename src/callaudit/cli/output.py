"""Long output written as it comes, into pipes that may close."""

from __future__ import annotations

import io
import sys

import typer


def prepare_output(*, as_json: bool) -> None:
    """JSON goes out as UTF-8 whatever the terminal speaks; to a terminal that lacks a character `?` goes out."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
        if as_json:
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # file names may hold lone surrogates


def put(line: str) -> None:
    """Write one line to standard output, at once; `cli.main` knows what to do where that fails."""
    typer.echo(line)
