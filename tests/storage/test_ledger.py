from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from callaudit.batch.ledger import Ledger
from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import FailedCall, HeardCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts
from callaudit.storage.ledger import MOST_ASKED
from callaudit.storage.schema import stage_results
from callaudit.storage.store import SqlStore
from tests.builders import make_analysis, make_call, make_finding, make_judged, make_recording
from tests.reports.origin_case import failed_call, origin_call
from tests.storage.conftest import execute

ONE, TWO = "1" * 64, "2" * 64
A, B, C = Path("calls/a.wav"), Path("calls/b.wav"), Path("calls/c.wav")


def judged(sha256: str = ONE, path: Path = A, **changes: Any) -> JudgedCall:
    call = make_call(call_id=path.stem, recording=make_recording(sha256=sha256, path=path))
    return make_judged(analysis=make_analysis(call=call), **changes)


def failed(sha256: str | None = ONE, path: Path = A, **changes: Any) -> FailedCall:
    return failed_call(path.name, sha256=sha256, **{"fingerprint": "test", **changes})


def heard(sha256: str = "5e" * 32) -> HeardCall:
    analysis = origin_call(sha256).analysis
    return HeardCall(recording=analysis.call.recording, acoustics=analysis.acoustics, transcript=analysis.transcript)


def rows(address: str, table: str) -> int:
    return int(execute(address, f"SELECT count(*) FROM {table}")[0][0])


def test_the_store_keeps_what_the_ledger_promises() -> None:
    promised = {name: method for name, method in vars(Ledger).items() if inspect.isfunction(method) and name[0] != "_"}
    assert len(promised) == 12
    for name, method in promised.items():
        assert inspect.signature(getattr(SqlStore, name)) == inspect.signature(method), name


def test_attempts_that_came_to_nothing_are_forgotten(store: SqlStore) -> None:
    store.begin_attempt(ONE)
    store.begin_attempt("5e" * 32)
    store.end_attempt(ONE)
    assert set(store.open_attempts()) == {"5e" * 32}


def test_what_was_heard_comes_back_whole(store: SqlStore) -> None:
    store.keep_heard(heard(), "ears")
    assert store.heard("5e" * 32, "ears") == heard()


@pytest.mark.parametrize(("sha256", "fingerprint"), [("5e" * 32, "other"), (ONE, "ears"), ("5e" * 32, "")])
def test_other_ears_or_bytes_heard_nothing(store: SqlStore, sha256: str, fingerprint: str) -> None:
    store.keep_heard(heard(), "ears")
    assert store.heard(sha256, fingerprint) is None


def test_only_the_newest_of_what_was_heard_is_kept(store: SqlStore, address: str) -> None:
    newer = replace(heard(), transcript=replace(heard().transcript, utterances=()))
    store.keep_heard(heard(), "ears")
    store.keep_heard(newer, "better ears")
    assert store.heard("5e" * 32, "ears") is None
    assert store.heard("5e" * 32, "better ears") == newer
    assert rows(address, "stage_results") == 1


def test_what_another_version_heard_is_heard_anew(store: SqlStore) -> None:
    store.keep_heard(heard(), "ears")
    with store._writing() as connection:
        (kept,) = connection.scalars(select(stage_results.c.result))
        connection.execute(update(stage_results).values(result={**kept, "novel": 1}))
    assert store.heard("5e" * 32, "ears") is None


def test_a_failure_is_known_by_its_file_its_bytes_and_what_failed(store: SqlStore) -> None:
    store.save(failed())
    assert store.failed(A, ONE, "test") == failed()
    assert store.failed(B, ONE, "test") is None
    assert store.failed(A, TWO, "test") is None
    assert store.failed(A, ONE, "newer") is None


def test_a_quarantined_call_failed_like_any_other(store: SqlStore) -> None:
    poison = failed(code="batch.quarantined", stage="prepare")
    store.save(poison)
    assert store.failed(A, ONE, "test") == poison


