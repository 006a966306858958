from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from callaudit.batch import groups
from callaudit.batch.account import QUARANTINED, RunSummary
from callaudit.batch.admission import MAX_INTERRUPTIONS, MAX_LOSSES, Duplicates
from callaudit.batch.driver import run
from callaudit.batch.memory import MemoryLedger
from callaudit.batch.tasks import CrashKind, PrepareTask
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts, Fingerprints, SkipReason, Stage
from callaudit.errors import SetupError, StorageError
from tests.batch.executors import CrashingExecutor, FakeIntake, make_batch, outcomes_of
from tests.fakes import FakeDecoder, ScriptedTranscriber, make_engines, sha_of

TWINS = {"a": "ab" * 32, "b": "ab" * 32}


def sources(*stems):
    return [CallSource(path=Path(f"{stem}.wav")) for stem in stems]


def failures_of(ledger):
    return {outcome.path.stem: outcome for outcome in ledger.outcomes if isinstance(outcome, FailedCall)}


def digest(stem):
    return sha_of(sources(stem)[0])


def test_every_recording_ends_as_one_outcome():
    engines = make_engines(decoder=FakeDecoder(bad=frozenset({"b"}), crash=frozenset({"c"})))
    ledger = MemoryLedger()
    summary = run(sources("a", "b", "c", "d", "e"), make_batch(ledger, engines=engines))

    assert (summary.found, summary.done, summary.failed, summary.skipped) == (5, 3, 2, {})
    assert sorted(type(outcome).__name__ for outcome in ledger.outcomes) == ["FailedCall"] * 2 + ["JudgedCall"] * 3


def test_an_unexpected_error_is_one_failed_call_and_tells_nothing_of_its_text(capsys):
    engines = make_engines(decoder=FakeDecoder(crash=frozenset({"c"})))
    ledger = MemoryLedger()
    run(sources("c", "d"), make_batch(ledger, engines=engines))
    failed = failures_of(ledger)["c"]

    assert (failed.code, failed.stage) == ("bug", "prepare")
    printed = capsys.readouterr()
    assert "must not get out" not in failed.message + printed.out + printed.err


def test_a_call_that_breaks_the_engine_does_not_take_its_group_along():
    engines = make_engines(transcriber=ScriptedTranscriber(poison=frozenset({"b"})))
    ledger = MemoryLedger()
    summary = run(sources("a", "b", "c", "d"), make_batch(ledger, engines=engines, group_size=4))

    assert (summary.done, summary.failed) == (3, 1)
    assert list(failures_of(ledger)) == ["b"]


def test_calls_are_transcribed_in_groups():
    transcriber = ScriptedTranscriber()
    run(sources("a", "b", "c", "d", "e"), make_batch(engines=make_engines(transcriber=transcriber)))

    assert transcriber.groups == [2, 2, 1]


def test_a_group_is_closed_when_it_holds_too_much_sound(monkeypatch):
    monkeypatch.setattr(groups, "MAX_HELD_BYTES", 1)
    transcriber = ScriptedTranscriber()
    run(sources("a", "b", "c"), make_batch(engines=make_engines(transcriber=transcriber), group_size=9))

    assert transcriber.groups == [1, 1, 1]


def test_workers_that_are_free_share_the_calls_that_wait():
    executor = CrashingExecutor(workers=3)
    run(sources(*"abcdefgh"), make_batch(executor=executor, group_size=8))

    assert executor.most_at_once == 3
    assert max(map(len, executor.groups)) < 8


def test_at_the_end_of_a_run_nobody_has_many_calls_left_while_others_have_none():
    executor = CrashingExecutor(workers=2)
    run(sources(*"abcdefgh"), make_batch(executor=executor, group_size=4))

    assert sorted(map(len, executor.groups))[:2] == [1, 1]
    assert max(map(len, executor.groups)) > 2


