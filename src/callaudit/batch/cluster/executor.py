"""The executor of a cluster: workers on many machines, each a Ray actor.

Ray moves tasks, results and sound between machines and says who died; what that means is decided here, as for the
workers of one machine: a task that takes its worker down, hangs or grows without end harms no other task. Sound stays
in the cluster's memory between `prepare` and `transcribe`; only its name passes through the driver.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from callaudit.batch.cluster.crews import Demand, crash_of
from callaudit.batch.cluster.member import BuildEngines, Reply, Sent, StoredWave
from callaudit.batch.cluster.session import Session, the_ray
from callaudit.batch.cluster.staff import Seat, Staff, kind_of
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.tasks import STAGES, Crash, CrashKind, Ended, PrepareTask, Task
from callaudit.domain.analysis import CallSource, PreparedCall
from callaudit.domain.runs import Stage
from callaudit.errors import SetupError

ANSWER_S = 2.0
"""A worker that hangs in Python still tells how long its recording is."""
VERDICT_S = 60.0
"""Ray takes about a dozen seconds to find a machine dead that does not answer."""

_OVERDUE = Crash(CrashKind.TIME, "not done within its time")
_UNREACHABLE = Crash(CrashKind.NODE, "its machine could not be reached")
_NO_ROOM = Crash(CrashKind.NODE, "no room for its sound in the memory that Ray has for it")

log = structlog.get_logger("callaudit.batch")


@dataclass(slots=True, eq=False)
class _Job:
    """A task under way."""

    number: int
    seat: Seat
    deadline_s: float
    wave: Any = None
    """Of a recording that is being prepared: Ray's name of its sound."""
    is_length_asked: bool = True
    is_unreachable: bool = False
    """Its worker did not answer: Ray is asked whether it died, or its machine."""


