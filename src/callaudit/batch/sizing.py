"""How many workers this machine carries, and what each of them may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from callaudit.batch.posts import WorkerLimits
from callaudit.settings import Settings

GIB = 1 << 30
MIB = 1 << 20
PER_WORKER_BYTES = GIB
"""Libraries, small models and the sound of a call."""
PER_MODEL_BYTE = 2.2
"""Checkpoints are kept in half precision; in memory a weight takes four bytes, and loading needs a little more."""
MEMORY_SHARE = 0.9
"""Of the machine's memory, for all workers together."""
LOAD_S = 900.0
"""A large checkpoint from a slow disk, on a machine where all workers load at once, takes minutes."""
CONTROL_GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """What this process may use."""

    cores: int
    memory_bytes: int | None = None
    """Of the machine, or of the container where that has less; None where it is not known."""
    available_bytes: int | None = None
    """Of it, what is not in use."""


def this_machine() -> Machine:
    """The machine as its system and the container's limits describe it."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = min(_core_quotas(), default=float(affinity))
    total, available = _memory("MemTotal"), _memory("MemAvailable")
    limit = min(_memory_limits(), default=None)
    return Machine(
        cores=max(1, min(affinity, round(quota))),
        memory_bytes=_least(total, limit),
        available_bytes=_least(available, limit),
    )


def worker_count(settings: Settings, machine: Machine, model_bytes: int) -> int:
    """Workers to start, by the settings or, where they leave it open, by cores and memory; at least one.

    Args:
        settings: `batch.workers`, and the threads of each.
        machine: where they run.
        model_bytes: size of the checkpoint that each of them loads; 0 where they load none.
    """
    if settings.batch.workers:
        return settings.batch.workers
    count = machine.cores // settings.speech.threads if settings.speech.threads else 1
    if machine.available_bytes is not None:
        count = min(count, int(machine.available_bytes // worker_need_bytes(model_bytes)))
    return max(1, count)


def worker_limits(settings: Settings, machine: Machine, model_bytes: int, workers: int) -> WorkerLimits:
    """What each of so many workers may use.

    Args:
        settings: the time and memory limits of `[batch]`.
        machine: where they run.
        model_bytes: size of the checkpoint that each of them loads.
        workers: all that run at once.
    """
    batch = settings.batch
    memory_bytes: int | None = batch.worker_memory_mb * MIB
    if not memory_bytes and machine.memory_bytes is not None:
        # Never so little that an ordinary call does not fit, however many workers there are.
        share = int(MEMORY_SHARE * machine.memory_bytes / workers)
        memory_bytes = max(share, 2 * worker_need_bytes(model_bytes))
    return WorkerLimits(
        floor_s=batch.time_limit_floor_s,
        per_length=batch.time_limit_factor,
        first_s=settings.audio.decode_timeout_s + batch.time_limit_floor_s,
        load_s=LOAD_S,
        memory_bytes=memory_bytes or None,
        growth_bytes=batch.worker_growth_mb * MIB,
    )


def worker_need_bytes(model_bytes: int) -> int:
    """Memory of a worker at work."""
    return PER_WORKER_BYTES + int(PER_MODEL_BYTE * model_bytes)


def _least(*amounts: int | None) -> int | None:
    return min((amount for amount in amounts if amount is not None), default=None)


def _memory(name: str) -> int | None:
    """A line of /proc/meminfo in bytes."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return None


def _memory_limits() -> Iterator[int]:
    """Limits of the control groups this process is in, in bytes."""
    for text in (*_control("memory", "memory.max"), *_control("memory", "memory.limit_in_bytes")):
        if text.isdigit():
            yield int(text)


def _core_quotas() -> Iterator[float]:
    """Limits of the control groups this process is in, in cores."""
    for text in _control("cpu", "cpu.max"):
        quota, _, period = text.partition(" ")
        if quota.isdigit():
            yield int(quota) / int(period)
    for quota, period in zip(_control("cpu", "cpu.cfs_quota_us"), _control("cpu", "cpu.cfs_period_us"), strict=False):
        if quota.isdigit():  # -1: none
            yield int(quota) / int(period)


def _control(controller: str, name: str) -> Iterator[str]:
    """A file of the control groups this process is in, from its own up to the root, in both versions of cgroups."""
    with suppress(OSError):  # no Linux
        for line in OWN_GROUPS.read_text().splitlines():
            _, controllers, own = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            base = CONTROL_GROUPS / controller if controllers else CONTROL_GROUPS
            for group in (PurePosixPath(own), *PurePosixPath(own).parents):
                with suppress(OSError):
                    yield (base / group.relative_to("/") / name).read_text().strip()
