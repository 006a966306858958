"""Tasks in this very process, one at a time: for evaluations, and wherever nothing has to survive a crash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callaudit.batch.tasks import Ended, Task, perform
from callaudit.domain.runs import Stage
from callaudit.pipeline import Engines


class InlineExecutor:
    """Does each task the moment it is submitted; implements `tasks.Executor`. A crash takes the program along."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._ended: list[Ended] = []

    @property
    def workers(self) -> int:
        """This process."""
        return 1

    def start(self) -> Mapping[str, str]:
        """Versions of the engines, which are loaded already."""
        return self._engines.versions()

    def room(self, stage: Stage) -> int:
        """One task at a time, of any stage."""
        return 0 if self._ended else 1

    def submit(self, number: int, task: Task, length_ms: int | None) -> None:
        """Do a task; setup errors come from here."""
        self._ended.append(Ended(number, perform(task, self._engines)))

    def ended(self, timeout_s: float) -> Sequence[Ended]:
        """The task that was submitted since; never waits."""
        ended, self._ended = self._ended, []
        return ended

    def stop(self) -> None:
        """Nothing runs on here."""
