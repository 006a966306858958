"""One recording of each deadly kind among fifty good ones, in real processes with a real database."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from dataclasses import dataclass

import pytest

from callaudit.assembly import sqlite_address
from callaudit.batch.account import QUARANTINED
from callaudit.batch.driver import run
from callaudit.batch.intake import Intake
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.workers import LocalExecutor
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.pipeline import Engines
from callaudit.storage.store import SqlStore
from tests.batch.executors import make_batch
from tests.batch.small_night import SETTINGS, FileDecoder, FileTranscriber, write_recordings
from tests.fakes import make_engines

GOOD = 50
MIB = 1 << 20
# Even a busy machine takes less time than that to fill the memory.
LIMITS = WorkerLimits(floor_s=8, per_length=1, first_s=8, load_s=60, memory_bytes=700 * MIB)


def segfault():
    ctypes.string_at(0)


def hang():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def bomb():
    held = []
    while True:
        held.append(bytearray(os.urandom(1)) * (32 * MIB))
        time.sleep(0.02)


def leave():
    os._exit(3)


POISONS = {"segfault": segfault, "hang": hang, "bomb": bomb, "leave": leave}
REASONS = {"segfault": "SIGSEGV", "hang": "not done within", "bomb": "MiB, more than", "leave": "exit status 3"}


@dataclass
class PoisonedDecoder(FileDecoder):
    """Swallows what the file holds."""

    def decode(self, source):
        POISONS.get(source.path.read_text(encoding="utf-8"), lambda: None)()
        return super().decode(source)


def engines_for(stages) -> Engines:
    return make_engines(decoder=PoisonedDecoder(), transcriber=FileTranscriber())


@pytest.mark.skipif(os.name != "posix", reason="workers are processes of POSIX systems")
def test_each_poison_is_set_aside_with_its_reason_and_fifty_good_calls_are_done(tmp_path):
    folder = tmp_path / "recordings"
    write_recordings(folder, GOOD)
    for number, name in enumerate(POISONS):
        (folder / f"call-{number * 12:03}-{name}.wav").write_text(name, encoding="utf-8")
    sources = [CallSource(path=path) for path in sorted(folder.iterdir())]
    executor = LocalExecutor(engines_for, LIMITS, workers=2)
    with SqlStore(sqlite_address(tmp_path / "night.db")) as store:
        try:
            executor.start()
            summary = run(sources, make_batch(store, executor=executor, intake=Intake(SETTINGS)))
        finally:
            executor.stop()
        outcomes = list(store.outcomes())

    assert (summary.found, summary.done, summary.failed) == (GOOD + 4, GOOD, 4)
    assert (summary.quarantined, summary.crashes) == (4, 8)
    assert sum(isinstance(outcome, JudgedCall) for outcome in outcomes) == GOOD
    failed = {outcome.path.stem.split("-")[-1]: outcome for outcome in outcomes if isinstance(outcome, FailedCall)}
    assert {outcome.code for outcome in failed.values()} == {QUARANTINED}
    for name, reason in REASONS.items():
        assert reason in failed[name].message
