"""The executor of a cluster on three nodes, with engines that are fakes, in real processes."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from callaudit.batch.account import QUARANTINED
from callaudit.batch.cluster import ClusterExecutor, Demand
from callaudit.batch.driver import run
from callaudit.batch.memory import MemoryLedger
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.tasks import STAGES, Crash, CrashKind, Fault, JudgeTask, PrepareTask, TranscribeTask, perform
from callaudit.domain.analysis import CallSource, PreparedCall
from callaudit.domain.runs import Stage
from callaudit.errors import DependencyError, ModelError, SettingsError
from tests.batch.cluster import engines as made
from tests.batch.cluster.nodes import node, processes, three_nodes
from tests.batch.executors import make_batch

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: callaudit[ray]")

LIMITS = WorkerLimits(floor_s=30, per_length=20, first_s=30, load_s=40)


@pytest.fixture(scope="module")
def cluster():
    with three_nodes() as nodes:
        yield nodes


@contextmanager
def joined(cluster, build=made.build, limits=LIMITS, demand=None):
    executor = ClusterExecutor(build, limits, cluster.address, demand)
    try:
        executor.versions = executor.start()
        yield executor
    finally:
        executor.stop()


@pytest.fixture(scope="class")
def executor(cluster):
    """Three workers, for tests that leave as many."""
    with joined(cluster) as executor:
        yield executor


def source(name):
    return CallSource(path=Path(f"calls/{name}.wav"))


def do(executor, *tasks, length_ms=None):
    """The results of tasks, in their order, all of them under way as soon as there is room."""
    results, left, deadline_s = {}, list(enumerate(tasks)), time.monotonic() + 60
    while len(results) < len(tasks):
        assert time.monotonic() < deadline_s, results
        while left and executor.room(STAGES[type(left[0][1])]):
            number, task = left.pop(0)
            executor.submit(number, task, length_ms)
        for ended in executor.ended(1.0):
            assert ended.number not in results
            results[ended.number] = ended.result
    return [results[number] for number in range(len(tasks))]


def prepared(executor, *names):
    return do(executor, *(PrepareTask(source(name)) for name in names))


def gone_soon(title):
    """Whether no process of the cluster has this title any more; Ray sees to it in the background."""
    until_s = time.monotonic() + 10
    while any(name.startswith(title) for name in processes(os.environ["RAY_TMPDIR"])):
        if time.monotonic() > until_s:
            return False
        time.sleep(0.1)
    return True


class TestTasks:
    def test_results_are_those_of_one_process(self, executor):
        engines = made.build(frozenset(Stage))
        names = ["rude", "kind", "hoarse", "fourth"]
        calls = prepared(executor, *names)
        (transcripts,) = do(executor, TranscribeTask(tuple(calls)), length_ms=4000)
        judged = do(executor, JudgeTask(calls[0].call, calls[0].acoustics, transcripts[0]))

        alone = [perform(PrepareTask(source(name)), engines) for name in names]
        heard = perform(TranscribeTask(tuple(alone)), engines)
        assert [(call.call, call.acoustics) for call in calls] == [(call.call, call.acoustics) for call in alone]
        assert transcripts == heard
        assert isinstance(transcripts[2], Fault)
        assert judged == [perform(JudgeTask(alone[0].call, alone[0].acoustics, heard[0]), engines)]
        assert judged[0].findings

    def test_sound_stays_on_the_cluster(self, executor):
        (call,) = prepared(executor, "kind")
        alone = perform(PrepareTask(source("kind")), made.build(frozenset(Stage)))

        assert call.wave.samples.nbytes == alone.wave.samples.nbytes
        assert call.wave.duration_ms == 1000
        assert call.wave.samples.strides == (0, 0)
        assert not call.wave.samples.any()

    def test_a_recording_that_finds_no_room_takes_no_worker_along_and_may_come_again(
        self, executor, monkeypatch, tmp_path
    ):
        import ray

        (tmp_path / "kind.wav").write_bytes(b"sound")
        fetched = PrepareTask(replace(source("kind"), url="s3://calls/kind.wav", local=tmp_path / "kind.wav"))

        def full(value):
            raise ray.exceptions.ObjectStoreFullError

        with monkeypatch.context() as patched:
            patched.setattr(ray, "put", full)
            (crash,) = do(executor, fetched)
        assert crash.kind is CrashKind.NODE
        assert executor.room(Stage.PREPARE) == 3
        (call,) = do(executor, fetched)
        assert isinstance(call, PreparedCall)

    def test_a_bad_call_is_a_fault_and_its_worker_goes_on(self, executor):
        (fault,) = prepared(executor, "bad")

        assert (fault.code, fault.stage) == ("audio.not_audio", "decode")
        assert executor.room(Stage.PREPARE) == 3

    def test_three_tasks_are_under_way_at_once(self, executor, tmp_path):
        tasks = [PrepareTask(CallSource(path=tmp_path / f"meet_{number}.wav")) for number in range(3)]

        assert all(isinstance(call, PreparedCall) for call in do(executor, *tasks))
        assert executor.room(Stage.TRANSCRIBE) == executor.room(Stage.JUDGE) == 3

    def test_a_recording_that_only_this_machine_has_goes_to_the_node(self, executor, tmp_path):
        fetched = tmp_path / "fetched"
        fetched.write_bytes(b"RIFF")
        remote = CallSource(path=Path("s3:/bucket/content.wav"), url="s3://bucket/content.wav", local=fetched)

        executor.submit(7, PrepareTask(remote), None)
        fetched.unlink()
        (ended,) = executor.ended(30.0)

        call = ended.result
        assert call.call.recording.container == "b'RIFF'"

    def test_versions_are_those_of_the_engines(self, executor):
        assert executor.versions == made.build(frozenset(Stage)).versions()


class TestCrashes:
    def test_a_poison_task_harms_no_other(self, cluster):
        names = ["nap_1", "segfault", "nap_2", "exit", "nap_3", "nap_4", "nap_5"]
        with joined(cluster) as executor:
            results = dict(zip(names, prepared(executor, *names), strict=True))
            (again,) = prepared(executor, "rude")

        crashed = {name: result.kind for name, result in results.items() if isinstance(result, Crash)}
        assert crashed == {"segfault": CrashKind.SIGNAL, "exit": CrashKind.SIGNAL}
        assert again.call.call_id == "rude"

    def test_a_node_that_is_lost_takes_its_tasks_along_and_no_other(self, cluster):
        fourth = cluster.add_node(**node())
        with joined(cluster) as executor:
            assert executor.room(Stage.PREPARE) == 4
            names = ["nap_1", "nap_2", "nap_3", "nap_4"]
            calls = prepared(executor, *names)
            for number, name in enumerate(names):
                executor.submit(number, PrepareTask(source(f"long{name}")), None)
            cluster.remove_node(fourth, allow_graceful=False)
            results, until_s = [], time.monotonic() + 60
            while len(results) < 4 and time.monotonic() < until_s:
                results += [item.result for item in executor.ended(1.0)]
            assert [result.kind for result in results if isinstance(result, Crash)] == [CrashKind.NODE]
            assert len(results) == 4

            (transcripts,) = do(executor, TranscribeTask(tuple(calls)), length_ms=4000)
            assert executor.room(Stage.PREPARE) == 3
        assert [heard.utterances[0].text for heard in transcripts] == ["您好"] * 4
        cluster.wait_for_nodes()  # until Ray knows, a run that begins counts on the node

    def test_a_run_that_loses_a_machine_comes_to_what_one_process_comes_to(self, cluster):
        names = [f"nap_{number}" for number in range(10)]
        sources = [source(name) for name in ("rude", "bad", *names, "segfault")]
        fourth = cluster.add_node(**node())
        ledger = LosingLedger(after=4, lose=lambda: cluster.remove_node(fourth, allow_graceful=False))
        with joined(cluster) as executor:
            summary = run(sources, make_batch(ledger, executor=executor))
        alone = MemoryLedger()
        run(sources[:-1], make_batch(alone, engines=made.build(frozenset(Stage))))

        (aside,) = [outcome for outcome in ledger.outcomes if outcome not in alone.outcomes]
        assert (aside.path.stem, aside.code) == ("segfault", QUARANTINED)
        assert len(ledger.outcomes) == len(alone.outcomes) + 1 == len(sources)
        assert (summary.done, summary.failed) == (11, 2)
        assert ledger.lose is None
        cluster.wait_for_nodes()


class LosingLedger(MemoryLedger):
    """Something is lost once so many outcomes are kept."""

    def __init__(self, after, lose):
        super().__init__()
        self.left, self.lose = after, lose

    def save(self, outcome):
        super().save(outcome)
        self.left = max(0, self.left - 1)
        if not self.left and self.lose:
            self.lose()
            self.lose = None


class TestTime:
    def test_what_hangs_is_killed_and_what_is_long_gets_more_time(self, cluster):
        limits = replace(LIMITS, floor_s=10, first_s=3)
        with joined(cluster, made.build_slow, limits) as executor:
            hang, grip, slow = prepared(executor, "hang", "grip", "long")
            assert executor.room(Stage.PREPARE) <= 3

        assert hang.kind is grip.kind is CrashKind.TIME
        assert slow.call.call_id == "long"
        assert gone_soon("ray::Member")


class TestRefusals:
    def test_an_error_of_setup_while_loading_comes_as_itself(self, cluster):
        with (
            pytest.raises(ModelError, match="no model here") as caught,
            joined(cluster, made.build_none, demand=Demand(workers=1)),
        ):
            pass
        assert (caught.value.code, caught.value.hint) == ("model.absent", "fetch it")

    def test_an_error_of_setup_at_work_comes_as_itself(self, cluster):
        with joined(cluster, made.build_refusing, demand=Demand(workers=1)) as executor:
            calls = prepared(executor, "kind")
            executor.submit(7, TranscribeTask(tuple(calls)), 1000)
            with pytest.raises(ModelError, match="gone"):
                executor.ended(20.0)

    def test_machines_that_differ_are_refused(self, cluster):
        with (
            pytest.raises(DependencyError, match=r"differ: locator is .* on .* and .* on ") as caught,
            joined(cluster, made.build_mixed),
        ):
            pass
        assert caught.value.code == "cluster.mixed"

    @pytest.mark.parametrize("build", [made.build_dying, made.build_odd])
    def test_workers_that_cannot_be_loaded_end_the_run(self, cluster, build):
        with pytest.raises(DependencyError) as caught, joined(cluster, build, demand=Demand(workers=1)):
            pass
        assert caught.value.code == "cluster.worker"
        assert "must not get out" not in str(caught.value)

    def test_no_room_for_a_worker_is_said(self, cluster):
        with (
            pytest.raises(DependencyError) as caught,
            joined(cluster, limits=replace(LIMITS, load_s=2), demand=Demand(workers=1, cpus=64)),
        ):
            pass
        assert caught.value.code == "cluster.empty"

    def test_a_cluster_without_a_token_is_left_at_once(self, cluster, monkeypatch):
        monkeypatch.setenv("RAY_AUTH_MODE", "disabled")

        with pytest.raises(SettingsError) as caught:
            ClusterExecutor(made.build, LIMITS, cluster.address)
        assert caught.value.code == "cluster.open"


def test_with_gpus_one_worker_for_each_transcribes_and_the_others_do_the_rest(cluster):
    with_gpu = cluster.add_node(**node(), num_gpus=1)
    try:
        with joined(cluster, made.build_by_crew) as executor:
            assert executor.room(Stage.TRANSCRIBE) == 1
            assert executor.room(Stage.PREPARE) == executor.room(Stage.JUDGE) == 4
            calls = prepared(executor, "rude", "kind")
            (transcripts,) = do(executor, TranscribeTask(tuple(calls)), length_ms=2000)
            assert executor.versions["decoder"].startswith("judge+prepare  ")
            assert executor.versions["transcriber"].startswith("transcribe 0 ")
            assert [heard.utterances[0].text for heard in transcripts] == ["你不要脸", "您好"]
    finally:
        cluster.remove_node(with_gpu)
