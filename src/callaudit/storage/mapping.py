"""Domain values to table rows and back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from callaudit.domain.analysis import Acoustics, CallAnalysis, Closing, FailedCall, JudgedCall, NotRun, Warn
from callaudit.domain.calls import Call, Recording
from callaudit.domain.findings import Finding
from callaudit.domain.hangups import Hangup, PassedOver
from callaudit.domain.holds import Hold
from callaudit.domain.transcripts import DroppedUtterance, DropReason, Transcript, Utterance
from callaudit.storage.codec import CodecError, from_plain, from_plain_tuple, to_plain

Row = Mapping[str, Any]
Spanned = TypeVar("Spanned", Utterance, Finding, PassedOver)

COPY_MARK = "copy:"
"""How the keys of copies begin that were judged on their own."""


@dataclass(frozen=True, slots=True)
class OutcomeRows:
    """One outcome as rows, by table."""

    outcome: Row
    recording: Row | None
    """None where not even the bytes could be read."""
    utterances: tuple[Row, ...] = ()
    dropped: tuple[Row, ...] = ()
    findings: tuple[Row, ...] = ()
    passed_over: tuple[Row, ...] = ()


def judged_key(sha256: str, copy_at: Path | None = None) -> str:
    """Key of the outcome of a judged recording; of the copy at a path, where that is judged apart."""
    if copy_at is None:
        return f"sha256:{sha256}"
    return f"{COPY_MARK}{hashlib.sha256(sha256.encode() + os.fsencode(copy_at)).hexdigest()}"


def failed_key(path: Path) -> str:
    """Key of the outcome of a recording that failed."""
    return f"path:{path_digest(path)}"


def path_digest(path: Path) -> str:
    """What stands for a path in a key: a path may be of any length and any bytes."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()


def rows_of_failed(failed: FailedCall) -> OutcomeRows:
    """A failure as rows."""
    outcome = {
        **to_plain(failed),
        "outcome_id": failed_key(failed.path),
        "status": "failed",
        "file_name": failed.path.name,
        "score": 0.0,
    }
    recording = None if failed.sha256 is None else {"sha256": failed.sha256, "path": str(failed.path)}
    return OutcomeRows(outcome, recording)


def rows_of_judged(judged: JudgedCall) -> OutcomeRows:
    """A judged call as rows."""
    analysis = judged.analysis
    recording = analysis.call.recording
    key = judged_key(recording.sha256, recording.path if judged.is_copy else None)
    outcome = {
        "outcome_id": key,
        "status": "done",
        "sha256": recording.sha256,
        "path": str(recording.path),
        "file_name": recording.path.name,
        "call_id": analysis.call.call_id,
        "fingerprint": judged.fingerprint,
        "score": judged.score,
        "engine": analysis.transcript.engine,
        "hangup_at_ms": analysis.hangup.at_ms if analysis.hangup else None,
        "hangup": to_plain(analysis.hangup),
        "closing": to_plain(analysis.closing),
        "holds": to_plain(analysis.holds),
        "call": {name: value for name, value in to_plain(analysis.call).items() if name != "recording"},
        "acoustics": to_plain(analysis.acoustics),
        "warnings": to_plain(analysis.warnings),
        "not_run": to_plain(judged.not_run),
    }
    return OutcomeRows(
        outcome,
        to_plain(recording),
        utterances=_numbered(key, analysis.transcript.utterances),
        dropped=tuple(
            {**_flat(item.utterance), "reason": item.reason.value, "outcome_id": key, "position": position}
            for position, item in enumerate(analysis.transcript.dropped)
        ),
        findings=_numbered(key, judged.findings),
        passed_over=_numbered(key, analysis.passed_over),
    )


def failed_from_row(row: Row) -> FailedCall:
    """A failure from its row."""
    names = ("path", "call_id", "code", "message", "hint", "stage", "sha256", "fingerprint")
    return from_plain(FailedCall, {name: row[name] for name in names})


def judged_from_rows(rows: OutcomeRows) -> JudgedCall:
    """A judged call from its rows; those of each table in order of position.

    Raises:
        CodecError: the rows do not describe one.
    """
    outcome = rows.outcome
    if not isinstance(outcome["call"], dict):
        raise CodecError("a judged call without its call")
    # Of several files with the same bytes the table of recordings names the one last seen: the outcome knows its own.
    recording = from_plain(Recording, {**(rows.recording or {}), "path": outcome["path"]})
    transcript = Transcript(
        utterances=tuple(_from_flat(Utterance, row) for row in rows.utterances),
        dropped=tuple(_dropped_from_row(row) for row in rows.dropped),
        engine=outcome["engine"],
    )
    analysis = CallAnalysis(
        call=from_plain(Call, {**outcome["call"], "recording": to_plain(recording)}),
        acoustics=from_plain(Acoustics, outcome["acoustics"]),
        transcript=transcript,
        closing=outcome["closing"] and from_plain(Closing, outcome["closing"]),
        hangup=outcome["hangup"] and from_plain(Hangup, outcome["hangup"]),
        holds=from_plain_tuple(Hold, outcome["holds"] or []),
        passed_over=tuple(_from_flat(PassedOver, row) for row in rows.passed_over),
        warnings=from_plain_tuple(Warn, outcome["warnings"]),
    )
    return JudgedCall(
        analysis=analysis,
        findings=tuple(_from_flat(Finding, row) for row in rows.findings),
        score=float(outcome["score"]),
        not_run=from_plain_tuple(NotRun, outcome["not_run"]),
        fingerprint=outcome["fingerprint"],
        is_copy=str(outcome["outcome_id"]).startswith(COPY_MARK),
    )


def _numbered(key: str, values: Iterable[Utterance | Finding | PassedOver]) -> tuple[Row, ...]:
    """Values of one outcome as rows in order."""
    return tuple({**_flat(value), "outcome_id": key, "position": number} for number, value in enumerate(values))


def _flat(value: Utterance | Finding | PassedOver) -> dict[str, Any]:
    """A value with its span laid out as two columns; so are the characters of a finding."""
    plain: dict[str, Any] = to_plain(value)
    flat = {**plain, **plain.pop("span")}
    if isinstance(value, Finding):
        chars = flat.pop("chars") or {"start": None, "end": None}
        flat |= {"chars_start": chars["start"], "chars_end": chars["end"]}
    return flat


def _from_flat(kind: type[Spanned], row: Row) -> Spanned:
    """The reverse of `_flat`; key columns are left out."""
    plain = {name: value for name, value in row.items() if name not in ("outcome_id", "position")}
    plain["span"] = {name: plain.pop(name) for name in ("start_ms", "end_ms")}
    if "chars_start" in plain:
        start, end = plain.pop("chars_start"), plain.pop("chars_end")
        plain["chars"] = None if start is None else {"start": start, "end": end}
    return from_plain(kind, plain)


def _dropped_from_row(row: Row) -> DroppedUtterance:
    """An utterance that hygiene set aside."""
    utterance = {name: value for name, value in row.items() if name != "reason"}
    return DroppedUtterance(_from_flat(Utterance, utterance), from_plain(DropReason, row["reason"]))
