"""The units of work of a run, how one is done, and what executors promise.

A task and its result are picklable and hold no engine: the same three functions run in this process, in worker
processes and on the nodes of a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

import structlog

from callaudit.domain.analysis import Acoustics, CallSource, JudgedCall, PreparedCall
from callaudit.domain.calls import Call
from callaudit.domain.names import printable
from callaudit.domain.runs import Stage
from callaudit.domain.transcripts import Transcript
from callaudit.errors import CallError, SetupError
from callaudit.logs import place_of
from callaudit.pipeline import Engines, call_id_of, decode, judge, listen, transcribe

log = structlog.get_logger("callaudit.batch")

Result = TypeVar("Result")

Note = Callable[[int], None]
"""Told the length of the recording, in ms, once it is known: time limits depend on it."""


@dataclass(frozen=True, slots=True)
class PrepareTask:
    """Decode one recording and find its speech and tones."""

    source: CallSource


@dataclass(frozen=True, slots=True)
class TranscribeTask:
    """Transcribe calls together; their sound goes with them."""

    calls: tuple[PreparedCall, ...]


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """Judge one transcribed call."""

    call: Call
    acoustics: Acoustics
    transcript: Transcript


Task = PrepareTask | TranscribeTask | JudgeTask

STAGES: Mapping[type[Task], Stage] = {
    PrepareTask: Stage.PREPARE,
    TranscribeTask: Stage.TRANSCRIBE,
    JudgeTask: Stage.JUDGE,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """How a call failed, in the words of its error."""

    stage: str
    code: str
    message: str
    hint: str


class CrashKind(StrEnum):
    """What took a worker down."""

    SIGNAL = "signal"
    """A signal, such as SIGSEGV, or SIGKILL by the system when memory is short."""
    EXIT = "exit"
    """It left by itself."""
    TIME = "time"
    """It did not end within its time and was killed."""
    MEMORY = "memory"
    """It used more memory than it may and was killed."""
    NODE = "node"
    """The machine of a cluster that it ran on was lost: no fault of the task."""


@dataclass(frozen=True, slots=True)
class Crash:
    """A task took its worker down: nothing is known of its result."""

    kind: CrashKind
    detail: str
    """What exactly, such as `SIGSEGV` or `exit status 3`; never anything that was said."""


Outcome = PreparedCall | tuple[Transcript | Fault, ...] | JudgedCall | Fault
"""What the three kinds of task come to, in their order; a transcription one for each of its calls."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A task that is over."""

    number: int
    """As it was submitted."""
    result: Outcome | Crash


class Executor(Protocol):
    """Does tasks somewhere, several at a time. A task that fails or crashes takes no other along.

    Not thread-safe: one driver calls it.
    """

    @property
    def workers(self) -> int:
        """How many do tasks at a time; what people are told, not what there is room for."""

    def start(self) -> Mapping[str, str]:
        """Load the engines.

        Returns:
            Name and version of each engine, by its role (`Engines.versions`).

        Raises:
            SetupError: something must be repaired first.
        """

    def room(self, stage: Stage) -> int:
        """How many more tasks of a stage may be submitted now; 0 where all who could do them are busy."""

    def submit(self, number: int, task: Task, length_ms: int | None) -> None:
        """Begin a task; call only where there is `room`.

        Args:
            number: chosen by the caller, unlike that of any task under way.
            task: what to do.
            length_ms: length of the calls together, which its time limit depends on; None where it is not known yet.
        """

    def ended(self, timeout_s: float) -> Sequence[Ended]:
        """Tasks that ended, as soon as there is one; empty when the time is up, or there is room where there was none.

        Raises:
            SetupError: an engine could not be loaded any more.
        """

    def stop(self) -> None:
        """End everything at once; tasks under way are lost. May be called again."""


def perform(task: Task, engines: Engines, note: Note = lambda length_ms: None) -> Outcome:
    """Do one task with loaded engines.

    Args:
        task: what to do.
        engines: what to do it with.
        note: is told the length of a recording as soon as it is decoded.

    Raises:
        SetupError: something that concerns every call.
    """
    match task:
        case PrepareTask(source):
            return _prepare(source, engines, note)
        case TranscribeTask(calls):
            return _transcripts(calls, engines)
        case JudgeTask(call, acoustics, transcript):
            return guarded(call.call_id, Stage.JUDGE, lambda: judge(call, acoustics, transcript, engines))


def _prepare(source: CallSource, engines: Engines, note: Note) -> PreparedCall | Fault:
    def work() -> PreparedCall:
        decoded = decode(source, engines)
        note(decoded.recording.duration_ms)
        return listen(decoded, engines)

    return guarded(call_id_of(source), Stage.PREPARE, work)


def _transcripts(calls: Sequence[PreparedCall], engines: Engines) -> tuple[Transcript | Fault, ...]:
    """One transcript or fault for each call; when the group fails, its calls are tried one by one."""
    if len(calls) > 1:
        try:
            return transcribe(calls, engines)
        except SetupError:
            raise
        except Exception as error:
            log.warning("group_failed", calls=len(calls), error=type(error).__name__)
    return tuple(
        guarded(prepared.call.call_id, Stage.TRANSCRIBE, lambda alone=prepared: transcribe([alone], engines)[0])  # type: ignore[misc]
        for prepared in calls
    )


def guarded(call_id: str, stage: Stage, work: Callable[[], Result]) -> Result | Fault:
    """The result of `work`, or the fault it ended in; only setup errors and interrupts get through."""
    try:
        return work()
    except SetupError:
        raise
    except CallError as error:
        return Fault(error.stage or stage, error.code, error.message, error.hint)
    except Exception as error:
        log.error("bug", call_id=printable(call_id), stage=stage, error=type(error).__name__, at=place_of(error))
        return Fault(
            stage, "bug", f"unexpected {type(error).__name__} in {stage}", "report it with the log line above it"
        )