class ClusterExecutor:
    """Workers on a Ray cluster (`tasks.Executor`)."""

    def __init__(
        self, build: BuildEngines, limits: WorkerLimits, address: str | None = None, demand: Demand | None = None
    ) -> None:
        """Choose a cluster; `start` joins it.

        Args:
            build: called in each worker.
            limits: time limits, and the growth at which a worker is replaced; its memory Ray looks after.
            address: host and port of the head node, `auto`, or None for a cluster of this machine alone.
            demand: the workers to ask for.

        Raises:
            SettingsError: the address is malformed, or the cluster is open to anybody.
        """
        self._limits = limits
        self._demand = demand or Demand()
        self._session = Session(address)
        self._staff = Staff(build, self._session, limits.load_s)
        self._jobs: dict[Any, _Job] = {}
        """Tasks under way, by Ray's names of what is to come of them."""
        self._unsent: list[Ended] = []
        self._refusal: SetupError | None = None

    # Executor

    @property
    def workers(self) -> int:
        """How many there are now."""
        return self._staff.size

    def start(self) -> Mapping[str, str]:
        """Load the engines; as `Executor.start`."""
        try:
            self._session.open()
            self._staff.hire(self._demand)
        except BaseException:
            self.stop()
            raise
        return self._staff.versions()

    def room(self, stage: Stage) -> int:
        """Workers at rest that do a stage; as `Executor.room`."""
        return self._staff.room(stage)

    def submit(self, number: int, task: Task, length_ms: int | None) -> None:
        """Begin a task; as `Executor.submit`."""
        sent = _sent(task.source) if isinstance(task, PrepareTask) else None
        if isinstance(sent, Crash):
            self._unsent.append(Ended(number, sent))
            return
        seat = self._staff.take(STAGES[type(task)])
        job = _Job(number, seat, time.monotonic() + self._limits.task_s(length_ms))
        if sent is not None:
            ref, job.wave = seat.actor.prepare.options(num_returns=2).remote(sent)
            job.is_length_asked = length_ms is not None
        else:
            ref = seat.actor.perform.remote(task)
        self._jobs[ref] = job

    def ended(self, timeout_s: float) -> Sequence[Ended]:
        """Tasks that ended; as `Executor.ended`."""
        until_s = time.monotonic() + timeout_s
        resting = self._staff.resting
        while True:
            unsent, self._unsent = self._unsent, []
            over = [*unsent, *self._collect(time.monotonic() if unsent else until_s), *self._kill_overdue()]
            if self._refusal and not over:
                raise self._refusal
            if not over and not self._jobs:
                self._staff.check_anybody()
            if over or time.monotonic() >= until_s or self._staff.resting > resting:
                return over

    def stop(self) -> None:
        """Kill the workers and leave the cluster; as `Executor.stop`."""
        self._staff.dismiss()
        self._jobs.clear()
        self._session.close()

    # What ends

    def _collect(self, until_s: float) -> Sequence[Ended]:
        """Take all that has come, as soon as something has."""
        ray = the_ray()
        deadlines_s = [job.deadline_s for job in self._jobs.values()]
        wait_s = max(0.0, min([until_s, *deadlines_s]) - time.monotonic())
        awaited = [*self._staff.loading, *self._jobs]
        if not awaited:
            time.sleep(wait_s)
            return ()
        ready, _ = ray.wait(awaited, num_returns=1, timeout=wait_s)
        if ready:
            ready, _ = ray.wait(awaited, num_returns=len(awaited), timeout=0)
        over: list[Ended] = []
        for ref in ready:
            try:
                if job := self._jobs.pop(ref, None):
                    over += self._verdict(ref, job) if job.is_unreachable else self._replied(ref, job)
                else:
                    self._staff.loaded(ref)
            except SetupError as error:  # what else has come is to be saved first
                self._refusal = self._refusal or error
        return over

    def _replied(self, ref: Any, job: _Job) -> Sequence[Ended]:
        """A worker has answered, or is dead."""
        ray = the_ray()
        try:
            reply: Reply = ray.get(ref)
        except ray.exceptions.ActorUnavailableError:
            return self._ask_who_died(job)
        except (ray.exceptions.RayActorError, ray.exceptions.OutOfMemoryError) as error:
            return self._lost(job, error)
        except ray.exceptions.RayError as error:
            self._staff.replace(job.seat)
            return (Ended(job.number, Crash(CrashKind.EXIT, kind_of(error))),)
        most = self._limits.growth_bytes
        if most is not None and reply.grown_bytes > most:
            self._staff.replace(job.seat)
        else:
            self._staff.rest(job.seat)
        if isinstance(reply.result, SetupError):
            raise reply.result
        return (Ended(job.number, _named(reply.result, job.wave)),)

    def _ask_who_died(self, job: _Job) -> Sequence[Ended]:
        """A worker does not answer: wait until Ray knows whether it died, or its machine."""
        job.deadline_s = time.monotonic() + VERDICT_S
        job.is_length_asked = job.is_unreachable = True
        ref = job.seat.actor.length_ms.options(concurrency_group="watch").remote()
        self._jobs[ref] = job
        return ()

    def _verdict(self, ref: Any, job: _Job) -> Sequence[Ended]:
        """Ray knows what became of a worker that did not answer."""
        ray = the_ray()
        try:
            ray.get(ref)
        except ray.exceptions.ActorDiedError as error:
            return self._lost(job, error)
        except ray.exceptions.RayError as error:
            log.warning("worker_unreachable", error=type(error).__name__)
        self._staff.replace(job.seat)  # it may live, but what it did is lost
        return (Ended(job.number, _UNREACHABLE),)

    def _lost(self, job: _Job, error: Exception) -> Sequence[Ended]:
        alive = {node.node_id for node in self._session.nodes()}
        hello = job.seat.hello
        crash = crash_of(str(error), is_node_alive=hello is None or hello.node_id in alive)
        self._staff.replace(job.seat)
        return (Ended(job.number, crash),)

    def _kill_overdue(self) -> Sequence[Ended]:
        """Kill workers whose time is up; those that only now know how long their recording is get more."""
        now_s = time.monotonic()
        over = []
        for ref, job in list(self._jobs.items()):
            if now_s < job.deadline_s or self._has_more_time(job):
                continue
            del self._jobs[ref]
            self._staff.replace(job.seat)
            over.append(Ended(job.number, _UNREACHABLE if job.is_unreachable else _OVERDUE))
        return over

    def _has_more_time(self, job: _Job) -> bool:
        ray = the_ray()
        if job.is_length_asked:
            return False
        job.is_length_asked = True
        ref = job.seat.actor.length_ms.options(concurrency_group="watch").remote()
        try:
            length_ms: int | None = ray.get(ref, timeout=ANSWER_S)
        except ray.exceptions.RayError:
            return False
        if length_ms is None:
            return False
        job.deadline_s += self._limits.task_s(length_ms)
        return time.monotonic() < job.deadline_s


def _sent(source: CallSource) -> Sent | Crash:
    """A recording on its way to a node, with its bytes where only this machine has them; what keeps it from going."""
    if source.local is None:
        return Sent(source)
    ray = the_ray()
    try:
        return Sent(source, ray.put(source.local.read_bytes()))
    except OSError:
        return Sent(source)  # the decoder will say what there is to say
    except (ray.exceptions.ObjectStoreFullError, ray.exceptions.OutOfDiskError):
        return _NO_ROOM


def _named(result: Any, ref: Any) -> Any:
    """A result that holds the name of its sound, where it has any."""
    if isinstance(result, PreparedCall) and isinstance(result.wave, StoredWave):
        return replace(result, wave=replace(result.wave, ref=ref))
    return result
