from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch import local
from callaudit.batch.local import Batch, Copy, RunSummary, run
from callaudit.batch.memory import MemoryLedger
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.errors import StorageError
from tests.fakes import FakeDecoder, ScriptedTranscriber, make_engines, sha_of


def make_batch(ledger=None, **changes):
    engines = changes.pop("engines", make_engines())
    defaults = {
        "engines": engines,
        "ledger": ledger or MemoryLedger(),
        "fingerprint": lambda source: "f1",
        "sha256": lambda path: sha_of(CallSource(path=path)),
        "group_size": 2,
    }
    return Batch(**{**defaults, **changes})


def sources(*stems):
    return [CallSource(path=Path(f"{stem}.wav")) for stem in stems]


def test_every_recording_ends_as_one_outcome():
    engines = make_engines(decoder=FakeDecoder(bad=frozenset({"b"}), crash=frozenset({"c"})))
    ledger = MemoryLedger()
    summary = run(sources("a", "b", "c", "d", "e"), make_batch(ledger, engines=engines))

    assert (summary.found, summary.done, summary.failed, summary.skipped) == (5, 3, 2, 0)
    assert sorted(type(outcome).__name__ for outcome in ledger.outcomes) == ["FailedCall"] * 2 + ["JudgedCall"] * 3


def test_an_unexpected_error_is_one_failed_call_and_tells_nothing_of_its_text(capsys):
    engines = make_engines(decoder=FakeDecoder(crash=frozenset({"c"})))
    ledger = MemoryLedger()
    run(sources("c", "d"), make_batch(ledger, engines=engines))
    (failed,) = [outcome for outcome in ledger.outcomes if isinstance(outcome, FailedCall)]

    assert (failed.code, failed.stage) == ("bug", "prepare")
    printed = capsys.readouterr()
    assert "must not get out" not in failed.message + printed.out + printed.err


def test_a_call_that_breaks_the_engine_does_not_take_its_group_along():
    engines = make_engines(transcriber=ScriptedTranscriber(poison=frozenset({"b"})))
    ledger = MemoryLedger()
    summary = run(sources("a", "b", "c", "d"), make_batch(ledger, engines=engines, group_size=4))

    assert (summary.done, summary.failed) == (3, 1)
    assert [o.call_id for o in ledger.outcomes if isinstance(o, FailedCall)] == ["b"]


def test_calls_are_transcribed_in_groups():
    transcriber = ScriptedTranscriber()
    run(sources("a", "b", "c", "d", "e"), make_batch(engines=make_engines(transcriber=transcriber)))

    assert transcriber.groups == [2, 2, 1]


def test_a_call_finished_with_the_same_fingerprint_is_skipped():
    class Finished(MemoryLedger):
        def finished(self, sha256, fingerprint):
            return () if sha256 == sha_of(sources("a")[0]) and fingerprint == "f1" else None

    assert run(sources("a", "b"), make_batch(Finished())).skipped == 1
    assert run(sources("a", "b"), make_batch(Finished(), force=True)).skipped == 0
    assert run(sources("a", "b"), make_batch(Finished(), fingerprint=lambda source: "f2")).skipped == 0


def test_the_same_bytes_under_two_names_are_scanned_once():
    batch = make_batch(sha256=lambda path: "ab" * 32)
    summary = run(sources("a", "b"), batch)

    assert (summary.done, summary.skipped) == (1, 1)
    assert summary.copies == [Copy(path=Path("b.wav"), of=Path("a.wav"))]


def test_a_copy_of_a_call_finished_earlier_is_told_as_a_copy_though_its_call_record_is_another():
    class Finished(MemoryLedger):
        def finished(self, sha256, fingerprint):
            return () if fingerprint == "a" else None

    ledger = Finished()
    batch = make_batch(ledger, sha256=lambda path: "ab" * 32, fingerprint=lambda source: source.path.stem)
    summary = run(sources("a", "b"), batch)

    assert (summary.finished_earlier, [copy.path.stem for copy in summary.copies]) == (1, ["b"])
    assert ledger.outcomes == []


def test_findings_of_calls_finished_earlier_are_counted_and_the_gravest_of_all_is_known():
    class Finished(MemoryLedger):
        def finished(self, sha256, fingerprint):
            return (Severity.MINOR, Severity.CRITICAL) if sha256 == sha_of(sources("b")[0]) else None

    engines = make_engines(transcriber=ScriptedTranscriber(script={"c": "真不要脸"}))
    summary = run(sources("a", "b", "c"), make_batch(Finished(), engines=engines))

    assert (summary.gravest, summary.findings, summary.findings_earlier) == (Severity.CRITICAL, 1, 2)


def test_what_is_counted_when_a_run_is_broken_off_is_kept():
    class Broken(MemoryLedger):
        def save(self, outcome):
            if len(self.outcomes) == 1:
                raise KeyboardInterrupt
            super().save(outcome)

    ledger, summary = Broken(), RunSummary()
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
    run(sources("a", "b", "c"), make_batch(), lambda summary, path: told.append((summary.found, path.stem)))

    assert told == [(1, "a"), (2, "b"), (3, "c")]


def test_every_unusable_copy_of_the_same_bytes_has_its_own_row():
    engines = make_engines(decoder=FakeDecoder(bad=frozenset({"a", "b"})))
    ledger = MemoryLedger()
    summary = run(sources("a", "b"), make_batch(ledger, engines=engines, sha256=lambda path: "ab" * 32))

    assert (summary.failed, summary.skipped) == (2, 0)
    assert {outcome.path.stem for outcome in ledger.outcomes} == {"a", "b"}


def test_a_group_is_closed_when_it_holds_too_much_sound(monkeypatch):
    monkeypatch.setattr(local, "MAX_HELD_BYTES", 1)
    transcriber = ScriptedTranscriber()
    run(sources("a", "b", "c"), make_batch(engines=make_engines(transcriber=transcriber), group_size=9))

    assert transcriber.groups == [1, 1, 1]
