from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch.account import QUARANTINED
from callaudit.batch.driver import run
from callaudit.batch.memory import MemoryLedger
from callaudit.domain.analysis import CallSource, FailedCall
from callaudit.domain.runs import Duplicates, Fingerprints, SkipReason
from tests.batch.executors import CrashingExecutor, FakeIntake, make_batch

SAME = "ab" * 32


def sources(*stems):
    return [CallSource(path=Path(f"{stem}.wav")) for stem in stems]


def by_name(source):
    """Fingerprints as of recordings with call records of their own."""
    return Fingerprints(transcribe="t1", judge=source.path.stem, failure=source.path.stem)


@pytest.mark.parametrize(("duplicates", "links"), [(Duplicates.LINK, {Path("b.wav"): SAME}), (Duplicates.SKIP, {})])
def test_a_copy_that_comes_in_a_later_run_is_linked_where_that_is_wished(duplicates, links):
    ledger, intake, rules = MemoryLedger(), FakeIntake({"a": SAME, "b": SAME}), {"duplicates": duplicates}
    run(sources("a"), make_batch(ledger, intake=intake, admission=rules))
    summary = run(sources("b"), make_batch(ledger, intake=intake, admission=rules))

    assert summary.skipped == {SkipReason.FINISHED_EARLIER: 1}
    assert ledger.links == links


def test_a_copy_that_comes_in_a_later_run_is_judged_on_its_own_where_that_is_wished_and_stays_so():
    ledger, rules = MemoryLedger(), {"duplicates": Duplicates.PROCESS, "fingerprints": by_name}

    def scan(*stems):
        summary = run(sources(*stems), make_batch(ledger, intake=FakeIntake({"a": SAME, "b": SAME}), admission=rules))
        return summary.done, summary.skipped[SkipReason.FINISHED_EARLIER]

    assert scan("a") == (1, 0)
    assert scan("b") == (1, 0)
    assert scan("b", "a") == (0, 2)
    assert sorted(outcome.analysis.call.recording.path.stem for outcome in ledger.outcomes) == ["a", "b"]


def test_the_file_of_a_finished_call_is_no_copy_of_itself():
    ledger, rules = MemoryLedger(), {"duplicates": Duplicates.LINK}
    for _ in range(2):
        run(sources("a"), make_batch(ledger, admission=rules))

    assert ledger.links == {}


class TestCopiesOfACallThatIsSetAside:
    STEMS = ("deadly", *(f"good{n}" for n in range(4)), "copy")

    def scan(self, ledger, executor):
        intake = FakeIntake({"deadly": SAME, "copy": SAME})
        batch = make_batch(ledger, executor=executor, intake=intake, admission={"fingerprints": by_name})
        return run(sources(*self.STEMS), batch)

    def test_each_is_named_in_its_own_failure(self):
        ledger = MemoryLedger()
        self.scan(ledger, CrashingExecutor(deadly={"deadly": 99, "copy": 99}))
        failed = [outcome for outcome in ledger.outcomes if isinstance(outcome, FailedCall)]

        assert {failure.path.stem: failure.code for failure in failed} == {"deadly": QUARANTINED, "copy": QUARANTINED}
        assert all(failure.message.startswith(f"{failure.path.name}: ") for failure in failed)
        assert all(failure.call_id == failure.path.stem for failure in failed)

    def test_none_is_tried_in_the_next_run_either(self):
        ledger = MemoryLedger()
        self.scan(ledger, CrashingExecutor(deadly={"deadly": 99, "copy": 99}))
        untouched = CrashingExecutor(deadly={"deadly": 99, "copy": 99})

        assert self.scan(ledger, untouched).quarantined == 2
        assert untouched.deadly == {"deadly": 99, "copy": 99}
