"""Who works on a cluster, against a stand-in for Ray: what a run does that is left without workers."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from callaudit.batch.cluster import executor as executors
from callaudit.batch.cluster import staff as staffs
from callaudit.batch.cluster.crews import Demand
from callaudit.batch.cluster.executor import ClusterExecutor
from callaudit.batch.cluster.member import Hello
from callaudit.batch.cluster.session import Node
from callaudit.batch.posts import WorkerLimits
from callaudit.domain.runs import Stage
from callaudit.errors import DependencyError

LIMITS = WorkerLimits(floor_s=1, per_length=1, first_s=1, load_s=0.3)


class FakeRay:
    """Its workers are loaded at once; from when it is `full` on, none finds a place any more."""

    exceptions = SimpleNamespace(RayError=RuntimeError, RayActorError=RuntimeError)
    hello = Hello("node", "host", {"decoder": "1", "transcriber": "1", "callaudit": "1"})
    is_full = False

    def __init__(self):
        self.placed = []

    def remote(self, **options):
        load = SimpleNamespace(remote=lambda needs_token: self._new())
        return lambda kind: SimpleNamespace(remote=lambda *given: SimpleNamespace(load=load))

    def _new(self):
        ref = object()
        if not self.is_full:
            self.placed.append(ref)
        return ref

    def wait(self, refs, *, num_returns, timeout):
        ready = [ref for ref in refs if ref in self.placed][:num_returns]
        if not ready:
            time.sleep(timeout)
        return ready, [ref for ref in refs if ref not in ready]

    def get(self, ref):
        return self.hello

    def kill(self, actor, *, no_restart):
        """Nothing is to be killed."""


@pytest.fixture
def ray(monkeypatch):
    fake = FakeRay()
    for module in (executors, staffs):
        monkeypatch.setattr(module, "the_ray", lambda: fake)
    return fake


def started(monkeypatch, **machine):
    """An executor on a cluster of one machine."""
    node = Node(**{"node_id": "node", "host": "host", "cpus": 2, "gpus": 0, "memory_bytes": 8 << 30, **machine})
    executor = ClusterExecutor(lambda stages: None, LIMITS, demand=Demand(lean_bytes=1 << 30, worker_bytes=1 << 30))
    session = SimpleNamespace(open=lambda: None, close=lambda: None, nodes=lambda: [node], needs_token=False)
    monkeypatch.setattr(executor, "_session", session)
    monkeypatch.setattr(executor._staff, "_session", session)
    executor.start()
    return executor


def ask_until_it_raises(executor, timeout_s):
    until_s = time.monotonic() + 3
    while time.monotonic() < until_s:
        executor.ended(timeout_s)
        time.sleep(0.02)


@pytest.mark.parametrize("timeout_s", [0.0, 0.1])
@pytest.mark.parametrize(("gpus", "lost"), [(0, Stage.PREPARE), (1, Stage.PREPARE), (1, Stage.TRANSCRIBE)])
def test_a_run_that_is_left_without_workers_of_a_kind_ends(ray, monkeypatch, gpus, lost, timeout_s):
    executor = started(monkeypatch, gpus=gpus)
    ray.is_full = True
    while executor.room(lost):
        executor._staff.replace(executor._staff.take(lost))

    with pytest.raises(DependencyError) as caught:
        ask_until_it_raises(executor, timeout_s)
    assert caught.value.code == "cluster.empty"


def test_workers_that_come_in_time_are_waited_for_and_the_next_loss_has_a_time_of_its_own(ray, monkeypatch):
    executor = started(monkeypatch, cpus=1)
    for _ in range(3):
        ray.is_full = True
        executor._staff.replace(executor._staff.take(Stage.PREPARE))
        executor.ended(0.2)
        ray.is_full = False
        ray.placed += executor._staff.loading
        assert executor.ended(0.2) == []
        assert executor.room(Stage.PREPARE) == 1


def test_a_cluster_with_gpus_and_no_room_for_anybody_else_is_told_so(ray, monkeypatch):
    with pytest.raises(DependencyError) as caught:
        started(monkeypatch, gpus=1, memory_bytes=0)
    assert caught.value.code == "cluster.empty"
