"""How many workers fit, and what each may use."""

from __future__ import annotations

import os
import sys

import pytest

from callaudit.batch import sizing
from callaudit.batch.sizing import GIB, MIB, Machine, this_machine, worker_count, worker_limits
from callaudit.settings import AudioSettings, BatchSettings, Settings, SpeechSettings

SMALL = 461 * MIB
BIG = Machine(cores=16, memory_bytes=64 * GIB, available_bytes=60 * GIB)


def settings(threads=1, **batch):
    return Settings(speech=SpeechSettings(threads=threads), batch=BatchSettings(**batch))


@pytest.mark.parametrize(
    ("machine", "threads", "model_bytes", "expected"),
    [
        (BIG, 1, SMALL, 16),
        (BIG, 4, SMALL, 4),
        (BIG, 0, SMALL, 1),
        (BIG, 32, SMALL, 1),
        (Machine(cores=16, available_bytes=8 * GIB), 1, SMALL, 4),
        (Machine(cores=16, available_bytes=8 * GIB), 1, 0, 8),
        (Machine(cores=16, available_bytes=GIB // 2), 1, SMALL, 1),
        (Machine(cores=16), 1, SMALL, 16),
    ],
)
def test_workers_are_as_many_as_cores_and_memory_carry(machine, threads, model_bytes, expected):
    assert worker_count(settings(threads), machine, model_bytes) == expected


def test_the_setting_has_the_last_word_on_the_number():
    assert worker_count(settings(workers=40), Machine(cores=2, available_bytes=GIB), SMALL) == 40


def test_limits_are_those_of_the_settings():
    chosen = settings(time_limit_factor=3, time_limit_floor_s=7, worker_memory_mb=500, worker_growth_mb=9)
    limits = worker_limits(chosen, BIG, SMALL, 2)

    assert (limits.memory_bytes, limits.growth_bytes) == (500 * MIB, 9 * MIB)
    assert (limits.task_s(1_000), limits.task_s(10_000)) == (7, 30)


def test_before_the_length_is_known_there_is_time_to_decode():
    chosen = Settings(audio=AudioSettings(decode_timeout_s=1000))

    assert worker_limits(chosen, BIG, SMALL, 2).task_s(None) == 1000 + chosen.batch.time_limit_floor_s


def test_the_memory_of_a_worker_is_its_share_and_never_too_little_for_a_call():
    assert worker_limits(settings(), BIG, SMALL, 4).memory_bytes == int(0.9 * 16 * GIB)
    assert worker_limits(settings(), BIG, SMALL, 400).memory_bytes == pytest.approx(2 * (GIB + 2.2 * SMALL), abs=4)
    assert worker_limits(settings(), Machine(cores=1), SMALL, 1).memory_bytes is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_this_machine_is_known():
    machine = this_machine()

    assert 1 <= machine.cores <= os.cpu_count()
    assert 0 < machine.available_bytes <= machine.memory_bytes


def _groups(tmp_path, monkeypatch, described, **files):
    """Control groups as a file system shows them."""
    (tmp_path / "own").write_text(described)
    for name, text in files.items():
        path = tmp_path / "cgroup" / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(sizing, "CONTROL_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(sizing, "OWN_GROUPS", tmp_path / "own")


@pytest.mark.skipif(sys.platform != "linux", reason="control groups are of Linux")
def test_the_limits_of_a_container_count(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    files = {"night__job__memory_DOT_max": "max\n", "night__memory_DOT_max": f"{64 * MIB}\n"}
    _groups(tmp_path, monkeypatch, "0::/night/job\n", night__job__cpu_DOT_max="300000 100000\n", **files)

    assert this_machine() == Machine(cores=3, memory_bytes=64 * MIB, available_bytes=64 * MIB)


@pytest.mark.skipif(sys.platform != "linux", reason="control groups are of Linux")
def test_the_limits_of_an_old_container_count(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    described = "4:memory:/docker/ab12\n2:cpu,cpuacct:/docker/ab12\n0::/\n"
    files = {"cpu__cpu_DOT_cfs_quota_us": "200000\n", "cpu__cpu_DOT_cfs_period_us": "100000\n"}
    _groups(tmp_path, monkeypatch, described, memory__memory_DOT_limit_in_bytes=f"{32 * MIB}\n", **files)

    assert this_machine() == Machine(cores=2, memory_bytes=32 * MIB, available_bytes=32 * MIB)


@pytest.mark.skipif(sys.platform != "linux", reason="control groups are of Linux")
def test_a_container_without_limits_is_the_whole_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    _groups(tmp_path, monkeypatch, "0::/\n", memory_DOT_max="max\n", cpu_DOT_max="max 100000\n")

    assert this_machine().cores == 3
    assert this_machine().memory_bytes > 64 * MIB