def test_a_finished_night_is_run_again_without_a_task():
    ledger = MemoryLedger()
    run(sources("a", "b"), make_batch(ledger, engines=make_engines(decoder=FakeDecoder(bad=frozenset({"b"})))))
    nobody = CrashingExecutor(workers=1, deadly={"a": 99, "b": 99})
    summary = run(sources("a", "b"), make_batch(ledger, executor=nobody))

    assert (summary.skipped, summary.failed, summary.failed_earlier) == ({SkipReason.FINISHED_EARLIER: 1}, 1, 1)
    assert summary.crashes == 0


@pytest.mark.parametrize(
    ("changes", "done"),
    [({}, 0), ({"force": True}, 2), ({"retry_failed": True}, 0)],
)
def test_finished_calls_are_scanned_again_by_force_alone(changes, done):
    ledger = MemoryLedger()
    run(sources("a", "b"), make_batch(ledger))

    assert run(sources("a", "b"), make_batch(ledger, admission=changes)).done == done


def test_failed_calls_are_tried_again_on_request():
    ledger = MemoryLedger()
    run(sources("a", "b"), make_batch(ledger, engines=make_engines(decoder=FakeDecoder(bad=frozenset({"b"})))))
    summary = run(sources("a", "b"), make_batch(ledger, admission={"retry_failed": True}))

    assert (summary.done, summary.failed) == (1, 0)
    assert failures_of(ledger) == {}


def test_failed_calls_are_tried_again_where_a_limit_was_changed_and_finished_ones_are_not():
    ledger = MemoryLedger()
    run(sources("a", "b"), make_batch(ledger, engines=make_engines(decoder=FakeDecoder(bad=frozenset({"b"})))))

    def raised(source):
        return Fingerprints(transcribe="t1", judge="f1", failure="l2")

    summary = run(sources("a", "b"), make_batch(ledger, admission={"fingerprints": raised}))

    assert (summary.done, summary.failed, summary.skipped) == (1, 0, {SkipReason.FINISHED_EARLIER: 1})
    assert failures_of(ledger) == {}


def test_a_changed_lexicon_judges_what_was_heard_before_and_hears_nothing():
    ledger = MemoryLedger()
    run(sources("a", "b"), make_batch(ledger))
    deaf = make_engines(
        decoder=FakeDecoder(bad=frozenset({"a", "b"})), transcriber=ScriptedTranscriber(poison=frozenset({"a", "b"}))
    )

    def changed(source):
        return Fingerprints(transcribe="t1", judge="f2", failure="f2")

    summary = run(sources("a", "b"), make_batch(ledger, engines=deaf, admission={"fingerprints": changed}))

    assert (summary.done, summary.failed) == (2, 0)
    assert {outcome.fingerprint for outcome in ledger.outcomes} == {"f2"}


def test_a_changed_model_hears_again():
    ledger = MemoryLedger()
    run(sources("a"), make_batch(ledger))
    engines = make_engines(transcriber=ScriptedTranscriber(script={"a": "真不要脸"}))

    def changed(source):
        return Fingerprints(transcribe="t2", judge="f2", failure="f2")

    assert run(sources("a"), make_batch(ledger, engines=engines, admission={"fingerprints": changed})).findings == 1


def test_a_transcript_is_judged_with_the_channel_map_of_today():
    ledger = MemoryLedger()
    run(sources("a"), make_batch(ledger))
    swapped = [replace(sources("a")[0], folder_parties=(Party.CUSTOMER, Party.AGENT))]

    def changed(source):
        return Fingerprints(transcribe="t1", judge="f2", failure="f2")

    run(swapped, make_batch(ledger, admission={"fingerprints": changed}))
    (judged,) = ledger.outcomes

    assert [utterance.party for utterance in judged.analysis.transcript.utterances] == [Party.CUSTOMER]


def test_the_same_bytes_under_two_names_are_scanned_once():
    ledger = MemoryLedger()
    summary = run(sources("a", "b"), make_batch(ledger, intake=FakeIntake(TWINS)))

    assert (summary.done, summary.skipped) == (1, {SkipReason.COPY: 1})
    assert [(copy.path, copy.same_as) for copy in summary.copies] == [(Path("b.wav"), Path("a.wav"))]
    assert ledger.links == {}


