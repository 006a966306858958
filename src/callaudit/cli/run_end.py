"""What a run came to: for people, for programs, and as an exit code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from callaudit.cli.interrupts import BEFORE_EXIT_STATUS
from callaudit.cli.output import prepare_output, put
from callaudit.domain.findings import Severity
from callaudit.domain.names import printable
from callaudit.domain.runs import RunEnding, SkippedCall, SkipReason
from callaudit.errors import CallauditError, ExitCode, SetupError

if TYPE_CHECKING:
    from callaudit.batch.account import RunSummary
    from callaudit.domain.analysis import FailedCall

SCHEMA = "callaudit.run/2"

MOST_SHOWN = 20
"""Failures of each code, and skipped recordings of each reason, that a terminal shows; `--json` has more."""

_SKIPPED = {
    SkipReason.FINISHED_EARLIER: "finished earlier",
    SkipReason.COPY: "with the same contents as another recording of this scan",
    SkipReason.STILL_WRITTEN: "still being written",
    SkipReason.OLDER: "older than --since",
    SkipReason.OVER_LIMIT: "over --limit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """A run that is over."""

    summary: RunSummary
    elapsed_s: float
    """From the first recording to the last, without loading models."""
    stopped_by: int | None = None
    """Signal that asked for the end; None where the run came to its own."""
    error: CallauditError | None = None
    """What broke it off."""
    is_dry: bool = False
    """Nothing was scanned: it was only found out what there is to do."""
    is_forced: bool = False
    """What was finished earlier was scanned again: the same command would begin with the same recordings."""

    @property
    def is_complete(self) -> bool:
        """Whether the run came to its own end, be all accounted for or not."""
        return self.stopped_by is None and self.error is None

    @property
    def came_to_any(self) -> bool:
        """Whether there was no error before the first recording was accounted for."""
        return self.error is None or self.summary.found > 0

    def exit_status(self, fail_on: Severity | None = None) -> int:
        """What the program leaves with.

        Args:
            fail_on: severity from which on a finding, also of a call finished earlier, is an alarm.
        """
        summary = self.summary
        if self.error is not None:
            return self.error.exit_code
        if self.stopped_by is not None:
            return BEFORE_EXIT_STATUS + self.stopped_by
        if not summary.is_balanced:
            return ExitCode.BUG
        if fail_on and summary.gravest and summary.gravest.rank >= fail_on.rank:
            return ExitCode.FINDINGS
        return ExitCode.SOME_CALLS_FAILED if summary.failed else ExitCode.OK


def nothing_done(error: CallauditError | None = None) -> RunEnd:
    """The end of a run that did not begin: nothing was to do, or an error forbade it."""
    from callaudit.batch.account import RunSummary

    return RunEnd(summary=RunSummary(), elapsed_s=0.0, error=error)


@contextmanager
def early_errors_told(*, as_json: bool) -> Iterator[None]:
    """Have an account printed as JSON also where an error in the block forbids a run to begin."""
    try:
        yield
    except SetupError as error:
        if as_json:
            tell_as_json(nothing_done(error), error.exit_code)
        raise


def tell(end: RunEnd, *, has_advice: bool = True) -> None:
    """Print what became of the run: results to standard output, complaints and advice to standard error."""
    for line in _complaints(end.summary):
        typer.echo(line, err=True)
    for line in _results(end):
        typer.echo(line)
    for line in _advice(end) if has_advice else ():
        typer.echo(line, err=True)


def tell_as_json(end: RunEnd, exit_status: int) -> None:
    """Print what became of the run as one JSON object to standard output, and advice to standard error."""
    prepare_output(as_json=True)
    put(json.dumps(as_dict(end, exit_status), ensure_ascii=False, indent=2))
    for line in _advice(end):
        typer.echo(line, err=True)


def _complaints(summary: RunSummary) -> Iterator[str]:
    """The recordings that were not scanned and should be looked at."""
    yield from _failures(summary.failures, summary.failures_by_code, "failed")
    yield from _failures(summary.failures_earlier, summary.earlier_by_code, "failed earlier")
    copies = (f"{printable(copy.path)} has the same contents as {_name(copy.same_as)}" for copy in summary.copies)
    yield from _shortened(copies, summary.skipped[SkipReason.COPY], "skipped")
    unfinished = (f"{printable(call.path)} was still being written" for call in summary.still_written)
    yield from _shortened(unfinished, summary.skipped[SkipReason.STILL_WRITTEN], "skipped")


def _failures(failures: Sequence[FailedCall], counts: Counter[str], begun: str) -> Iterator[str]:
    """Failures by code, each with what to do about it, said once for all alike."""
    for code in dict.fromkeys(failure.code for failure in failures):
        alike = [failure for failure in failures if failure.code == code]
        lines = (f"{_complaint(failure)} [{code}]" for failure in alike)
        yield from _shortened(lines, counts[code], begun)
        for hint in dict.fromkeys(failure.hint for failure in alike):
            yield f"  what to do: {printable(hint)}"


def _complaint(failure: FailedCall) -> str:
    message = printable(failure.message)
    return message if printable(failure.path.name) in message else f"{printable(failure.path)}: {message}"


def _name(path: Path | None) -> str:
    return "" if path is None else printable(path)


def _shortened(lines: Iterator[str], total: int, begun: str) -> Iterator[str]:
    """The first lines, and how many there are besides."""
    shown = 0
    for shown, line in enumerate(lines, 1):
        yield f"{begun}: {printable(line)}"
        if shown == MOST_SHOWN:
            break
    if total > shown > 0:
        yield f"{begun}: and {total - shown:,} more like these"


def _results(end: RunEnd) -> Iterator[str]:
    """The account, in a few lines; none where an error left nothing to account for."""
    summary = end.summary
    if end.error is not None and not summary.total:
        return
    parts = [f"{summary.total} found", f"{summary.done} done", f"{summary.failed} failed"]
    parts.append(f"{summary.skipped.total()} skipped")
    if end.is_dry:
        parts += [f"{summary.to_hear} to scan", f"{summary.to_judge} to judge anew over what was heard earlier"]
    if not end.is_complete:
        parts.append(f"{summary.left} not reached")
    yield f"recordings: {', '.join(parts)}"
    if summary.skipped.total():
        yield f"skipped: {'; '.join(_skipped(summary))}"
    if summary.failed:
        codes = ", ".join(f"{code} {count}" for code, count in _by_code(summary).most_common())
        yield f"failed: {codes}"
    if end.is_dry or not end.came_to_any:
        return
    severities = ", ".join(f"{summary.findings_by_severity[severity]} {severity}" for severity in reversed(Severity))
    yield f"findings: {summary.findings} in {summary.flagged} calls ({severities})"
    speed = f", {summary.audio_ms / 1000 / end.elapsed_s:.1f} × real time" if summary.audio_ms and end.elapsed_s else ""
    yield f"audio: {summary.audio_ms / 3_600_000:.2f} hours in {end.elapsed_s:.0f} s{speed}"
    if summary.crashes:
        yield f"workers lost and replaced: {summary.crashes}; calls set aside for it: {summary.quarantined}"


def _by_code(summary: RunSummary) -> Counter[str]:
    """All failures, whenever they happened."""
    return summary.failures_by_code + summary.earlier_by_code


def _skipped(summary: RunSummary) -> Iterator[str]:
    for reason in SkipReason:
        if count := summary.skipped[reason]:
            more = f", with {summary.findings_earlier} findings" if reason is SkipReason.FINISHED_EARLIER else ""
            yield f"{count} {_SKIPPED[reason]}{more}"


def _advice(end: RunEnd) -> Iterator[str]:
    """What to do next."""
    summary = end.summary
    if not end.is_complete:
        if end.came_to_any:
            yield interrupted(summary)
        return
    if not summary.is_balanced:
        off = f"{abs(summary.left)} recordings are {'unaccounted for' if summary.left > 0 else 'accounted for twice'}"
        yield f"callaudit: {off} [bug]"
        yield "  what to do: please report it; scanning again does no harm"
    if summary.failed_earlier:
        yield f"next: {summary.failed_earlier} failed in an earlier run; `callaudit retry` tries them again"
    if summary.quarantined:
        yield f"next: {summary.quarantined} were set aside; listen to them before `callaudit retry` tries them again"
    if waiting := summary.skipped[SkipReason.STILL_WRITTEN] + summary.skipped[SkipReason.OVER_LIMIT]:
        how = "without --force" if end.is_forced else "again"
        yield f"next: run the same command {how} for the {waiting} that had to wait"
    if summary.findings:
        yield "next: `callaudit report --run last` writes the report"


def interrupted(summary: RunSummary) -> str:
    """What there is to say of a run that did not come to its end."""
    return f"interrupted: {summary.found} recordings are done with and kept; scan again to go on"


def as_dict(end: RunEnd, exit_status: int) -> dict[str, Any]:
    """A run as plain data, schema `callaudit.run/2`."""
    summary = end.summary
    return {
        "schema": SCHEMA,
        "ended": _ended(end),
        "exit_code": int(exit_status),
        "found": summary.total,
        "done": summary.done,
        "failed": summary.failed,
        "failed_earlier": summary.failed_earlier,
        "quarantined": summary.quarantined,
        "skipped": {reason.value: summary.skipped[reason] for reason in SkipReason},
        "to_hear": summary.to_hear,
        "to_judge": summary.to_judge,
        "not_reached": summary.left,
        "findings": summary.findings,
        "findings_by_severity": {severity.value: summary.findings_by_severity[severity] for severity in Severity},
        "findings_earlier": summary.findings_earlier,
        "flagged_calls": summary.flagged,
        "gravest": summary.gravest,
        "audio_ms": summary.audio_ms,
        "elapsed_ms": round(end.elapsed_s * 1000),
        "crashes": summary.crashes,
        "error": None if end.error is None else _error(end.error),
        "failures_by_code": dict(_by_code(summary).most_common()),
        "failures": [_failure(failure, earlier=False) for failure in summary.failures]
        + [_failure(failure, earlier=True) for failure in summary.failures_earlier],
        "copies": [_copy(copy) for copy in summary.copies],
        "still_written": [printable(call.path) for call in summary.still_written],
    }


def _ended(end: RunEnd) -> str:
    how = RunEnding.of(end.error, end.stopped_by, is_balanced=end.summary.is_balanced).how
    return "dry_run" if end.is_dry and how == "complete" else how


def _error(error: CallauditError) -> dict[str, str]:
    return {"code": error.code, "message": printable(error.message), "hint": printable(error.hint)}


def _failure(failure: FailedCall, *, earlier: bool) -> dict[str, Any]:
    return {
        "recording": printable(failure.path),
        "call_id": printable(failure.call_id),
        "code": failure.code,
        "stage": failure.stage,
        "message": printable(failure.message),
        "hint": printable(failure.hint),
        "earlier": earlier,
    }


def _copy(copy: SkippedCall) -> dict[str, str]:
    return {"recording": printable(copy.path), "same_as": _name(copy.same_as)}
