"""The executor of one machine: worker processes under supervision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from callaudit.batch.posts import Plan, WorkerLimits
from callaudit.batch.supervisor import Supervisor
from callaudit.batch.tasks import STAGES, Ended, Note, Outcome, Task, perform
from callaudit.domain.runs import Stage
from callaudit.pipeline import Engines

EVERY_STAGE = frozenset(Stage)
HEARING = frozenset({Stage.TRANSCRIBE})
THE_REST = EVERY_STAGE - HEARING

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_GPUS = "CUDA_VISIBLE_DEVICES"

BuildEngines = Callable[[frozenset[Stage]], Engines]
"""Loads the engines that these stages need; picklable."""


class TaskHandler:
    """Does tasks with engines that are loaded."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @property
    def hello(self) -> Mapping[str, str]:
        """Versions of the engines."""
        return self._engines.versions()

    def __call__(self, task: Task, note: Note) -> Outcome:
        """Do one task."""
        return perform(task, self._engines, note)


def _make_handler(build: BuildEngines, stages: frozenset[Stage]) -> TaskHandler:
    return TaskHandler(build(stages))


class LocalExecutor:
    """Worker processes on this machine (`tasks.Executor`).

    On the CPU every worker does every stage. With GPUs, one worker for each transcribes and does nothing else, so that
    no GPU waits for a decoder; the others do the rest and never load the speech model.
    """

    def __init__(
        self, build: BuildEngines, limits: WorkerLimits, *, workers: int, threads: int = 1, gpus: Sequence[str] = ()
    ) -> None:
        """Plan the workers; `start` starts them.

        Args:
            build: called in each worker.
            limits: what each worker may use.
            workers: how many there are besides those on GPUs.
            threads: CPU threads of each; 0 leaves the number to the libraries.
            gpus: those to use, as `CUDA_VISIBLE_DEVICES` names them; without any the model runs on the CPU.
        """
        common = dict.fromkeys(_THREADS, str(threads)) if threads else {}
        if gpus:
            plans = [_plan(build, HEARING, {**common, _GPUS: gpu}) for gpu in gpus]
            plans += [_plan(build, THE_REST, {**common, _GPUS: ""})] * workers
        else:
            plans = [_plan(build, EVERY_STAGE, common)] * workers
        crews = (HEARING, THE_REST) if gpus else (EVERY_STAGE,)
        self._role = {stage: _name(stages) for stages in crews for stage in stages}
        self._supervisor: Supervisor[Task, Outcome] = Supervisor(plans, limits)
        self._workers = len(plans)

    @property
    def workers(self) -> int:
        """How many there are; as `Executor.workers`."""
        return self._workers

    def start(self) -> Mapping[str, str]:
        """Load the engines; as `Executor.start`."""
        hellos = self._supervisor.start()
        versions = hellos[self._role[Stage.PREPARE]]
        return {**versions, "transcriber": hellos[self._role[Stage.TRANSCRIBE]]["transcriber"]}

    def room(self, stage: Stage) -> int:
        """Workers at rest that do a stage; as `Executor.room`."""
        return self._supervisor.room(self._role[stage])

    def submit(self, number: int, task: Task, length_ms: int | None) -> None:
        """Begin a task; as `Executor.submit`."""
        self._supervisor.submit(self._role[STAGES[type(task)]], number, task, length_ms)

    def ended(self, timeout_s: float) -> Sequence[Ended]:
        """Tasks that ended; as `Executor.ended`."""
        return tuple(Ended(number, result) for number, result in self._supervisor.ended(timeout_s))

    def stop(self) -> None:
        """Kill the workers; as `Executor.stop`."""
        self._supervisor.stop()


def _name(stages: frozenset[Stage]) -> str:
    """Role of the workers that do these stages."""
    return "+".join(sorted(stages))


def _plan(build: BuildEngines, stages: frozenset[Stage], environment: Mapping[str, str]) -> Plan:
    # Results bear the fingerprint of the engines that the run began with.
    build_handler = partial(_make_handler, build, stages)
    return Plan(role=_name(stages), build=build_handler, environment=environment, is_alike=True)
