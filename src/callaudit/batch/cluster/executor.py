"""The executor of a cluster: workers on many machines, each a Ray actor.

Ray moves tasks, results and sound between machines and says who died; what that means is decided here, as for the
workers of one machine: a task that takes its worker down, hangs or grows without end harms no other task. Sound stays
in the cluster's memory between `prepare` and `transcribe`; only its name passes through the driver.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog

from callaudit.batch.cluster.crews import Crew, Demand, crash_of, crews_for, ray_options
from callaudit.batch.cluster.member import BuildEngines, Hello, Member, Reply, Sent, StoredWave
from callaudit.batch.cluster.session import Session, the_ray
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.tasks import STAGES, Crash, CrashKind, Ended, PrepareTask, Task
from callaudit.domain.analysis import CallSource, PreparedCall
from callaudit.domain.runs import Stage
from callaudit.errors import DependencyError, SetupError

ALL_LOADED_S = 60.0
"""How long a start waits for the last worker, once there is one of each kind."""
ANSWER_S = 2.0
"""A worker that hangs in Python still tells how long its recording is."""
VERDICT_S = 60.0
"""Ray takes about a dozen seconds to find a machine dead that does not answer."""
MAX_LOST_LOADING = 3
"""Workers that may die one after the other while they load."""

_OVERDUE = Crash(CrashKind.TIME, "not done within its time")
_UNREACHABLE = Crash(CrashKind.NODE, "its machine could not be reached")
_NO_ROOM = Crash(CrashKind.NODE, "no room for its sound in the memory that Ray has for it")

log = structlog.get_logger("callaudit.batch")


@dataclass(slots=True, eq=False)
class _Seat:
    """A worker, or the place of one that is to come."""

    crew: Crew
    actor: Any
    hello: Hello | None = None


@dataclass(slots=True, eq=False)
class _Job:
    """A task under way."""

    number: int
    seat: _Seat
    deadline_s: float
    wave: Any = None
    """Of a recording that is being prepared: Ray's name of its sound."""
    is_length_asked: bool = True
    overdue: Crash = _OVERDUE
    """What it is when its time is up."""


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
        self._build = build
        self._limits = limits
        self._demand = demand or Demand()
        self._session = Session(address)
        self._seats: set[_Seat] = set()
        self._idle: dict[frozenset[Stage], deque[_Seat]] = {}
        self._crew_of: dict[Stage, frozenset[Stage]] = {}
        self._awaited: dict[Any, Callable[[Any], Sequence[Ended]]] = {}
        """Ray's names of what is to come, and who takes it."""
        self._jobs: dict[Any, _Job] = {}
        self._hellos: dict[frozenset[Stage], Hello] = {}
        self._unsent: list[Ended] = []
        self._lost_loading = 0
        self._alone_since_s: float | None = None
        self._refusal: SetupError | None = None

    # Executor

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self._seats)

    def start(self) -> Mapping[str, str]:
        """Load the engines; as `Executor.start`."""
        try:
            self._session.open()
            self._open_all()
            self._wait_for_crews()
        except BaseException:
            self.stop()
            raise
        versions = dict(self._hellos[self._crew_of[Stage.PREPARE]].versions)
        versions["transcriber"] = self._hellos[self._crew_of[Stage.TRANSCRIBE]].versions["transcriber"]
        del versions["callaudit"]
        return versions

    def room(self, stage: Stage) -> int:
        """Workers at rest that do a stage; as `Executor.room`."""
        return len(self._idle[self._crew_of[stage]])

    def submit(self, number: int, task: Task, length_ms: int | None) -> None:
        """Begin a task; as `Executor.submit`."""
        sent = _sent(task.source) if isinstance(task, PrepareTask) else None
        if isinstance(sent, Crash):
            self._unsent.append(Ended(number, sent))
            return
        seat = self._idle[self._crew_of[STAGES[type(task)]]].popleft()
        job = _Job(number, seat, time.monotonic() + self._limits.task_s(length_ms))
        if sent is not None:
            ref, job.wave = seat.actor.prepare.options(num_returns=2).remote(sent)
            job.is_length_asked = length_ms is not None
        else:
            ref = seat.actor.perform.remote(task)
        self._jobs[ref] = job
        self._awaited[ref] = self._replied

    def ended(self, timeout_s: float) -> Sequence[Ended]:
        """Tasks that ended; as `Executor.ended`."""
        until_s = time.monotonic() + timeout_s
        resting = self._resting()
        while True:
            unsent, self._unsent = self._unsent, []
            over = [*unsent, *self._collect(time.monotonic() if unsent else until_s), *self._kill_overdue()]
            if self._refusal and not over:
                raise self._refusal
            if over or time.monotonic() >= until_s or self._resting() > resting:
                return over
            self._check_anybody()

    def stop(self) -> None:
        """Kill the workers and leave the cluster; as `Executor.stop`."""
        for seat in self._seats:
            self._kill(seat)
        for kept in (self._seats, self._awaited, self._jobs, self._idle):
            kept.clear()
        self._session.close()

    # Workers

    def _open_all(self) -> None:
        for crew in crews_for(self._demand, self._session.nodes()):
            self._crew_of.update(dict.fromkeys(crew.stages, crew.stages))
            self._idle[crew.stages] = deque()
            for _ in range(crew.size):
                self._open(crew)

    def _open(self, crew: Crew) -> None:
        """Ask for a worker; where there is no room for it, it comes once there is."""
        ray = the_ray()
        actor = ray.remote(**ray_options(crew))(Member).remote(self._build, crew.stages)
        seat = _Seat(crew, actor)
        self._seats.add(seat)
        ref = actor.load.remote(self._session.needs_token)
        self._awaited[ref] = lambda ref: self._loaded(ref, seat)

    def _replace(self, seat: _Seat) -> None:
        self._kill(seat)
        self._seats.discard(seat)
        self._open(seat.crew)

    def _kill(self, seat: _Seat) -> None:
        ray = the_ray()
        with suppress(Exception):  # it is dead, or the cluster is
            ray.kill(seat.actor, no_restart=True)

    def _wait_for_crews(self) -> None:
        """Wait until every worker is loaded; not for long where there is one of each kind."""
        began_s = time.monotonic()
        while any(seat.hello is None for seat in self._seats) or not self._seats:
            waited_s = time.monotonic() - began_s
            is_complete = self._hellos.keys() >= set(self._crew_of.values())
            if is_complete and waited_s > ALL_LOADED_S:
                return
            if not self._seats or (waited_s > self._limits.load_s and not is_complete):
                raise _no_worker()
            self._collect(time.monotonic() + 1)
            if self._refusal:
                raise self._refusal

    def _loaded(self, ref: Any, seat: _Seat) -> Sequence[Ended]:
        """A worker is loaded, or will never be."""
        ray = the_ray()
        try:
            hello: Hello | SetupError = ray.get(ref)
        except ray.exceptions.RayActorError as error:
            self._lost_while_loading(seat, error)
            return ()
        except ray.exceptions.RayError as error:
            raise _useless(error) from error
        if isinstance(hello, SetupError):
            raise hello
        difference = hello.differs_from(self._hellos.setdefault(seat.crew.stages, hello))
        if difference:
            raise DependencyError(
                f"the machines of the cluster differ: {difference}",
                code="cluster.mixed",
                hint="install the same callaudit, models and lexicons on each of them",
            )
        seat.hello = hello
        self._lost_loading = 0
        self._idle[seat.crew.stages].append(seat)
        return ()

    def _lost_while_loading(self, seat: _Seat, error: Exception) -> None:
        self._lost_loading += 1
        if getattr(error, "actor_init_failed", False) or self._lost_loading > MAX_LOST_LOADING:
            raise _useless(error) from error
        self._replace(seat)

    # What ends

    def _resting(self) -> int:
        return sum(len(seats) for seats in self._idle.values())

    def _collect(self, until_s: float) -> Sequence[Ended]:
        """Take all that has come, as soon as something has."""
        ray = the_ray()
        deadlines_s = [job.deadline_s for job in self._jobs.values()]
        wait_s = max(0.0, min([until_s, *deadlines_s]) - time.monotonic())
        if not self._awaited:
            time.sleep(wait_s)
            return ()
        ready, _ = ray.wait(list(self._awaited), num_returns=1, timeout=wait_s)
        if ready:
            ready, _ = ray.wait(list(self._awaited), num_returns=len(self._awaited), timeout=0)
        over: list[Ended] = []
        for ref in ready:
            try:
                over += self._awaited.pop(ref)(ref)
            except SetupError as error:  # what else has come is to be saved first
                self._refusal = self._refusal or error
        return over

    def _replied(self, ref: Any) -> Sequence[Ended]:
        """A worker has answered, or is dead."""
        ray = the_ray()
        job = self._jobs.pop(ref)
        try:
            reply: Reply = ray.get(ref)
        except ray.exceptions.ActorUnavailableError:
            return self._ask_who_died(job)
        except (ray.exceptions.RayActorError, ray.exceptions.OutOfMemoryError) as error:
            return self._lost(job, error)
        except ray.exceptions.RayError as error:
            self._replace(job.seat)
            return (Ended(job.number, Crash(CrashKind.EXIT, _kind_of(error))),)
        most = self._limits.growth_bytes
        if most is not None and reply.grown_bytes > most:
            self._replace(job.seat)
        else:
            self._idle[job.seat.crew.stages].append(job.seat)
        if isinstance(reply.result, SetupError):
            raise reply.result
        return (Ended(job.number, _named(reply.result, job.wave)),)

    def _ask_who_died(self, job: _Job) -> Sequence[Ended]:
        """A worker does not answer: wait until Ray knows whether it died, or its machine."""
        job.deadline_s = time.monotonic() + VERDICT_S
        job.is_length_asked, job.overdue = True, _UNREACHABLE
        ref = job.seat.actor.length_ms.options(concurrency_group="watch").remote()
        self._jobs[ref] = job
        self._awaited[ref] = self._verdict
        return ()

    def _verdict(self, ref: Any) -> Sequence[Ended]:
        ray = the_ray()
        job = self._jobs.pop(ref)
        try:
            ray.get(ref)
        except ray.exceptions.ActorDiedError as error:
            return self._lost(job, error)
        except ray.exceptions.RayError as error:
            log.warning("worker_unreachable", error=type(error).__name__)
        self._replace(job.seat)  # it may live, but what it did is lost
        return (Ended(job.number, _UNREACHABLE),)

    def _lost(self, job: _Job, error: Exception) -> Sequence[Ended]:
        alive = {node.node_id for node in self._session.nodes()}
        hello = job.seat.hello
        crash = crash_of(str(error), is_node_alive=hello is None or hello.node_id in alive)
        self._replace(job.seat)
        return (Ended(job.number, crash),)

    def _kill_overdue(self) -> Sequence[Ended]:
        """Kill workers whose time is up; those that only now know how long their recording is get more."""
        now_s = time.monotonic()
        over = []
        for ref, job in list(self._jobs.items()):
            if now_s < job.deadline_s or self._has_more_time(job):
                continue
            del self._jobs[ref], self._awaited[ref]
            self._replace(job.seat)
            over.append(Ended(job.number, job.overdue))
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

    def _check_anybody(self) -> None:
        """See to it that a run without workers does not wait for ever.

        Raises:
            SetupError: there was none for longer than one takes to load.
        """
        now_s = time.monotonic()
        if any(seat.hello for seat in self._seats):
            self._alone_since_s = None
        elif self._alone_since_s is None:
            self._alone_since_s = now_s
        elif now_s - self._alone_since_s > self._limits.load_s:
            raise _no_worker()


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


def _kind_of(error: Exception) -> str:
    """What kind of error a worker raised; its text may hold what was said."""
    return type(getattr(error, "cause", None) or error).__name__


def _useless(error: Exception) -> DependencyError:
    return DependencyError(
        f"a worker cannot be loaded on a machine of the cluster ({_kind_of(error)})",
        code="cluster.worker",
        hint="each needs the Python, Ray, callaudit and RAY_AUTH_MODE that are here; `callaudit doctor` may say more",
    )


def _no_worker() -> DependencyError:
    return DependencyError(
        "no machine of the cluster has room for a worker",
        code="cluster.empty",
        hint="`ray status` shows CPUs, GPUs and memory that are free; `ray start --address=…` adds machines",
    )
