"""Ground truth: what a recording really holds, in `NAME.truth.json` beside `NAME.wav` (or another format).

    {"schema": "callaudit.truth/1", "synthetic": true, "mixed": false, "error": null,
     "utterances": [{"party": "agent", "channel": 0, "start_ms": 600, "end_ms": 2100, "text": "您好"}],
     "hangup": {"at_ms": 30000, "by": "nobody", "kind": "closing"}, "closing_end_ms": 30000,
     "findings": [{"category": "insult", "start_ms": 31000, "end_ms": 32500, "party": "agent",
                   "phase": "after_hangup", "quote": "不要脸"}],
     "labels": {"shape": "S1", "evidence": "closing", "codec": "pcm", "fault": "echo"}}

Times are milliseconds from the start of the recording. Of a mixed recording the parties are known all the same, and all
channels are 0. `error` is the beginning of the error code a recording must fail with.

Optional: `labels` sort calls into groups that are measured apart, whatever their names are (`shape`, `tail`,
`evidence`, `codec` and `fault` are usual). `hangup.or_ms` lists other moments that are right as well, such as the end
of the agent's next call in the same recording, and `hangup.optional` says that to report none is no fault. `categories`
names those whose findings are written down, all but optional ones by default; results of others are not counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callaudit.domain.calls import Party
from callaudit.domain.findings import OPTIONAL_CATEGORIES, Category, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.errors import InputError

SCHEMA = "callaudit.truth/1"
SUFFIX = ".truth.json"
ALWAYS_LOOKED_FOR = tuple(category for category in Category if category not in OPTIONAL_CATEGORIES)


@dataclass(frozen=True, slots=True)
class TrueUtterance:
    """One stretch of speech as it was said."""

    party: Party
    channel: int
    span: TimeSpan
    text: str


@dataclass(frozen=True, slots=True)
class TrueHangup:
    """When the conversation was over; `by` is a party or `nobody`, `kind` says what tells: closing, busy_tone, ...."""

    at_ms: int
    by: str
    kind: str
    or_ms: tuple[int, ...] = ()
    """Other moments that are right as well."""
    is_optional: bool = False
    """Whether to report no hang-up is no fault."""


@dataclass(frozen=True, slots=True)
class TrueFinding:
    """An offence that was committed."""

    category: Category
    span: TimeSpan
    party: Party
    phase: Phase
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All that is known of one recording."""

    utterances: tuple[TrueUtterance, ...] = ()
    """By start, then channel."""
    hangup: TrueHangup | None = None
    """None where the conversation lasts to the end of the recording."""
    closing_end_ms: int | None = None
    findings: tuple[TrueFinding, ...] = ()
    categories: tuple[Category, ...] = ALWAYS_LOOKED_FOR
    """Those whose findings are all written down."""
    error: str | None = None
    is_mixed: bool = False
    is_synthetic: bool = False
    """Whether all voices are synthetic."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the call is measured with, such as `shape`: `S2`."""


def read_truths(folder: Path) -> dict[Path, Truth]:
    """The ground truth of every recording below a folder, by the recording's path.

    Raises:
        InputError: there is none, one is malformed, or one has not exactly one recording beside it.
    """
    files = sorted(folder.rglob(f"*{SUFFIX}"))
    if not files:
        raise InputError(
            f"no ground truth in {folder}",
            code="truth.missing",
            hint=f"put NAME{SUFFIX} beside the recordings, as in the folder samples",
        )
    return {recording_of(file): read_truth(file) for file in files}


def recording_of(file: Path) -> Path:
    """The recording that a truth file describes: the other file of its name.

    Raises:
        InputError: there is none, or more than one.
    """
    stem = file.name.removesuffix(SUFFIX)
    beside = [path for path in file.parent.iterdir() if path.stem == stem and path.is_file()]
    if len(beside) != 1:
        raise InputError(
            f"{file}: {len(beside)} recordings of that name beside it",
            code="truth.recording",
            hint=f"NAME{SUFFIX} describes the one recording called NAME in the same folder",
        )
    return beside[0]


def read_truth(file: Path) -> Truth:
    """Read one truth file.

    Raises:
        InputError: it is unreadable, malformed, or of another schema.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema is not {SCHEMA}")
        return _truth(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(
            f"{file}: not a ground truth: {what}"[:200],
            code="truth.format",
            hint="compare it with one in the folder samples",
        ) from error


def _truth(data: Mapping[str, Any]) -> Truth:
    utterances = (
        TrueUtterance(Party(row["party"]), int(row["channel"]), _span(row), str(row["text"]))
        for row in data["utterances"]
    )
    return Truth(
        utterances=tuple(sorted(utterances, key=lambda said: (said.span, said.channel))),
        hangup=_hangup(data["hangup"]) if data["hangup"] else None,
        closing_end_ms=data["closing_end_ms"],
        findings=tuple(
            TrueFinding(Category(row["category"]), _span(row), Party(row["party"]), Phase(row["phase"]), row["quote"])
            for row in data["findings"]
        ),
        categories=tuple(Category(name) for name in data.get("categories", ALWAYS_LOOKED_FOR)),
        error=data["error"],
        is_mixed=bool(data.get("mixed", False)),
        is_synthetic=bool(data.get("synthetic", False)),
        labels={str(name): str(value) for name, value in data.get("labels", {}).items()},
    )


def _hangup(row: Mapping[str, Any]) -> TrueHangup:
    return TrueHangup(
        int(row["at_ms"]),
        row["by"],
        row["kind"],
        or_ms=tuple(int(at_ms) for at_ms in row.get("or_ms", ())),
        is_optional=bool(row.get("optional", False)),
    )


def _span(row: Mapping[str, Any]) -> TimeSpan:
    return TimeSpan(int(row["start_ms"]), int(row["end_ms"]))
