from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from callaudit.batch.arrivals import LOOK_AHEAD
from callaudit.batch.driver import run
from callaudit.batch.memory import MemoryLedger
from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Duplicates, SkipReason
from tests.batch.executors import FakeIntake, make_batch


@dataclass
class CountingIntake(FakeIntake):
    """Knows what it was asked for."""

    taken: list[str] = field(default_factory=list)

    def take(self, source):
        self.taken.append(source.path.stem)
        return super().take(source)


@dataclass
class ChangingIntake(FakeIntake):
    """Takes the first recording while it is still another."""

    is_changed: bool = False

    def take(self, source):
        taken, was_changed = super().take(source), self.is_changed
        self.is_changed = True
        return taken if was_changed else replace(taken, sha256="0" * 64)


def remote(count):
    return [CallSource(path=Path(f"s3/calls/{n:03}.wav"), url=f"s3://calls/{n:03}.wav") for n in range(count)]


def test_remote_recordings_beyond_the_limit_are_not_fetched_and_accounted_for():
    intake = CountingIntake()
    summary = run(remote(100), make_batch(intake=intake, limit=3))

    assert (summary.done, summary.skipped) == (3, {SkipReason.OVER_LIMIT: 97})
    assert summary.is_balanced
    assert len(intake.taken) <= 3 + LOOK_AHEAD


def test_remote_recordings_that_have_to_wait_are_not_waited_for_beyond_the_limit():
    intake = CountingIntake(growing=frozenset({"001", "002"}))
    summary = run(remote(4), make_batch(intake=intake, limit=1, patience_s=1.0))

    assert (summary.done, summary.skipped) == (1, {SkipReason.OVER_LIMIT: 3})
    assert summary.is_balanced


def test_recordings_on_this_machine_are_told_as_finished_even_beyond_the_limit():
    ledger = MemoryLedger()
    local = [CallSource(path=Path(f"local{n}.wav")) for n in range(30)]
    run(local[20:], make_batch(ledger))
    summary = run([*remote(20), *local], make_batch(ledger, limit=2))

    assert (summary.done, summary.skipped) == (2, {SkipReason.OVER_LIMIT: 38, SkipReason.FINISHED_EARLIER: 10})
    assert summary.is_balanced


def test_a_recording_that_changed_leaves_its_place_to_another_or_takes_it_again():
    local = [CallSource(path=Path(f"local{n}.wav")) for n in range(3)]
    summary = run(local, make_batch(intake=ChangingIntake(), limit=1))

    assert (summary.done, summary.skipped) == (1, {SkipReason.OVER_LIMIT: 2})
    assert summary.is_balanced


def test_a_copy_that_must_be_fetched_first_takes_nothing_from_the_recording_it_is_a_copy_of():
    ledger, state = MemoryLedger(), ObjectState(tag="t", size_bytes=1)
    twins = [replace(source, listed=state) for source in remote(3)]
    ledger.note_fetched(twins[1].path, state, "ab" * 32)  # its digest is known before it is fetched
    intake = FakeIntake(dict.fromkeys((source.path.stem for source in twins), "ab" * 32))
    summary = run(twins, make_batch(ledger, intake=intake, admission={"duplicates": Duplicates.PROCESS}))

    assert (summary.done, summary.skipped) == (3, {})
    assert [outcome.is_copy for outcome in ledger.outcomes] == [False, True, True]
    assert {outcome.analysis.call.recording.path for outcome in ledger.outcomes} == {source.path for source in twins}
