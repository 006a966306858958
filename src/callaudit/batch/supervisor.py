"""Workers under supervision: a task that takes its worker down, hangs or grows without end harms no other task.

Each worker is a process, owned by a thread of the coordinator that starts it, talks to it, reaps it and starts another
in its place (`posts`). One more thread watches them all and kills those that are over their time or memory. That ends
the channel, so that the owner notices, wherever it waits. Nothing here knows of calls.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import structlog

from callaudit.batch.desk import Desk, Job
from callaudit.batch.posts import Plan, Post, WorkerLimits
from callaudit.batch.processes import Warden
from callaudit.batch.tasks import Crash
from callaudit.errors import DependencyError

TICK_S = 0.2
"""How often the watch looks at every worker: memory can grow by about a gigabyte in between."""
_LOST_S = 1.0
"""A watch that comes so late was stopped (Ctrl-Z) or starved, and everything with it."""
_STOP_S = 8.0
"""Killing takes milliseconds; it takes longer only where a process waits for a dead disk."""

log = structlog.get_logger("callaudit.batch")

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")


class Supervisor(Generic[TaskT, ResultT]):
    """Worker processes that do tasks. Not thread-safe: one driver calls it."""

    def __init__(self, plans: Sequence[Plan], limits: WorkerLimits) -> None:
        """Plan the workers; `start` starts them.

        Args:
            plans: one for each worker.
            limits: what each of them may use.
        """
        self._plans = plans
        self._limits = limits
        self._desk = Desk()
        self._posts: list[Post] = []
        self._warden: Warden | None = None
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._look_after, name="worker watch", daemon=True)

    def start(self) -> Mapping[str, Any]:
        """Start every worker, and wait for the first of each role.

        Returns:
            What it says of itself (`Handler.hello`), by role.

        Raises:
            SetupError: something must be repaired first.
        """
        if not hasattr(os, "posix_spawn"):
            raise DependencyError(
                "this system cannot run worker processes", code="batch.platform", hint="use Linux, macOS or WSL"
            )
        try:
            self._warden = Warden()
            for plan in self._plans:
                post = Post(plan, self._limits, self._desk, self._warden)
                self._posts.append(post)
                post.open()
            self._watch.start()
            return self._desk.hellos({plan.role for plan in self._plans})
        except OSError as error:
            self.stop()
            raise DependencyError(
                f"no process can be started: {error.strerror}",
                code="batch.worker",
                hint="memory or the number of processes may be short",
            ) from error
        except BaseException:
            self.stop()
            raise

    def room(self, role: str) -> int:
        """How many workers of a role are at rest."""
        return self._desk.room(role)

    def submit(self, role: str, number: int, task: TaskT, length_ms: int | None) -> None:
        """Give a task to a worker at rest; call only where there is `room`.

        Args:
            role: of the worker.
            number: chosen by the caller, unlike that of any task under way.
            task: what to do; picklable.
            length_ms: length of its recordings, which the time limit depends on; None where it is not known yet.
        """
        self._desk.take(role).give(Job(number, task, length_ms))

    def ended(self, timeout_s: float) -> Sequence[tuple[int, ResultT | Crash]]:
        """Number and result of tasks that are over, as soon as there is one.

        Empty when the time is up, and when a worker was loaded, so that there is room.

        Raises:
            SetupError: a worker says that something must be repaired.
        """
        return self._desk.collect(timeout_s)

    def stop(self) -> None:
        """Kill every worker with everything it started; tasks under way are lost. May be called again."""
        self._is_over.set()
        for post in self._posts:
            post.close()
        deadline_s = time.monotonic() + _STOP_S
        for post in self._posts:
            post.join(max(0.0, deadline_s - time.monotonic()))
        if self._watch.is_alive():
            self._watch.join(_STOP_S)
        if self._warden:
            self._warden.close()
        self._posts, self._warden = [], None

    def _look_after(self) -> None:
        """Watch all workers until the end."""
        last_s = time.monotonic()
        while not self._is_over.wait(TICK_S):
            now_s = time.monotonic()
            late_s = now_s - last_s - TICK_S
            for post in self._posts:
                try:
                    post.check(now_s, late_s if late_s > _LOST_S else 0.0)
                except OSError as error:  # files may be short; they may be there again at the next look
                    log.warning("watch_failed", error=type(error).__name__)
            last_s = now_s