def test_a_linked_copy_is_noted_in_the_ledger():
    ledger = MemoryLedger()
    batch = make_batch(ledger, intake=FakeIntake(TWINS), admission={"duplicates": Duplicates.LINK})

    assert run(sources("a", "b"), batch).skipped == {SkipReason.COPY: 1}
    assert ledger.links == {Path("b.wav"): "ab" * 32}


def test_copies_are_judged_apart_where_that_is_wished_and_stay_finished():
    ledger = MemoryLedger()
    rules = {"duplicates": Duplicates.PROCESS}
    intake = FakeIntake(TWINS)
    first = run(sources("a", "b"), make_batch(ledger, intake=intake, admission=rules))
    second = run(sources("a", "b"), make_batch(ledger, intake=intake, admission=rules))

    assert (first.done, first.skipped) == (2, {})
    assert (second.done, second.skipped) == (0, {SkipReason.FINISHED_EARLIER: 2})
    assert sorted(outcome.analysis.call.recording.path.stem for outcome in ledger.outcomes) == ["a", "b"]


def test_a_copy_of_a_call_finished_earlier_is_told_as_a_copy_though_its_call_record_is_another():
    ledger = MemoryLedger()
    intake = FakeIntake(TWINS)
    run(sources("a"), make_batch(ledger, intake=intake))

    def by_name(source):
        own = "f1" if source.path.stem == "a" else "other"
        return Fingerprints(transcribe="t1", judge=own, failure=own)

    summary = run(sources("a", "b"), make_batch(ledger, intake=intake, admission={"fingerprints": by_name}))

    assert summary.skipped == {SkipReason.FINISHED_EARLIER: 1, SkipReason.COPY: 1}


def test_every_unusable_copy_of_the_same_bytes_has_its_own_row():
    engines = make_engines(decoder=FakeDecoder(bad=frozenset({"a", "b"})))
    ledger = MemoryLedger()
    summary = run(sources("a", "b"), make_batch(ledger, engines=engines, intake=FakeIntake(TWINS)))

    assert (summary.failed, summary.skipped) == (2, {})
    assert set(failures_of(ledger)) == {"a", "b"}


def test_findings_of_calls_finished_earlier_are_counted_and_the_gravest_of_all_is_known():
    ledger = MemoryLedger()
    engines = make_engines(transcriber=ScriptedTranscriber(script={"b": "真不要脸"}))
    run(sources("b"), make_batch(ledger, engines=engines))
    summary = run(sources("a", "b"), make_batch(ledger))

    assert (summary.gravest, summary.findings, summary.findings_earlier) == (Severity.MAJOR, 0, 1)


def test_what_is_counted_when_a_run_is_broken_off_is_kept():
    class Broken(MemoryLedger):
        def save(self, outcome):
            if len(self.outcomes) == 1:
                raise KeyboardInterrupt
            super().save(outcome)

    ledger, summary = Broken(), RunSummary(total=3)
    with pytest.raises(KeyboardInterrupt):
        run(sources("a", "b", "c"), make_batch(ledger), summary=summary)

    assert summary.found == len(ledger.outcomes) == 1


def test_a_call_that_failed_before_it_began_is_kept_as_it_is():
    early = FailedCall(path=Path("x.wav"), call_id="x", code="calls.times", message="m", hint="h", stage="call_record")
    ledger = MemoryLedger()
    summary = run([early, *sources("a")], make_batch(ledger))

    assert (summary.done, summary.failed) == (1, 1)
    assert early in ledger.outcomes


def test_a_store_that_refuses_stops_the_run():
    class Full(MemoryLedger):
        def save(self, outcome):
            raise StorageError("disk full", code="storage.full", hint="make room")

    with pytest.raises(StorageError):
        run(sources("a"), make_batch(Full()))


