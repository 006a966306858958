"""Options of `callaudit scan` and `callaudit retry`, grouped as `--help` shows them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from callaudit.calls.formats.names import CallsFormat
from callaudit.domain.findings import Severity

WHICH, HOW, WHAT = "Which recordings", "How they are scanned", "What comes of it"


class Retry(StrEnum):
    """What `--retry` names."""

    FAILED = "failed"


PathsArgument = Annotated[
    list[str],
    typer.Argument(metavar="PATH...", help="Recordings, folders (recursive), globs, and addresses such as s3://…."),
]
SinceOption = Annotated[
    str | None,
    typer.Option(help="Leave out what was last written before: a date, a time, or 24h, 7d.", rich_help_panel=WHICH),
]
LimitOption = Annotated[int | None, typer.Option(help="Scan so many recordings at most.", min=1, rich_help_panel=WHICH)]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only tell what there is to do; keep nothing.", rich_help_panel=WHICH)
]
RetryOption = Annotated[
    Retry | None, typer.Option(help="Scan again, too, what failed in an earlier run.", rich_help_panel=WHICH)
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Scan again what an earlier run finished.", rich_help_panel=WHICH)
]
DuplicatesOption = Annotated[
    str | None,
    typer.Option(
        help="Recordings with the bytes of another: skip, link or process.",
        show_default="skip",
        rich_help_panel=WHICH,
    ),
]
CallsOption = Annotated[
    Path | None,
    typer.Option(help="Call records: a file, or a folder of them where each call has its own.", rich_help_panel=HOW),
]
CallsFormatOption = Annotated[
    CallsFormat | None,
    typer.Option(help="System that wrote the call records.", show_default="told by contents", rich_help_panel=HOW),
]
ChannelMapOption = Annotated[
    str | None,
    typer.Option(help="Party by channel of stereo recordings.", show_default="agent,customer", rich_help_panel=HOW),
]
RawFormatOption = Annotated[
    str | None, typer.Option(help="Codec of headerless files: vox, alaw, mulaw or gsm.", rich_help_panel=HOW)
]
RawRateOption = Annotated[int | None, typer.Option(help="Sample rate of headerless files.", rich_help_panel=HOW)]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        help="Worker processes.", show_default="as many as there are cores and memory for", rich_help_panel=HOW
    ),
]
ExecutorOption = Annotated[
    str | None,
    typer.Option(help="Where the work is done: local or ray.", show_default="local", rich_help_panel=HOW),
]
RayAddressOption = Annotated[
    str | None,
    typer.Option(
        help="Head node of the Ray cluster: host and port, or auto.",
        show_default="a cluster of this machine alone",
        rich_help_panel=HOW,
    ),
]
FailOnOption = Annotated[
    Severity | None,
    typer.Option(
        help="Exit with 10 when a finding, also of a call finished earlier, is at least this severe.",
        rich_help_panel=WHAT,
    ),
]
MetricsOption = Annotated[Path | None, typer.Option(help="Text file of figures for Prometheus.", rich_help_panel=WHAT)]
