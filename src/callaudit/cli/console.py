"""What every command shares: options, settings, logging, progress, and text that is safe to print."""

from __future__ import annotations

import logging
import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from callaudit.batch.local import Progress, RunSummary
    from callaudit.settings import Settings

PLAIN_LINE_EVERY_S = 5.0

SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="Settings file.", show_default="callaudit.toml, where there is one")
]
DbOption = Annotated[
    str | None,
    typer.Option("--db", help="Database address.", show_default="CALLAUDIT_DB, settings, or sqlite:///callaudit.db"),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="Whisper model: a name, a .pt checkpoint, or mini.", show_default="small")
]
LangOption = Annotated[str | None, typer.Option("--lang", help="Language of what reviewers read: zh or en.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings_from(file: Path | None, **flags: Any) -> Settings:
    """Settings of this run; a flag written `section__key` that is None was not given."""
    from callaudit.settings import load_settings

    nested: dict[str, Any] = {}
    for name, value in flags.items():
        if value is None:
            continue
        section, _, key = name.rpartition("__")
        (nested.setdefault(section, {}) if section else nested)[key] = value
    configure_logging()
    return load_settings(file, nested)


def configure_logging() -> None:
    """One line of JSON an event on standard error: ids and facts, never what was said."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def printable(text: object) -> str:
    """The text with control, format and surrogate characters shown as `?`: file names are other people's text."""
    return "".join("?" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char for char in str(text))


@contextmanager
def progress_of(total: int) -> Iterator[Progress]:
    """A progress bar on a terminal, a plain line every few seconds otherwise; both on standard error."""
    if sys.stderr.isatty():
        with _bar(total) as bar:
            yield bar
    else:
        yield _plain_lines(total)


@contextmanager
def _bar(total: int) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("calls"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=total)

        def advance(summary: RunSummary, path: Path) -> None:
            shown.update(task, completed=summary.found, description=_counts(summary))

        yield advance


def _plain_lines(total: int) -> Progress:
    said_at_s = time.monotonic()

    def advance(summary: RunSummary, path: Path) -> None:
        nonlocal said_at_s
        if summary.found == total or time.monotonic() - said_at_s >= PLAIN_LINE_EVERY_S:
            said_at_s = time.monotonic()
            typer.echo(f"{summary.found}/{total} calls: {_counts(summary)}", err=True)

    return advance


def _counts(summary: RunSummary) -> str:
    return f"{summary.findings} findings in {summary.flagged} calls, {summary.failed} failed, {summary.skipped} skipped"