def test_the_summary_knows_the_gravest_finding_and_the_fingerprint_is_stored():
    engines = make_engines(transcriber=ScriptedTranscriber(script={"a": "真不要脸"}))
    ledger = MemoryLedger()
    summary = run(sources("a", "b"), make_batch(ledger, engines=engines))

    assert (summary.gravest, summary.flagged, summary.findings) == (Severity.MAJOR, 1, 1)
    assert {outcome.fingerprint for outcome in ledger.outcomes if isinstance(outcome, JudgedCall)} == {"f1"}


def test_progress_is_told_after_each_recording():
    told = []
    run(sources("a", "b", "c"), make_batch(), lambda summary: told.append(summary.found))

    assert [told.index(number) for number in (1, 2, 3)] == sorted(told.index(number) for number in (1, 2, 3))


@pytest.mark.parametrize("stage", [Stage.PREPARE, Stage.TRANSCRIBE])
def test_a_worker_that_dies_once_costs_nothing(stage):
    ledger, calm = MemoryLedger(), MemoryLedger()
    executor = CrashingExecutor(deadly={"c": 1}, stage=stage)
    summary = run(sources(*"abcdef"), make_batch(ledger, executor=executor))
    run(sources(*"abcdef"), make_batch(calm))

    assert (summary.done, summary.failed, summary.crashes) == (6, 0, 1)
    assert outcomes_of(ledger) == outcomes_of(calm)
    assert ledger.open_attempts() == {}


@pytest.mark.parametrize("stage", [Stage.PREPARE, Stage.TRANSCRIBE])
def test_a_call_that_takes_two_workers_down_is_set_aside_and_its_neighbours_are_done(stage):
    ledger = MemoryLedger()
    executor = CrashingExecutor(deadly={"c": 99}, stage=stage)
    summary = run(sources(*"abcdef"), make_batch(ledger, executor=executor))

    assert (summary.done, summary.failed, summary.quarantined) == (5, 1, 1)
    failed = failures_of(ledger)["c"]
    assert (failed.code, failed.stage) == (QUARANTINED, stage)
    assert "SIGSEGV" in failed.message
    assert executor.deadly["c"] == 99 - 2


@pytest.mark.parametrize("stage", [Stage.PREPARE, Stage.TRANSCRIBE])
def test_machines_that_are_lost_are_held_against_no_call(stage):
    ledger = MemoryLedger()
    executor = CrashingExecutor(deadly={"c": MAX_LOSSES - 1}, stage=stage, kind=CrashKind.NODE)
    summary = run(sources(*"abcdef"), make_batch(ledger, executor=executor))

    assert (summary.done, summary.failed, summary.crashes) == (6, 0, MAX_LOSSES - 1)
    assert ledger.open_attempts() == {}


def test_a_call_that_machine_after_machine_is_lost_with_is_set_aside():
    ledger = MemoryLedger()
    executor = CrashingExecutor(deadly={"c": 99}, kind=CrashKind.NODE)
    summary = run(sources(*"abc"), make_batch(ledger, executor=executor))

    assert (summary.done, summary.quarantined, summary.crashes) == (2, 1, MAX_LOSSES)


def test_a_call_set_aside_is_not_tried_again_unless_asked_for():
    ledger = MemoryLedger()
    run(sources("a"), make_batch(ledger, executor=CrashingExecutor(deadly={"a": 99})))
    untouched = CrashingExecutor(deadly={"a": 99})

    assert run(sources("a"), make_batch(ledger, executor=untouched)).quarantined == 1
    assert untouched.deadly["a"] == 99
    assert run(sources("a"), make_batch(ledger, admission={"retry_failed": True})).done == 1


def test_a_run_ends_where_no_worker_will_ever_be_free_again():
    class Deserted(CrashingExecutor):
        def room(self, stage):
            return 0

        def ended(self, timeout_s):
            raise SetupError("3 workers died", code="batch.worker", hint="look at the log")

    with pytest.raises(SetupError, match="3 workers died"):
        run(sources("a"), make_batch(executor=Deserted()))


