from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from callaudit.domain.analysis import HeardCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import RunEnding
from callaudit.storage.status import RUNS_TOLD, RunFigures
from callaudit.storage.store import SqlStore
from tests.builders import make_finding
from tests.reports.origin_case import clean_call, failed_call, origin_call
from tests.storage.conftest import execute

STARTED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def test_an_empty_store_holds_nothing(store: SqlStore) -> None:
    status = store.status()
    assert (status.runs, status.done, status.failed, status.copies) == ((), 0, 0, 0)
    assert (status.heard, status.open_attempts, status.failures) == (0, 0, {})
    assert status.findings == dict.fromkeys(Severity, 0)


def test_everything_is_counted_by_kind(store: SqlStore) -> None:
    minor = make_finding(finding_id="m", severity=Severity.MINOR)
    store.save(replace(clean_call(), findings=(minor, make_finding(finding_id="n", severity=Severity.CRITICAL))))
    store.save(origin_call())
    for name, code in (("a.wav", "audio.empty"), ("b.wav", "audio.empty"), ("c.wav", "batch.quarantined")):
        store.save(failed_call(name, code=code))
    call = origin_call().analysis
    store.keep_heard(
        HeardCall(recording=call.call.recording, acoustics=call.acoustics, transcript=call.transcript), "ears"
    )
    store.begin_attempt("1" * 64)
    store.begin_attempt("1" * 64)
    store.begin_attempt("2" * 64)
    store.link(Path("copy.wav"), "5e" * 32)
    status = store.status()
    assert (status.done, status.failed, status.copies, status.heard, status.open_attempts) == (2, 3, 1, 1, 2)
    assert status.failures == {"audio.empty": 2, "batch.quarantined": 1}
    told = [finding.severity for finding in origin_call().findings]
    assert status.findings == {
        Severity.MINOR: told.count(Severity.MINOR) + 1,
        Severity.MAJOR: told.count(Severity.MAJOR),
        Severity.CRITICAL: told.count(Severity.CRITICAL) + 1,
    }


def test_the_last_runs_come_first(store: SqlStore) -> None:
    ids = [store.begin_run(STARTED + timedelta(days=day), f"f{day}") for day in range(RUNS_TOLD + 2)]
    ending = RunEnding("broken_off", "storage.low")
    store.finish_run(ids[-2], STARTED + timedelta(days=9), {"found": 5, "done": 3, "failed": 1}, ending)
    store.finish_run(ids[-3], STARTED, {"done": 3})
    runs = store.status().runs
    assert [run.run_id for run in runs] == ids[:1:-1]
    assert runs[0].finished_at is None
    assert runs[0].counts == {}
    assert runs[1] == RunFigures(
        run_id=ids[-2],
        started_at=STARTED + timedelta(days=RUNS_TOLD),
        finished_at=STARTED + timedelta(days=9),
        fingerprint=f"f{RUNS_TOLD}",
        counts={"found": 5, "done": 3, "failed": 1},
        ended="broken_off",
        error="storage.low",
    )
    assert [run.not_reached for run in runs[:3]] == [None, 1, None]
    assert (runs[2].ended, runs[2].error) == ("complete", None)


def test_a_run_without_an_end_is_known_by_what_it_kept(store: SqlStore) -> None:
    store.begin_run(STARTED, "f")
    store.save(clean_call())
    run = store.begin_run(STARTED, "f")
    store.save(failed_call("a.wav"))
    assert [(one.run_id, one.counts) for one in store.status().runs] == [(run, {"failed": 1}), (run - 1, {"done": 1})]


def test_the_size_is_that_of_the_file(tmp_path: Path) -> None:
    with SqlStore(f"sqlite:///{tmp_path}/callaudit.db") as store:
        store.save(origin_call())
        told = store.status().size_bytes
    assert told == (tmp_path / "callaudit.db").stat().st_size


def test_the_size_of_a_database_on_a_server_is_what_the_server_says(pg_address: str) -> None:
    with SqlStore(pg_address) as store:
        ((said,),) = execute(pg_address, "SELECT pg_database_size(current_database())")
        assert store.status().size_bytes == said
        assert said > 1_000_000
