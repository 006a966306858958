"""Run a batch on this machine: groups of calls through the three stages, one outcome for every recording."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from callaudit.domain.analysis import CallOutcome, CallSource, FailedCall, JudgedCall, PreparedCall
from callaudit.domain.findings import Severity
from callaudit.domain.transcripts import Transcript
from callaudit.errors import CallError, SetupError
from callaudit.pipeline import Engines, call_id_of, judge, prepare, transcribe
from callaudit.ports import OutcomeStore

MAX_HELD_BYTES = 512 * 1024**2
"""Sound at which a group is closed before it is full: about two hours of stereo."""

log = structlog.get_logger("callaudit.batch")

T = TypeVar("T")


class Ledger(OutcomeStore, Protocol):
    """A store that also knows what is done."""

    def finished(self, sha256: str, fingerprint: str) -> tuple[Severity, ...] | None:
        """Severities of what these very engines and settings found in a recording; None where they did not judge it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A recording with the very bytes of another one of the run: one call in two files."""

    path: Path
    of: Path


Skipped = Copy | tuple[Severity, ...]
"""A recording that was not scanned: the copy of another one, or finished earlier with findings so severe."""


@dataclass(slots=True)
class RunSummary:
    """What became of a run: `found` is the sum of done, failed, finished earlier and copies."""

    done: int = 0
    failed: int = 0
    finished_earlier: int = 0
    """Judged by an earlier run with the same fingerprint."""
    copies: list[Copy] = field(default_factory=list)
    findings: int = 0
    """Of the calls done by this run."""
    flagged: int = 0
    """Calls done by this run with at least one finding."""
    findings_earlier: int = 0
    """Of the calls finished earlier."""
    audio_ms: int = 0
    gravest: Severity | None = None
    """Of all findings, those of calls finished earlier included."""
    failures: list[FailedCall] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        """Recordings that were not scanned again."""
        return self.finished_earlier + len(self.copies)

    @property
    def found(self) -> int:
        """Every recording of the run."""
        return self.done + self.failed + self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything a run needs besides the recordings."""

    engines: Engines
    ledger: Ledger
    fingerprint: Callable[[CallSource], str]
    """Digest of what makes the outcome of this source: engines, settings, its call record and channel map."""
    sha256: Callable[[Path], str | None]
    """Digest of a file's bytes; None where they cannot be read."""
    group_size: int = 16
    force: bool = False
    """Scan finished calls again."""


class Progress(Protocol):
    """Told after each recording."""

    def __call__(self, summary: RunSummary, path: Path) -> None:
        """One more recording is accounted for."""


def run(
    sources: Iterable[CallSource | FailedCall],
    batch: Batch,
    progress: Progress | None = None,
    summary: RunSummary | None = None,
) -> RunSummary:
    """Scan every source and save one outcome for each; a bad call never stops its neighbours.

    Args:
        sources: recordings to scan; a call that failed before it began (several call records describe it) is
            kept as the failure it is.
        batch: engines, store and limits.
        progress: told after each recording.
        summary: counted up as the run goes, for those who need the counts of a run that is broken off.

    Raises:
        SetupError: something that concerns the whole run, such as a database that refuses.
    """
    summary, seen = summary or RunSummary(), dict[str, Path]()

    def account(path: Path, outcome: CallOutcome | Skipped) -> None:
        if isinstance(outcome, FailedCall | JudgedCall):
            batch.ledger.save(outcome)
        _account(summary, outcome)  # after it was saved: what is counted is kept, whenever the run is broken off
        if progress:
            progress(summary, path)

    ready: list[tuple[CallSource, PreparedCall]] = []

    def finish() -> None:
        for source, outcome in _finish(ready, batch):
            account(source.path, outcome)
        ready.clear()

    for source in sources:
        if isinstance(source, FailedCall):
            account(source.path, source)
            continue
        digest = batch.sha256(source.path)
        if digest and (skipped := _skipped(digest, source, batch, seen)) is not None:
            seen.setdefault(digest, source.path)
            account(source.path, skipped)
            continue
        prepared = _guard(source, "prepare", partial(prepare, source, batch.engines))
        if isinstance(prepared, FailedCall):
            account(source.path, replace(prepared, sha256=digest))
            continue
        seen[digest or prepared.call.recording.sha256] = source.path
        ready.append((source, prepared))
        if len(ready) >= batch.group_size or _held_bytes(ready) >= MAX_HELD_BYTES:
            finish()
    finish()
    return summary