def test_a_suspect_is_tried_last_and_in_nobodys_company():
    ledger = MemoryLedger()
    ledger.attempts = {digest("a"): Attempts(begun=1)}
    executor = CrashingExecutor()
    run(sources(*"abcde"), make_batch(ledger, executor=executor, group_size=8))

    assert executor.groups[-1] == ("a",)


def test_an_attempt_is_counted_before_it_is_made():
    ledger = MemoryLedger()

    class Killed(CrashingExecutor):
        def submit(self, number, task, length_ms):
            assert isinstance(task, PrepareTask)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(sources("a"), make_batch(ledger, executor=Killed()))

    assert ledger.open_attempts() == {digest("a"): Attempts(begun=1)}


def test_a_call_that_many_runs_ended_with_is_set_aside():
    ledger = MemoryLedger()
    ledger.attempts = {digest("a"): Attempts(begun=MAX_INTERRUPTIONS)}
    summary = run(sources("a", "b"), make_batch(ledger))

    assert (summary.done, summary.quarantined) == (1, 1)
    assert ledger.open_attempts() == {}


def test_copies_of_a_call_that_is_set_aside_are_set_aside_untried():
    ledger = MemoryLedger()
    executor = CrashingExecutor(deadly={"a": 99, "b": 99})
    summary = run(sources("a", "b"), make_batch(ledger, executor=executor, intake=FakeIntake(TWINS)))

    assert summary.quarantined == 2
    assert executor.deadly == {"a": 97, "b": 99}


def test_where_each_copy_is_judged_on_its_own_the_failure_of_one_outlasts_the_success_of_another():
    ledger = MemoryLedger()
    rules = {"intake": FakeIntake(TWINS), "admission": {"duplicates": Duplicates.PROCESS}}
    failing = make_engines(decoder=FakeDecoder(digests=TWINS, bad=frozenset({"a"})))
    run(sources("a"), make_batch(ledger, engines=failing, **rules))
    rules = {"intake": FakeIntake(TWINS), "admission": {"duplicates": Duplicates.PROCESS}}
    summary = run(sources("a", "b"), make_batch(ledger, **rules))

    assert (summary.done, summary.failed_earlier) == (1, 1)
    assert sorted(type(outcome).__name__ for outcome in ledger.outcomes) == ["FailedCall", "JudgedCall"]

    rules = {"intake": FakeIntake(TWINS), "admission": {"duplicates": Duplicates.PROCESS}}
    run(sources("b"), make_batch(ledger, **rules))  # alone it is no copy of anything

    assert [outcome.is_copy for outcome in ledger.outcomes if isinstance(outcome, JudgedCall)] == [False]


def test_a_recording_that_is_still_written_is_told_as_such_and_never_judged():
    ledger = MemoryLedger()
    summary = run(sources("a", "b"), make_batch(ledger, intake=FakeIntake(growing=frozenset({"a"}))))

    assert (summary.done, summary.skipped) == (1, {SkipReason.STILL_WRITTEN: 1})


def test_a_recording_that_changes_while_it_is_decoded_comes_again():
    class Growing(FakeIntake):
        def take(self, source):
            taken = super().take(source)
            return replace(taken, sha256="cd" * 32) if not self.released else taken

    ledger = MemoryLedger()
    summary = run(sources("a"), make_batch(ledger, intake=Growing()))

    assert summary.done == 1
    assert ledger.outcomes[0].analysis.call.recording.sha256 == digest("a")
    assert ledger.open_attempts() == {}


def test_a_recording_that_never_rests_is_left_to_another_run():
    ledger = MemoryLedger()
    restless = FakeIntake({"a": "ab" * 32})
    summary = run(sources("a", "b"), make_batch(ledger, engines=make_engines(), intake=restless))

    assert (summary.done, summary.skipped) == (1, {SkipReason.STILL_WRITTEN: 1})


