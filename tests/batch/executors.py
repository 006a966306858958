"""Executors and intakes for tests of the driver."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from callaudit.batch.admission import Admission
from callaudit.batch.driver import Batch
from callaudit.batch.inline import InlineExecutor
from callaudit.batch.intake import Taken, Waiting
from callaudit.batch.memory import MemoryLedger
from callaudit.batch.tasks import Crash, CrashKind, Ended, PrepareTask, Task, TranscribeTask, perform
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Fingerprints, Stage
from tests.builders import STEREO
from tests.fakes import FakeDecoder, make_engines, sha_of


@dataclass
class FakeIntake:
    """Every recording has the digest of its name, or the one told; those in `growing` never settle."""

    digests: Mapping[str, str] = field(default_factory=dict)
    growing: frozenset[str] = frozenset()
    released: list[str] = field(default_factory=list)

    def take(self, source: CallSource) -> Taken | Waiting:
        if source.path.stem in self.growing:
            return Waiting(0.0)
        return Taken(source, self.digests.get(source.path.stem, sha_of(source)))

    def again(self, taken: Taken) -> Waiting:
        self.release(taken)
        return Waiting(0.0)

    def release(self, taken: Taken) -> None:
        self.released.append(taken.source.path.stem)

    def close(self) -> None:
        self.closed = True


@dataclass
class CrashingExecutor:
    """Several workers, of which those die that meet a call named in `deadly`, so many times."""

    engines: object = field(default_factory=make_engines)
    workers: int = 2
    deadly: dict[str, int] = field(default_factory=dict)
    stage: Stage = Stage.PREPARE
    kind: CrashKind = CrashKind.SIGNAL
    groups: list[tuple[str, ...]] = field(default_factory=list)
    most_at_once: int = 0
    _waiting: list[tuple[int, Task]] = field(default_factory=list)

    def start(self) -> Mapping[str, str]:
        return {}

    def room(self, stage: Stage) -> int:
        return self.workers - len(self._waiting)

    def submit(self, number: int, task: Task, length_ms: int | None) -> None:
        assert self.room(Stage.PREPARE) > 0, "submitted where there is no room"
        self._waiting.append((number, task))
        self.most_at_once = max(self.most_at_once, len(self._waiting))
        if isinstance(task, TranscribeTask):
            self.groups.append(tuple(call.call.call_id for call in task.calls))

    def ended(self, timeout_s: float) -> Sequence[Ended]:
        number, task = self._waiting.pop()  # the youngest first: results come in any order
        for name in self._names(task):
            if self.deadly.get(name, 0) > 0:
                self.deadly[name] -= 1
                return [Ended(number, Crash(self.kind, "SIGSEGV"))]
        return [Ended(number, perform(task, self.engines))]

    def stop(self) -> None:
        self._waiting.clear()

    def _names(self, task: Task) -> list[str]:
        if isinstance(task, PrepareTask) and self.stage is Stage.PREPARE:
            return [task.source.path.stem]
        if isinstance(task, TranscribeTask) and self.stage is Stage.TRANSCRIBE:
            return [call.call.call_id for call in task.calls]
        return []


def fixed(source: CallSource) -> Fingerprints:
    return Fingerprints(transcribe="t1", judge="f1", failure="l1")


def make_batch(ledger=None, **changes):
    """A batch whose executor is this process, with fake engines; `admission` takes changes of its own."""
    intake = changes.pop("intake", FakeIntake())
    engines = changes.pop("engines", make_engines(decoder=FakeDecoder(digests=getattr(intake, "digests", {}))))
    ledger = ledger if ledger is not None else MemoryLedger()
    rules = {"fingerprints": fixed, "open_attempts": ledger.open_attempts(), **changes.pop("admission", {})}
    defaults = {
        "executor": InlineExecutor(engines),
        "ledger": ledger,
        "intake": intake,
        "admission": Admission(ledger=ledger, **rules),
        "channel_parties": STEREO,
        "group_size": 2,
        "patience_s": 0.05,
    }
    return Batch(**{**defaults, **changes})


def outcomes_of(ledger: MemoryLedger) -> str:
    """Everything a ledger holds, independent of order: two runs are alike when these are."""
    rows = sorted(repr(outcome) for outcome in ledger.outcomes)
    return sha256(json.dumps(rows).encode()).hexdigest()