def _held_bytes(ready: Sequence[tuple[CallSource, PreparedCall]]) -> int:
    """Sound that waits in memory to be transcribed."""
    return sum(prepared.wave.samples.nbytes for _, prepared in ready)


def _skipped(digest: str, source: CallSource, batch: Batch, seen: Mapping[str, Path]) -> Skipped | None:
    """Why a recording is not scanned: met before in this run, or finished by an earlier one; None where it is."""
    if digest in seen:
        return Copy(path=source.path, of=seen[digest])
    return None if batch.force else batch.ledger.finished(digest, batch.fingerprint(source))


def _finish(ready: Sequence[tuple[CallSource, PreparedCall]], batch: Batch) -> Iterator[tuple[CallSource, CallOutcome]]:
    """Transcribe a group together and judge its calls."""
    for (source, prepared), transcript in zip(ready, _transcripts(ready, batch), strict=True):
        if isinstance(transcript, FailedCall):
            yield source, transcript
            continue
        work = partial(judge, prepared.call, prepared.acoustics, transcript, batch.engines)
        judged = _guard(source, "judge", work)
        if isinstance(judged, JudgedCall):
            yield source, replace(judged, fingerprint=batch.fingerprint(source))
        else:
            yield source, replace(judged, sha256=prepared.call.recording.sha256)


def _transcripts(ready: Sequence[tuple[CallSource, PreparedCall]], batch: Batch) -> tuple[Transcript | FailedCall, ...]:
    """One transcript or failure for each call; when the group fails, its calls are tried one by one."""
    if not ready:
        return ()
    try:
        return transcribe([prepared for _, prepared in ready], batch.engines)
    except Exception as error:
        log.warning("group_failed", calls=len(ready), error=type(error).__name__)

    def alone(source: CallSource, prepared: PreparedCall) -> Transcript | FailedCall:
        result = _guard(source, "transcribe", lambda: transcribe([prepared], batch.engines)[0])
        return replace(result, sha256=prepared.call.recording.sha256) if isinstance(result, FailedCall) else result

    return tuple(alone(source, prepared) for source, prepared in ready)


def _guard(source: CallSource, stage: str, work: Callable[[], T]) -> T | FailedCall:
    """The result of `work`, or the failure it ended in; only setup errors and interrupts get through."""
    try:
        return work()
    except SetupError:
        raise
    except CallError as error:
        return _failure(source, error.stage or stage, error.code, error.message, error.hint)
    except Exception as error:
        # Where it broke, without the values: they may hold what was said.
        frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("bug", call_id=call_id_of(source), stage=stage, error=type(error).__name__, at=frames[-3:])
        return _failure(
            source,
            stage,
            "bug",
            f"unexpected {type(error).__name__} in {stage}",
            "report it with the log line above it",
        )


def _failure(source: CallSource, stage: str, code: str, message: str, hint: str) -> FailedCall:
    return FailedCall(path=source.path, call_id=call_id_of(source), code=code, message=message, hint=hint, stage=stage)


def _account(summary: RunSummary, outcome: CallOutcome | Skipped) -> None:
    """Count what became of one recording."""
    severities: tuple[Severity, ...] = ()
    if isinstance(outcome, Copy):
        summary.copies.append(outcome)
    elif isinstance(outcome, FailedCall):
        summary.failed += 1
        summary.failures.append(outcome)
    elif isinstance(outcome, JudgedCall):
        severities = tuple(finding.severity for finding in outcome.findings)
        summary.done += 1
        summary.findings += len(severities)
        summary.flagged += bool(severities)
        summary.audio_ms += outcome.analysis.acoustics.duration_ms
    else:
        severities = outcome
        summary.finished_earlier += 1
        summary.findings_earlier += len(severities)
    known = () if summary.gravest is None else (summary.gravest,)
    summary.gravest = max((*known, *severities), key=lambda severity: severity.rank, default=None)
