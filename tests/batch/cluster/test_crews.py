"""Which workers a cluster carries, and what is made of their ends."""

from __future__ import annotations

import pytest

from callaudit.batch.cluster.crews import Crew, Demand, crash_of, crews_for
from callaudit.batch.cluster.session import Node
from callaudit.batch.tasks import CrashKind
from callaudit.batch.workers import EVERY_STAGE, HEARING, THE_REST

GIB = 1 << 30


def node(cpus=4, gpus=0, memory_gib=16):
    return Node(node_id="n", host="10.0.0.5", cpus=cpus, gpus=gpus, memory_bytes=memory_gib * GIB)


def test_on_cpus_every_worker_does_every_stage():
    demand = Demand(worker_bytes=2 * GIB, lean_bytes=GIB)

    assert crews_for(demand, [node(), node(cpus=2)]) == (
        Crew(stages=EVERY_STAGE, size=6, cpus=1, memory_bytes=2 * GIB),
    )


def test_with_gpus_one_worker_for_each_transcribes_and_the_rest_is_done_on_every_cpu():
    demand = Demand(worker_bytes=8 * GIB, lean_bytes=GIB)

    assert crews_for(demand, [node(gpus=2), node()]) == (
        Crew(stages=THE_REST, size=8, cpus=1, memory_bytes=GIB),
        Crew(stages=HEARING, size=2, gpus=1),
    )


def test_gpus_are_left_alone_where_the_model_runs_on_the_cpu():
    (crew,) = crews_for(Demand(with_gpus=False), [node(gpus=2)])

    assert (crew.stages, crew.gpus) == (EVERY_STAGE, 0)


@pytest.mark.parametrize(
    ("demand", "nodes", "size"),
    [
        (Demand(worker_bytes=6 * GIB), [node(), node(memory_gib=5)], 2),
        (Demand(cpus=3), [node(), node(cpus=2), node(cpus=8)], 3),
        (Demand(workers=5), [node()], 5),
        (Demand(), [node(cpus=0)], 0),
        (Demand(), [], 0),
    ],
)
def test_workers_are_as_many_as_each_machine_carries_or_as_are_asked_for(demand, nodes, size):
    (crew,) = crews_for(demand, nodes)

    assert crew.size == size


DIED = "The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: "


@pytest.mark.parametrize(
    ("account", "kind", "detail"),
    [
        (f"{DIED}Worker exits unexpectedly. Worker exits with an exit code 3.", CrashKind.EXIT, "exit status 3"),
        (
            f"{DIED}connection error code 2. (1) the process was killed by the OOM killer due to high memory usage",
            CrashKind.SIGNAL,
            "its process died",
        ),
        (
            "1 worker(s) were killed due to the node running low on memory.",
            CrashKind.MEMORY,
            "Ray killed it as its machine ran out of memory",
        ),
        ("who knows what was said", CrashKind.SIGNAL, "its process died"),
    ],
)
def test_what_took_a_worker_down_is_told_in_our_words(account, kind, detail):
    crash = crash_of(account, is_node_alive=True)

    assert (crash.kind, crash.detail) == (kind, detail)


def test_a_worker_whose_machine_is_gone_is_no_fault_of_its_task():
    assert crash_of(f"{DIED}exit code 3", is_node_alive=False).kind is CrashKind.NODE