def test_a_failure_that_was_overcome_is_not_remembered(store: SqlStore) -> None:
    store.save(failed())
    store.save(judged())
    assert store.failed(A, ONE, "test") is None
    assert store.finished(ONE, "test") == ()


def test_attempts_are_counted_until_the_outcome(store: SqlStore) -> None:
    store.begin_attempt(ONE)
    store.begin_attempt(TWO)
    assert store.note_crash(ONE) == Attempts(1, 1)
    store.begin_attempt(ONE)
    assert store.open_attempts() == {ONE: Attempts(2, 1), TWO: Attempts(1, 0)}
    assert store.note_crash(ONE) == Attempts(2, 2)
    store.save(judged(ONE))
    assert store.open_attempts() == {TWO: Attempts(1, 0)}


def test_a_failure_ends_the_attempts_too(store: SqlStore) -> None:
    store.begin_attempt(ONE)
    store.save(failed(None, B))
    store.save(failed(TWO, C))
    assert store.open_attempts() == {ONE: Attempts(1, 0)}
    store.save(failed(ONE))
    assert store.open_attempts() == {}


def test_attempts_outlive_the_process_that_made_them(address: str) -> None:
    with SqlStore(address) as store:
        store.begin_attempt(ONE)
    with SqlStore(address) as store:
        assert store.open_attempts()[ONE].interrupted == 1


def test_a_crash_after_the_outcome_of_a_twin_counts_as_one_attempt(store: SqlStore) -> None:
    store.begin_attempt(ONE)
    store.save(judged(ONE))
    assert store.note_crash(ONE) == Attempts(1, 1)


def test_a_call_saved_again_after_a_kill_is_there_once(store: SqlStore, address: str) -> None:
    store.begin_run(datetime(2026, 11, 21, tzinfo=UTC), "f")
    store.save(judged(findings=(make_finding(),)))
    store.begin_attempt(ONE)  # the run died before it knew that the call was kept
    store.save(judged(findings=(make_finding(),)))
    assert list(store.outcomes()) == [judged(findings=(make_finding(),))]
    assert rows(address, "findings") == 1
    assert store.open_attempts() == {}


class TestCopiesThatAreLinked:
    def test_a_copy_leads_to_the_call(self, store: SqlStore) -> None:
        store.save(judged())
        store.save(judged(TWO, C))
        store.link(B, ONE)
        for text in ("b", "b.wav", "calls/b.wav"):
            assert store.find_calls(text) == (judged(),)
        assert store.copies_of(judged()) == (B,)
        assert store.copies_of(judged(TWO, C)) == ()

    def test_a_copy_of_what_failed_leads_to_the_failure(self, store: SqlStore) -> None:
        store.save(failed())
        store.link(B, ONE)
        assert store.find_calls("b") == (failed(),)
        assert store.copies_of(failed()) == (B,)

    def test_a_failure_without_bytes_has_no_copies(self, store: SqlStore) -> None:
        assert store.copies_of(failed(None)) == ()

    def test_the_list_of_calls_names_them(self, store: SqlStore) -> None:
        store.save(judged())
        store.save(judged(TWO, Path("calls/d.wav")))
        store.link(C, ONE)
        store.link(B, ONE)
        assert [(call.path, call.copies) for call in store.calls()] == [(A, (B, C)), (Path("calls/d.wav"), ())]

    def test_linking_again_changes_nothing(self, store: SqlStore) -> None:
        store.save(judged())
        for _ in range(2):
            store.link(B, ONE)
            assert store.copies_of(judged()) == (B,)

    def test_the_file_of_the_call_is_no_copy_of_itself(self, store: SqlStore) -> None:
        store.save(judged())
        store.link(A, ONE)
        assert store.copies_of(judged()) == ()

    def test_a_file_with_new_bytes_leaves_its_call(self, store: SqlStore) -> None:
        store.save(judged())
        store.save(judged(TWO, C))
        store.link(B, ONE)
        store.link(B, TWO)
        assert (store.copies_of(judged()), store.copies_of(judged(TWO, C))) == ((), (B,))

    @pytest.mark.parametrize("outcome", [judged(TWO, B), failed(TWO, B), failed(None, B), judged(ONE, B)])
    def test_a_file_with_an_outcome_of_its_own_is_no_copy(
        self, store: SqlStore, address: str, outcome: JudgedCall | FailedCall
    ) -> None:
        store.save(judged())
        store.link(B, ONE)
        store.save(outcome)
        assert rows(address, "copies") == 0
        assert store.find_calls("calls/b.wav") == (outcome,)

    def test_a_copy_that_failed_on_its_own_before_has_no_failure_left(self, store: SqlStore) -> None:
        store.save(failed(TWO, B))
        store.save(judged())
        store.link(B, ONE)
        assert list(store.outcomes()) == [judged()]

    @pytest.mark.parametrize("name", ["\udcb2\udce2.wav", "json:x.wav", "长" * 80 + ".wav"])
    def test_a_copy_may_have_any_name(self, store: SqlStore, name: str) -> None:
        store.save(judged())
        store.link(Path("calls") / name, ONE)
        assert store.copies_of(judged()) == (Path("calls") / name,)
        assert store.find_calls(name) == (judged(),)


