"""Which workers a cluster carries, and how one of them ended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callaudit.batch.cluster.session import Node
from callaudit.batch.tasks import Crash, CrashKind
from callaudit.batch.workers import EVERY_STAGE, HEARING, THE_REST
from callaudit.domain.runs import Stage

_EXIT_STATUS = re.compile(r"exit code (-?\d+)")
_SHORT_OF_MEMORY = "low on memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a run asks of a cluster."""

    workers: int = 0
    """On CPUs, in the whole cluster; 0: as many as it carries."""
    cpus: int = 1
    """CPUs of each worker."""
    worker_bytes: int = 0
    """Memory of a worker with the speech model, as Ray counts it."""
    lean_bytes: int = 0
    """Of one without."""
    with_gpus: bool = True
    """Whether the speech model runs on the GPUs that there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Workers of one kind."""

    stages: frozenset[Stage]
    size: int
    cpus: int = 0
    gpus: int = 0
    memory_bytes: int = 0


def crews_for(demand: Demand, nodes: Sequence[Node]) -> Sequence[Crew]:
    """The workers of a run; of no size where there is no room for them.

    With GPUs, one worker for each transcribes and does nothing else; the others never load the speech model. They take
    every CPU: a worker on a GPU needs little of one.
    """
    gpus = sum(node.gpus for node in nodes) if demand.with_gpus else 0
    memory_bytes = demand.lean_bytes if gpus else demand.worker_bytes
    size = demand.workers or sum(_carried(node, demand.cpus, memory_bytes) for node in nodes)
    stages = THE_REST if gpus else EVERY_STAGE
    crew = Crew(stages=stages, size=size, cpus=demand.cpus, memory_bytes=memory_bytes)
    return (crew, Crew(stages=HEARING, size=gpus, gpus=1)) if gpus else (crew,)


def _carried(node: Node, cpus: int, memory_bytes: int) -> int:
    by_memory = node.memory_bytes // memory_bytes if memory_bytes else node.cpus
    return min(node.cpus // cpus, by_memory)


def ray_options(crew: Crew) -> Mapping[str, object]:
    """Of an actor: Ray is to try nothing again by itself, as it does not know which call took a worker down."""
    return {
        "num_cpus": crew.cpus,
        "num_gpus": crew.gpus,
        "memory": crew.memory_bytes or None,
        "max_restarts": 0,
        "max_task_retries": 0,
        "scheduling_strategy": "SPREAD",
        "concurrency_groups": {"watch": 1},
    }


def crash_of(account: str, *, is_node_alive: bool) -> Crash:
    """What took a worker down, by what Ray tells of its end.

    Args:
        account: text of Ray's error.
        is_node_alive: whether the machine it ran on is still there.
    """
    if not is_node_alive:
        return Crash(CrashKind.NODE, "its machine was lost")
    if _SHORT_OF_MEMORY in account:
        return Crash(CrashKind.MEMORY, "Ray killed it as its machine ran out of memory")
    status = _EXIT_STATUS.search(account)
    if status:
        return Crash(CrashKind.EXIT, f"exit status {status[1]}")
    return Crash(CrashKind.SIGNAL, "its process died")
