"""The workers of a cluster: hired, loaded, at rest, replaced."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from callaudit.batch.cluster.crews import Crew, Demand, crews_for, ray_options
from callaudit.batch.cluster.member import BuildEngines, Hello, Member
from callaudit.batch.cluster.session import Session, the_ray
from callaudit.domain.runs import Stage
from callaudit.errors import DependencyError, SetupError

ALL_LOADED_S = 60.0
"""How long a start waits for the last worker, once there is one of each kind."""
MAX_LOST_LOADING = 3
"""Workers that may die one after the other while they load."""


@dataclass(slots=True, eq=False)
class Seat:
    """A worker, or the place of one that is to come."""

    crew: Crew
    actor: Any
    hello: Hello | None = None


class Staff:
    """The workers that a run has on a cluster.

    Args:
        build: called in each worker.
        session: with the cluster, open when workers are hired.
        load_s: time limit for loading one.
    """

    def __init__(self, build: BuildEngines, session: Session, load_s: float) -> None:
        self._build = build
        self._session = session
        self._load_s = load_s
        self._seats: set[Seat] = set()
        self._idle: dict[frozenset[Stage], deque[Seat]] = {}
        self._crew_of: dict[Stage, frozenset[Stage]] = {}
        self._hellos: dict[frozenset[Stage], Hello] = {}
        self._lost_loading = 0
        self._missed_since_s: dict[frozenset[Stage], float] = {}
        self.loading: dict[Any, Seat] = {}
        """Workers that are being loaded, by Ray's names of what they will say of themselves."""

    @property
    def size(self) -> int:
        """How many there are now, those that are being loaded included."""
        return len(self._seats)

    @property
    def resting(self) -> int:
        """How many have nothing to do."""
        return sum(len(seats) for seats in self._idle.values())

    def room(self, stage: Stage) -> int:
        """How many of them do a stage."""
        return len(self._idle[self._crew_of[stage]])

    def take(self, stage: Stage) -> Seat:
        """One at rest that does a stage; call only where there is `room`."""
        return self._idle[self._crew_of[stage]].popleft()

    def rest(self, seat: Seat) -> None:
        """One that was taken has nothing to do any more."""
        self._idle[seat.crew.stages].append(seat)

    def versions(self) -> Mapping[str, str]:
        """Of the engines; as `Executor.start`."""
        versions = dict(self._hellos[self._crew_of[Stage.PREPARE]].versions)
        versions["transcriber"] = self._hellos[self._crew_of[Stage.TRANSCRIBE]].versions["transcriber"]
        del versions["callaudit"]
        return versions

    def hire(self, demand: Demand) -> None:
        """Ask for the workers of a run and wait for them; not for long for the last, where there is one of each kind.

        Raises:
            SetupError: they cannot be loaded, differ, or there is no room for any.
        """
        crews = crews_for(demand, self._session.nodes())
        if not all(crew.size for crew in crews):
            raise _no_worker()
        for crew in crews:
            self._crew_of.update(dict.fromkeys(crew.stages, crew.stages))
            self._idle[crew.stages] = deque()
            for _ in range(crew.size):
                self._open(crew)
        began_s = time.monotonic()
        while self.loading:
            waited_s = time.monotonic() - began_s
            is_complete = self._hellos.keys() >= set(self._crew_of.values())
            if is_complete and waited_s > ALL_LOADED_S:
                return
            if waited_s > self._load_s and not is_complete:
                raise _no_worker()
            ready, _ = the_ray().wait(list(self.loading), num_returns=1, timeout=1)
            for ref in ready:
                self.loaded(ref)

    def loaded(self, ref: Any) -> None:
        """A worker is loaded, or will never be.

        Raises:
            SetupError: it says that something must be repaired, is not like the others, or is one too many that died.
        """
        ray = the_ray()
        seat = self.loading.pop(ref)
        try:
            hello: Hello | SetupError = ray.get(ref)
        except ray.exceptions.RayActorError as error:
            self._lost_while_loading(seat, error)
            return
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
        self._missed_since_s.pop(seat.crew.stages, None)
        self.rest(seat)

    def replace(self, seat: Seat) -> None:
        """Kill a worker and have another one come in its place."""
        self._kill(seat)
        self._seats.discard(seat)
        self._open(seat.crew)

    def check_anybody(self) -> None:
        """See to it that a run does not wait for ever for workers of a kind; call where no task is under way.

        Raises:
            SetupError: there was none of a kind for longer than one takes to load.
        """
        now_s = time.monotonic()
        there = {seat.crew.stages for seat in self._seats if seat.hello}
        for stages in self._idle.keys() - there:
            if now_s - self._missed_since_s.setdefault(stages, now_s) > self._load_s:
                raise _no_worker()

    def dismiss(self) -> None:
        """Kill all of them; none is hired in their place."""
        for seat in self._seats:
            self._kill(seat)
        for kept in (self._seats, self.loading, self._idle):
            kept.clear()

    def _open(self, crew: Crew) -> None:
        """Ask for a worker; where there is no room for it, it comes once there is."""
        ray = the_ray()
        actor = ray.remote(**ray_options(crew))(Member).remote(self._build, crew.stages)
        seat = Seat(crew, actor)
        self._seats.add(seat)
        self.loading[actor.load.remote(self._session.needs_token)] = seat

    def _kill(self, seat: Seat) -> None:
        ray = the_ray()
        with suppress(Exception):  # it is dead, or the cluster is
            ray.kill(seat.actor, no_restart=True)

    def _lost_while_loading(self, seat: Seat, error: Exception) -> None:
        self._lost_loading += 1
        if getattr(error, "actor_init_failed", False) or self._lost_loading > MAX_LOST_LOADING:
            raise _useless(error) from error
        self.replace(seat)


def kind_of(error: Exception) -> str:
    """What kind of error a worker raised; its text may hold what was said."""
    return type(getattr(error, "cause", None) or error).__name__


def _useless(error: Exception) -> DependencyError:
    return DependencyError(
        f"a worker cannot be loaded on a machine of the cluster ({kind_of(error)})",
        code="cluster.worker",
        hint="each needs the Python, Ray, callaudit and RAY_AUTH_MODE that are here; `callaudit doctor` may say more",
    )


def _no_worker() -> DependencyError:
    return DependencyError(
        "no machine of the cluster has room for a worker",
        code="cluster.empty",
        hint="`ray status` shows CPUs, GPUs and memory that are free; `ray start --address=…` adds machines",
    )
