"""Options of `callaudit scan` and `callaudit retry`, grouped as `--help` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callaudit.calls.formats.names import CallsFormat
from callaudit.cli.console import DbOption, JsonOption, ModelOption, SettingsOption
from callaudit.domain.findings import Severity

WHICH, HOW, WHAT = "Which recordings", "How they are scanned", "What comes of it"


class Retry(StrEnum):
    """What `--retry` names."""

    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichOptions:
    """Which of the recordings that are named are scanned."""

    since: Annotated[
        str | None,
        typer.Option(help="Leave out what was last written before: a date, a time, or 24h, 7d.", rich_help_panel=WHICH),
    ] = None
    limit: Annotated[
        int | None, typer.Option(help="Scan so many recordings at most.", min=1, rich_help_panel=WHICH)
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what there is to do; keep nothing.", rich_help_panel=WHICH)
    ] = False
    retry: Annotated[
        Retry | None, typer.Option(help="Scan again, too, what failed in an earlier run.", rich_help_panel=WHICH)
    ] = None
    force: Annotated[
        bool, typer.Option("--force", help="Scan again what an earlier run finished.", rich_help_panel=WHICH)
    ] = False
    duplicates: Annotated[
        str | None,
        typer.Option(
            help="Recordings with the bytes of another: skip, link or process.",
            show_default="skip",
            rich_help_panel=WHICH,
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HowOptions:
    """How recordings are scanned."""

    calls: Annotated[
        Path | None,
        typer.Option(
            help="Call records: a file, or a folder of them where each call has its own.", rich_help_panel=HOW
        ),
    ] = None
    calls_format: Annotated[
        CallsFormat | None,
        typer.Option(help="System that wrote the call records.", show_default="told by contents", rich_help_panel=HOW),
    ] = None
    model: ModelOption = None
    channel_map: Annotated[
        str | None,
        typer.Option(help="Party by channel of stereo recordings.", show_default="agent,customer", rich_help_panel=HOW),
    ] = None
    raw_format: Annotated[
        str | None, typer.Option(help="Codec of headerless files: vox, alaw, mulaw or gsm.", rich_help_panel=HOW)
    ] = None
    raw_rate_hz: Annotated[int | None, typer.Option(help="Sample rate of headerless files.", rich_help_panel=HOW)] = (
        None
    )
    workers: Annotated[
        int | None,
        typer.Option(
            help="Worker processes.", show_default="as many as there are cores and memory for", rich_help_panel=HOW
        ),
    ] = None
    executor: Annotated[
        str | None,
        typer.Option(help="Where the work is done: local or ray.", show_default="local", rich_help_panel=HOW),
    ] = None
    ray_address: Annotated[
        str | None,
        typer.Option(
            help="Head node of the Ray cluster: host and port, or auto.",
            show_default="a cluster of this machine alone",
            rich_help_panel=HOW,
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeOptions:
    """What comes of a scan, and the settings of it."""

    fail_on: Annotated[
        Severity | None,
        typer.Option(
            help="Exit with 10 when a finding, also of a call finished earlier, is at least this severe.",
            rich_help_panel=WHAT,
        ),
    ] = None
    metrics: Annotated[Path | None, typer.Option(help="Text file of figures for Prometheus.", rich_help_panel=WHAT)] = (
        None
    )
    as_json: JsonOption = False
    db: DbOption = None
    settings_file: SettingsOption = None
