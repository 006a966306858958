"""The executor of one machine, with engines that are fakes, in real processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from callaudit.batch.posts import WorkerLimits
from callaudit.batch.tasks import (
    STAGES,
    Crash,
    CrashKind,
    Ended,
    Fault,
    JudgeTask,
    PrepareTask,
    TranscribeTask,
    perform,
)
from callaudit.batch.workers import EVERY_STAGE, HEARING, THE_REST, LocalExecutor
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Stage
from callaudit.errors import DependencyError
from tests.fakes import Fake, FakeDecoder, ScriptedTranscriber, make_engines

pytestmark = pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="there are no worker processes")

LIMITS = WorkerLimits(floor_s=20, per_length=20, first_s=20, load_s=20)
SCRIPT = {"rude": "你不要脸"}


@dataclass
class PoisonedDecoder(FakeDecoder):
    """Dies of a recording named segfault, and takes long over one named slow, once it has told how long it is."""

    def decode(self, source):
        if source.path.stem == "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        return super().decode(source)


@dataclass
class SlowSpeech(Fake):
    def detect(self, wave):
        time.sleep(1)
        return ()


def build(stages):
    """Engines whose names tell the stages they were built for, and the GPUs their process may see."""
    name = f"{'+'.join(sorted(stages))} {os.environ.get('CUDA_VISIBLE_DEVICES')} {os.environ.get('OMP_NUM_THREADS')}"
    transcriber = ScriptedTranscriber(name, script=SCRIPT, poison=frozenset({"hoarse"}))
    return make_engines(decoder=PoisonedDecoder(name, bad=frozenset({"bad"})), transcriber=transcriber)


def build_from_file(file, stages):
    """Engines whose version is what a file says, as that of a lexicon is."""
    return replace(build(stages), speech=SlowSpeech(version=file.read_text()))


def build_slow(stages):
    return replace(build(stages), speech=SlowSpeech())


@contextmanager
def started(build=build, limits=LIMITS, **options):
    executor = LocalExecutor(build, limits, **{"workers": 1, **options})
    try:
        executor.versions = executor.start()
        yield executor
    finally:
        executor.stop()


def do(executor, task, length_ms=None):
    """The result of one task."""
    deadline = time.monotonic() + 20
    while not executor.room(STAGES[type(task)]):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    executor.submit(7, task, length_ms)
    while not (over := executor.ended(20)):
        assert time.monotonic() < deadline
    assert [type(ended) for ended in over] == [Ended]
    assert over[0].number == 7
    return over[0].result


def source(stem):
    return CallSource(path=Path(f"{stem}.wav"))


def test_a_call_goes_through_the_stages_as_it_does_in_this_process():
    engines = build(EVERY_STAGE)
    with started() as executor:
        prepared = do(executor, PrepareTask(source("rude")))
        (transcript,) = do(executor, TranscribeTask((prepared,)), 1000)
        judged = do(executor, JudgeTask(prepared.call, prepared.acoustics, transcript), 1000)

    here = perform(PrepareTask(source("rude")), engines)
    assert (prepared.call, prepared.acoustics) == (here.call, here.acoustics)
    assert prepared.wave.samples.tobytes() == here.wave.samples.tobytes()
    assert (transcript,) == perform(TranscribeTask((here,)), engines)
    assert judged == perform(JudgeTask(here.call, here.acoustics, transcript), engines)
    assert len(judged.findings) == 1


def test_a_call_that_fails_or_crashes_is_told_as_such():
    with started() as executor:
        assert do(executor, PrepareTask(source("bad"))).code == "audio.not_audio"
        assert do(executor, PrepareTask(source("segfault"))) == Crash(CrashKind.SIGNAL, "SIGSEGV")
        calls = tuple(do(executor, PrepareTask(source(stem))) for stem in ("hoarse", "rude"))
        fault, transcript = do(executor, TranscribeTask(calls), 2000)

    assert isinstance(fault, Fault)
    assert transcript.utterances[0].text == SCRIPT["rude"]


def test_the_length_of_a_recording_sets_the_limit_once_it_is_decoded():
    first_s = replace(LIMITS, first_s=0.7, floor_s=10)
    with started(build_slow, first_s) as executor:
        assert not isinstance(do(executor, PrepareTask(source("rude"))), Crash)
    too_short = replace(LIMITS, floor_s=0.3, per_length=0.3)
    with started(build_slow, too_short) as executor:
        assert do(executor, PrepareTask(source("rude"))).kind is CrashKind.TIME


def test_on_the_cpu_every_worker_does_every_stage():
    with started(workers=2, threads=3) as executor:
        deadline = time.monotonic() + 20
        while executor.room(Stage.JUDGE) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert {executor.room(stage) for stage in Stage} == {2}
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        assert executor.versions["decoder"] == f"judge+prepare+transcribe {visible} 3 1"
        assert executor.versions == build(EVERY_STAGE).versions() | {
            role: executor.versions[role] for role in ("decoder", "transcriber")
        }


def test_each_gpu_has_a_worker_that_transcribes_and_the_others_see_none():
    with started(gpus=("4",)) as executor:
        assert executor.versions["decoder"] == "judge+prepare  1 1"
        assert executor.versions["transcriber"] == "transcribe 4 1 1"
        prepared = do(executor, PrepareTask(source("rude")))
        executor.submit(1, TranscribeTask((prepared,)), 1000)
        assert executor.room(Stage.TRANSCRIBE) == 0
        assert executor.room(Stage.PREPARE) == 1
        (ended,) = executor.ended(20)
        assert ended.number == 1


def test_the_crews_of_a_gpu_machine_do_every_stage_between_them():
    assert HEARING | THE_REST == EVERY_STAGE
    assert not HEARING & THE_REST


def test_no_thread_setting_leaves_the_libraries_alone(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    with started(threads=0) as executor:
        assert executor.versions["decoder"].endswith(" 5 1")


def test_workers_import_what_the_coordinator_can_import(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text(
        "from callaudit.batch.workers import EVERY_STAGE\nfrom tests.batch.test_workers import build\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import only_here

    with started(only_here.build) as executor:
        assert executor.versions["decoder"].startswith("judge+prepare+transcribe")
    assert sys.modules.pop("only_here")


def test_a_worker_that_comes_later_with_other_engines_ends_the_run(tmp_path):
    lexicon = tmp_path / "lexicon"
    lexicon.write_text("1")
    with started(partial(build_from_file, lexicon)) as executor:
        lexicon.write_text("2")
        assert isinstance(do(executor, PrepareTask(source("segfault"))), Crash)
        with pytest.raises(DependencyError, match="other engines") as refused:
            executor.ended(20)

    assert refused.value.code == "batch.changed"