class TestCopiesThatAreJudgedApart:
    COPY = judged(ONE, B, is_copy=True, fingerprint="folder b", score=10.0)

    def test_each_file_keeps_its_own_outcome(self, store: SqlStore) -> None:
        original = judged(findings=(make_finding(severity=Severity.CRITICAL),), score=50.0)
        third = judged(ONE, C, is_copy=True, fingerprint="folder b")
        for outcome in (self.COPY, original, third):
            store.save(outcome)
        assert list(store.outcomes()) == [original, self.COPY, third]
        assert store.finished(ONE, "test") == (Severity.CRITICAL,)
        assert store.finished(ONE, "folder b") is None
        assert store.finished(ONE, "folder b", copy_at=B) == ()
        assert store.finished(ONE, "test", copy_at=B) is None
        assert store.finished(ONE, "folder b", copy_at=A) is None

    def test_a_copy_judged_again_takes_its_own_place(self, store: SqlStore) -> None:
        newer = replace(self.COPY, fingerprint="newer")
        for outcome in (judged(), self.COPY, newer):
            store.save(outcome)
        assert list(store.outcomes()) == [newer, judged()]

    def test_a_copy_ends_the_failure_of_its_file_and_of_no_other(self, store: SqlStore) -> None:
        for outcome in (failed(ONE, A), failed(ONE, B), self.COPY):
            store.save(outcome)
        assert list(store.outcomes()) == [self.COPY, failed(ONE, A)]

    def test_the_copy_is_found_by_its_own_name_alone(self, store: SqlStore) -> None:
        store.save(judged())
        store.save(self.COPY)
        store.link(C, ONE)
        assert store.find_calls("b") == (self.COPY,)
        assert store.find_calls("c") == (judged(),)
        assert store.copies_of(self.COPY) == ()
        assert [call.copies for call in store.calls()] == [(), (C,)]

    def test_a_copy_that_is_linked_from_now_on_has_no_outcome_of_its_own(self, store: SqlStore) -> None:
        for outcome in (judged(), self.COPY):
            store.save(outcome)
        store.link(B, ONE)
        assert list(store.outcomes()) == [judged()]
        store.save(self.COPY)
        assert list(store.outcomes()) == [self.COPY, judged()]
        assert store.copies_of(judged()) == ()


def test_more_remote_recordings_are_known_again_than_one_question_holds(store):
    states = {Path(f"s3:/calls/{n}.wav"): ObjectState(tag=f"tag {n}") for n in range(MOST_ASKED + 2)}
    first, *_, last = states
    for path in (first, last):
        store.note_fetched(path, states[path], "0" * 64)

    assert store.fetched_before(states) == {first: "0" * 64, last: "0" * 64}
