"""One worker's place under a supervisor: whoever holds it is started, given tasks, watched, reaped and replaced."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from callaudit.batch.desk import Desk, Job
from callaudit.batch.processes import Warden, WorkerProcess, crash_of
from callaudit.batch.tasks import Crash, CrashKind
from callaudit.batch.worker import Handler, Word
from callaudit.errors import DependencyError, SetupError
from callaudit.logs import place_of

FAILED_STARTS = 3
"""So many workers in a row that die while they load mean that no other will do better."""
_IDLE_LOOK_S = 0.5
"""How often an idle worker is looked after: somebody else may kill it."""
_MIB = 1 << 20

log = structlog.get_logger("callaudit.batch")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What a worker may use, and when it is replaced."""

    floor_s: float
    """Shortest time limit of a task."""
    per_length: float
    """Time limit of a task, as a multiple of the length of its recordings."""
    first_s: float
    """Time limit as long as the length is not known."""
    load_s: float
    """Time limit for starting a worker."""
    memory_bytes: int | None = None
    """Resident memory at which a worker is killed; watched on Linux only."""
    growth_bytes: int | None = None
    """Growth of the resident memory since it was loaded after which a worker is replaced; watched on Linux only."""
    max_tasks: int = 0
    """Tasks after which a worker is replaced; 0: never."""

    def task_s(self, length_ms: int | None) -> float:
        """Time limit of a task, in seconds, by the length of its recordings."""
        return self.first_s if length_ms is None else max(self.floor_s, self.per_length * length_ms / 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a worker is made."""

    role: str
    """What kind of tasks it does; the workers of a role are alike."""
    build: Callable[[], Handler[Any, Any]]
    """Called in the worker; picklable."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that its process has besides or instead of ours."""
    is_alike: bool = False
    """Whether all workers of the role must say the same of themselves, those that come later included."""


class _GoneError(Exception):
    """The worker is no more."""


class Post:
    """A place for one worker, and the thread that owns whoever holds it."""

    def __init__(self, plan: Plan, limits: WorkerLimits, desk: Desk, warden: Warden) -> None:
        self.plan = plan
        self._limits = limits
        self._desk = desk
        self._warden = warden
        self._inbox: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._kept: Job | None = None  # was handed in when the worker had died already
        self._loaded_bytes: int | None = None
        self._done = 0
        self._thread = threading.Thread(target=self._run, name=f"worker {plan.role}", daemon=True)
        self._lock = threading.Lock()  # held by whoever looks at or changes what follows
        self._process: WorkerProcess | None = None
        self._limit_s = 0.0
        self._deadline_s: float | None = None
        self._verdict: Crash | None = None  # why it was we who killed the worker
        self._is_closing = False

    def open(self) -> None:
        """Start the first worker; returns at once."""
        self._thread.start()

    def give(self, job: Job) -> None:
        """Hand a task to the worker, which was at rest."""
        self._inbox.put(job)

    def close(self) -> None:
        """Kill the worker and hire no other; returns at once."""
        with self._lock:
            self._is_closing = True
            if self._process:
                self._process.kill()
        self._inbox.put(None)

    def join(self, timeout_s: float) -> None:
        """Wait until the worker is reaped."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def check(self, now_s: float, lost_s: float) -> None:
        """Kill the worker if it is over its time or memory, and whatever it left behind if it is dead.

        Args:
            now_s: monotonic time.
            lost_s: time this process itself was stopped since the last check: no worker is to blame for it.
        """
        with self._lock:
            if self._process is None:
                return
            if self._deadline_s is not None:
                self._deadline_s += lost_s
            self._verdict = self._verdict or self._judge(self._process, now_s)
            if self._verdict or self._process.is_dead():
                self._process.kill()  # at every look again: what it started may have started more

    def _judge(self, process: WorkerProcess, now_s: float) -> Crash | None:
        if self._deadline_s is not None and now_s > self._deadline_s:
            return Crash(CrashKind.TIME, f"not done within {self._limit_s:.3g} s")
        resident, most = process.resident_bytes(), self._limits.memory_bytes
        if most is not None and resident is not None and resident > most:
            return Crash(CrashKind.MEMORY, f"{resident // _MIB} MiB, more than {most // _MIB} MiB")
        return None

    def _run(self) -> None:
        """Hire one worker after another."""
        failed = 0
        try:
            while not self._is_closing:
                if (crash := self._load()) is None:
                    failed = 0
                    while self._serve_once():
                        pass
                    self._end()
                elif not self._is_closing:
                    failed += 1
                    _account_for_start(crash, failed)
        except SetupError as error:
            self._end()
            self._desk.refuse(error)
        except Exception as error:  # a run must not wait for ever for a thread that is no more
            log.error("bug", error=type(error).__name__, at=place_of(error))
            self._desk.refuse(
                SetupError(
                    f"unexpected {type(error).__name__} beside a worker", code="bug", hint="report it with the log line"
                )
            )

    def _load(self) -> Crash | None:
        """Start a worker; how it died if it did.

        Raises:
            SetupError: it says that something must be repaired, or is not like the others.
        """
        try:
            process = WorkerProcess(self.plan.environment)
        except OSError as error:
            return Crash(CrashKind.EXIT, f"no process: {error.strerror}")
        self._warden.watch(process.pid)
        with self._lock:
            self._process, self._verdict = process, None
            if self._is_closing:
                process.kill()
        try:
            hello = self._ask(process, self.plan.build, self._limits.load_s)
        except _GoneError:
            return self._end()
        self._loaded_bytes, self._done = process.resident_bytes(), 0
        self._desk.ready(self.plan.role, hello, is_alike=self.plan.is_alike)
        if not self._kept:
            self._desk.rest(self)
        return None

    def _serve_once(self) -> bool:
        """Do one task; whether the worker is fit for another.

        Raises:
            SetupError: no task can be done until something is repaired.
        """
        process = self._process
        job = self._next(process) if process else None
        if process is None or job is None:
            return False
        try:
            result = self._ask(process, job.task, self._limits.task_s(job.length_ms))
        except _GoneError:
            self._desk.over(job.number, self._end())
            return False
        self._done += 1
        is_fit = not self._is_worn(process)
        self._desk.over(job.number, result, self if is_fit else None)
        return is_fit

    def _next(self, process: WorkerProcess) -> Job | None:
        """The next task; None where the worker died before it, or the place closes."""
        job, self._kept = self._kept or self._wait(process), None
        if job and process.is_gone():
            job, self._kept = None, job  # not this task took it down
        return job

    def _wait(self, process: WorkerProcess) -> Job | None:
        """Rest until there is a task; None where the worker died meanwhile, or the place closes."""
        while True:
            try:
                return self._inbox.get(timeout=_IDLE_LOOK_S)
            except queue.Empty:
                if process.is_gone() and self._desk.withdraw(self):
                    return None

    def _ask(self, process: WorkerProcess, message: object, limit_s: float) -> Any:
        """Send something to the worker and wait for its answer; `check` sees to it that there is an end to it.

        Raises:
            _GoneError: it died, or says what cannot be understood.
            SetupError: it refuses.
        """
        self._limit(limit_s)
        try:
            process.channel.send(message)
            word, value = process.channel.recv()
            while word == Word.NOTE:
                self._limit(self._limits.task_s(value))
                word, value = process.channel.recv()
        except (EOFError, OSError) as error:
            raise _GoneError from error
        except Exception as error:  # the ways in which a pickle can be spoiled are many
            with self._lock:
                self._verdict = self._verdict or Crash(CrashKind.EXIT, f"{type(error).__name__} in the exchange")
            raise _GoneError from error
        self._limit(None)
        if word == Word.REFUSED:
            raise value
        return value

    def _limit(self, limit_s: float | None) -> None:
        """Set the time from now within which the worker must answer; None: it need not."""
        with self._lock:
            self._limit_s = limit_s or 0.0
            self._deadline_s = None if limit_s is None else time.monotonic() + limit_s

    def _is_worn(self, process: WorkerProcess) -> bool:
        """Whether the worker has grown or worked so much that a new one takes its place."""
        if 0 < self._limits.max_tasks <= self._done:
            return True
        most, before, now = self._limits.growth_bytes, self._loaded_bytes, process.resident_bytes()
        return most is not None and before is not None and now is not None and now - before > most

    def _end(self) -> Crash:
        """Kill the worker with everything it started, and reap it; how it ended."""
        with self._lock:
            process, self._process, self._deadline_s = self._process, None, None
            verdict = self._verdict
        if process is None:
            return crash_of(None)
        status = process.end()
        self._warden.forget(process.pid)
        return verdict or crash_of(status)


def _account_for_start(crash: Crash, failed: int) -> None:
    """Log that a worker died while it loaded.

    Raises:
        DependencyError: too many have.
    """
    log.warning("worker_not_started", kind=crash.kind, detail=crash.detail)
    if failed == FAILED_STARTS:
        raise DependencyError(
            f"{failed} worker processes in a row died while they loaded the engines: {crash.detail}",
            code="batch.worker",
            hint="look at the log lines above; if memory is short, set fewer batch.workers or a smaller speech.model",
        )