def test_no_more_recordings_are_worked_on_than_the_limit_says_and_finished_ones_do_not_count():
    ledger = MemoryLedger()
    run(sources("a"), make_batch(ledger))
    summary = run(sources(*"abcd"), make_batch(ledger, limit=2))

    assert summary.done == 2
    assert summary.skipped == {SkipReason.FINISHED_EARLIER: 1, SkipReason.OVER_LIMIT: 1}


def test_a_dry_run_changes_nothing():
    ledger = MemoryLedger()
    run(sources("a"), make_batch(ledger))
    before = outcomes_of(ledger)
    summary = run(sources("a", "b"), make_batch(ledger, is_dry=True))

    assert (summary.done, summary.to_hear, summary.skipped) == (0, 1, {SkipReason.FINISHED_EARLIER: 1})
    assert outcomes_of(ledger) == before
    assert ledger.open_attempts() == {}


def test_a_stop_request_lets_what_is_under_way_end_and_begins_nothing_more():
    ledger = MemoryLedger()
    batch = make_batch(ledger, executor=CrashingExecutor(workers=1), should_stop=lambda: bool(ledger.outcomes))
    summary = run(sources(*"abcdef"), batch)

    assert 1 <= summary.found < 6
    assert summary.found == len(ledger.outcomes)


def test_trouble_ends_the_run_after_what_is_under_way():
    ledger = MemoryLedger()

    def trouble():
        full = StorageError("nearly full", code="storage.low", hint="make room")
        return full if ledger.outcomes else None

    with pytest.raises(StorageError, match="nearly full"):
        run(sources(*"abcdef"), make_batch(ledger, executor=CrashingExecutor(workers=1), trouble=trouble))

    assert 1 <= len(ledger.outcomes) < 6


def test_the_bytes_of_every_recording_are_let_go():
    intake = FakeIntake(TWINS)
    engines = make_engines(decoder=FakeDecoder(bad=frozenset({"c"}), digests=TWINS))
    run(sources(*"abcd"), make_batch(intake=intake, engines=engines))

    assert set(intake.released) >= set("abcd")
    assert intake.closed


@pytest.mark.parametrize("duplicates", [Duplicates.SKIP, Duplicates.LINK])
def test_failures_with_the_same_bytes_stay_failures_when_they_are_not_tried_again(duplicates):
    ledger, engines = MemoryLedger(), make_engines(decoder=FakeDecoder(bad=frozenset({"a", "b"}), digests=TWINS))

    def scan():
        rules = {"duplicates": duplicates}
        return run(
            sources("a", "b"), make_batch(ledger, intake=FakeIntake(digests=TWINS), engines=engines, admission=rules)
        )

    first, again = scan(), scan()

    assert (first.failed, again.failed, again.failed_earlier) == (2, 2, 2)
    assert ledger.links == {}


def test_a_recording_with_the_bytes_of_one_over_the_limit_is_over_it_as_well():
    ledger = MemoryLedger()
    rules = {"duplicates": Duplicates.LINK}
    batch = make_batch(ledger, intake=FakeIntake(digests=TWINS), limit=1, admission=rules)

    assert run(sources("c", "a", "b"), batch).skipped == {SkipReason.OVER_LIMIT: 2}
    assert ledger.links == {}


def test_a_dry_run_plans_no_more_than_the_limit():
    summary = run(sources(*"abcde"), make_batch(limit=2, is_dry=True))

    assert (summary.to_hear, summary.skipped) == (2, {SkipReason.OVER_LIMIT: 3})


def test_a_finished_call_that_failed_by_force_is_tried_again_on_request():
    ledger = MemoryLedger()
    run(sources("a"), make_batch(ledger))
    bad = make_engines(decoder=FakeDecoder(bad=frozenset({"a"})))
    run(sources("a"), make_batch(ledger, engines=bad, admission={"force": True}))
    summary = run(sources("a"), make_batch(ledger, admission={"retry_failed": True}))

    assert (summary.done, summary.skipped) == (1, {})
    assert failures_of(ledger) == {}
