"""Killed with `kill -9` and resumed: nothing is lost, nothing done twice. `benchmarks/kills.py` is the long loop."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from callaudit.assembly import sqlite_address
from callaudit.storage.store import SqlStore
from tests.batch.small_night import write_recordings
from tests.benchmarks.kills import children_of, outliving

CALLS = 40
KILLS = 3


def start(folder, workers=2):
    command = [sys.executable, "-m", "tests.batch.small_night", str(folder / "recordings"), str(workers)]
    return subprocess.Popen(command, start_new_session=True)


def kept(folder):
    """Everything the database holds of calls, as text."""
    with SqlStore(sqlite_address(folder / "night.db"), to_read=True) as store:
        assert not store.open_attempts()
        return [repr(outcome).replace(str(folder), "") for outcome in store.outcomes()]


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """What an undisturbed run keeps, and how long it takes."""
    folder = tmp_path_factory.mktemp("calm")
    write_recordings(folder / "recordings", CALLS)
    begun_s = time.monotonic()
    assert start(folder).wait(60) == 0
    return kept(folder), time.monotonic() - begun_s


def test_one_worker_and_three_keep_what_two_keep(calm, tmp_path):
    for workers in (1, 3):
        folder = tmp_path / str(workers)
        folder.mkdir()
        write_recordings(folder / "recordings", CALLS)
        assert start(folder, workers).wait(60) == 0
        assert kept(folder) == calm[0]


@pytest.mark.parametrize("victim", ["coordinator", "worker"])
def test_a_killed_run_is_resumed_without_loss(calm, tmp_path, victim):
    expected, usual_s = calm
    write_recordings(tmp_path / "recordings", CALLS)
    draw = random.Random()
    for _ in range(KILLS):
        run = start(tmp_path)
        time.sleep(draw.uniform(0, usual_s))
        workers = children_of(run.pid)
        if victim == "worker" and workers:
            with suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
            assert run.wait(60) == 0
        else:
            run.kill()
            run.wait(10)
            assert outliving(workers) == []
    assert start(tmp_path).wait(60) == 0

    assert kept(tmp_path) == expected
