"""Workers that write down how long they were at their tasks; in a module of its own, which workers can import."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest import mock

from callaudit.assembly import executors
from callaudit.batch import workers
from callaudit.batch.tasks import Note, Outcome, Task, perform
from callaudit.domain.runs import Stage
from callaudit.pipeline import Engines
from callaudit.settings import Settings

_build = executors.build_stage_engines


@contextmanager
def timed_workers(log: Path) -> Iterator[None]:
    """Have the workers of executors that are made in the block add a line to `log` for each task, in seconds."""
    with mock.patch.object(executors, "build_stage_engines", partial(_build_timed, log)):
        yield


def _build_timed(log: Path, settings: Settings, stages: frozenset[Stage]) -> Engines:
    workers.perform = partial(_perform_timed, log)
    return _build(settings, stages)


def _perform_timed(log: Path, task: Task, engines: Engines, note: Note) -> Outcome:
    begun_s = time.monotonic()
    outcome = perform(task, engines, note)
    with log.open("a") as file:
        file.write(f"{time.monotonic() - begun_s}\n")
    return outcome
