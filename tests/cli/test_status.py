from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.batch.account import QUARANTINED
from callaudit.domain.findings import Severity
from callaudit.domain.runs import RunEnding
from callaudit.errors import ExitCode, StorageError
from callaudit.storage.store import SqlStore
from tests.builders import make_failed, make_finding, make_judged
from tests.cli.runner import callaudit

ADDRESS = "sqlite:///callaudit.db"
MIDNIGHT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    with SqlStore(ADDRESS) as store:
        run = store.begin_run(MIDNIGHT, "f")
        store.save(make_judged(findings=(make_finding(severity=Severity.CRITICAL),)))
        store.save(make_failed())
        store.save(make_failed(path=Path("/r/q.wav"), code=QUARANTINED))
        store.begin_attempt("cd" * 32)
        store.finish_run(run, MIDNIGHT.replace(hour=18), {"failed": 2, "found": 3, "done": 1, "crashes": 0})
        yield store


def test_status_tells_what_is_done_what_failed_and_what_was_found():
    lines = callaudit("status").out.splitlines()

    assert lines[0].startswith(f"database: {ADDRESS}, ")
    assert lines[1:] == [
        "now: no run is going on",
        "recordings: 1 done, 2 failed, 0 copies of others, 1 begun and not finished",
        "failed: audio.corrupt 1, batch.quarantined 1",
        "  what to do: `callaudit show` lists them, `callaudit retry` scans them again",
        "findings: 1 critical, 0 major, 0 minor",
        "transcripts kept to be judged anew: 0",
        "run 1: 2026-03-02 00:00:00+08:00 to 2026-03-02 02:00:00+08:00: 3 found, 1 done, 2 failed",
    ]


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(store):
    store.begin_run(MIDNIGHT, "f")
    killed = callaudit("status").out
    with store.exclusive():
        loading = callaudit("status").out
        store.begin_run(MIDNIGHT, "f")
        going_on = callaudit("status").out

    assert "now: no run is going on" in killed
    assert "run 2: 2026-03-02 00:00:00+08:00, cut short: killed, or its database could not be written" in killed
    assert "the same scan again goes on from there" in killed
    assert "now: a run is going on" in going_on
    assert "now: a run is going on" in loading
    assert "run 2: 2026-03-02 00:00:00+08:00, cut short" in loading
    assert "run 3: 2026-03-02 00:00:00+08:00, under way" in going_on
    assert "run 2: 2026-03-02 00:00:00+08:00, cut short" in going_on
    assert "goes on from there" not in going_on


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (RunEnding("SIGTERM"), "stopped by SIGTERM"),
        (RunEnding("broken_off", "storage.low"), "broken off [storage.low]"),
        (RunEnding("broken_off"), "broken off"),
    ],
)
def test_a_run_that_did_not_come_to_its_end_says_why_and_what_it_did_not_reach(store, ending, told):
    run = store.begin_run(MIDNIGHT, "f")
    counts = {"found": 1_100, "done": 60, "failed": 2, "skipped_finished_earlier": 30, "skipped_copy": 8, "findings": 4}
    store.finish_run(run, MIDNIGHT.replace(hour=17), counts, ending)
    out = callaudit("status").out
    (kept,) = [run for run in json.loads(callaudit("status", "--json").out)["runs"] if run["run"] == 2]

    assert (
        f"run 2: 2026-03-02 00:00:00+08:00 to 2026-03-02 01:00:00+08:00, {told}: 1,100 found, 60 done, 2 failed,"
        " 8 skipped (copy), 30 skipped (finished earlier), 1,000 not reached, 4 findings\n"
        "  what to do: the same scan again goes on from there"
    ) in out
    assert (kept["ended"], kept["error"], kept["not_reached"]) == (ending.how, ending.error, 1_000)


def test_only_the_last_run_is_one_to_go_on_from(store):
    for ending, counts in ((RunEnding("SIGTERM"), {"found": 2, "done": 1}), (RunEnding(), {"found": 2, "done": 2})):
        run = store.begin_run(MIDNIGHT, "f")
        store.finish_run(run, MIDNIGHT.replace(hour=17), counts, ending)
    out = callaudit("status").out

    assert "stopped by SIGTERM" in out
    assert "goes on from there" not in out


def test_a_run_that_was_broken_off_before_it_found_anything_is_one_to_go_on_from(store):
    run = store.begin_run(MIDNIGHT, "f")
    store.finish_run(run, MIDNIGHT.replace(hour=17), {"found": 0}, RunEnding("broken_off", "batch.worker"))

    assert "broken off [batch.worker]: 0 found\n  what to do: the same scan again goes on" in callaudit("status").out


def test_a_run_whose_account_does_not_add_up_is_told_so(store):
    run = store.begin_run(MIDNIGHT, "f")
    store.finish_run(run, MIDNIGHT.replace(hour=17), {"found": 2, "done": 3}, RunEnding("unbalanced"))

    assert ", its account does not add up: 2 found, 3 done, -1 not reached" in callaudit("status").out


def test_of_a_run_of_an_earlier_version_it_is_said_that_it_stopped_where_its_counts_say_so(store):
    for done in (2, 3):
        run = store.begin_run(MIDNIGHT, "f")
        store.finish_run(run, MIDNIGHT.replace(hour=17), {"found": 3, "done": done, "failed": 0})
    with sqlite3.connect("callaudit.db") as connection:
        connection.execute("UPDATE runs SET ended = NULL")
    connection.close()
    out = callaudit("status").out

    assert "01:00:00+08:00, stopped before its end: 3 found, 2 done, 0 failed, 1 not reached" in out
    assert "01:00:00+08:00: 3 found, 3 done" in out


def test_of_a_run_without_an_end_it_is_told_what_it_kept(store):
    with store.exclusive():
        store.begin_run(MIDNIGHT, "f")
        store.save(make_failed(path=Path("/r/z.wav")))
        assert "under way; 1 failed so far" in callaudit("status").out
    (kept,) = [run for run in json.loads(callaudit("status", "--json").out)["runs"] if run["run"] == 2]
    assert (kept["counts"], kept["ended"], kept["not_reached"]) == ({"failed": 1}, None, None)


def test_a_run_that_is_still_loading_its_models_is_going_on(store):
    with store.exclusive():
        assert "now: a run is going on" in callaudit("status").out


def test_where_nobody_may_ask_it_is_not_claimed_that_a_run_was_killed(store, monkeypatch):
    def refuse(self):
        raise StorageError("read-only", code="storage.readonly", hint="")

    store.begin_run(MIDNIGHT, "f")
    monkeypatch.setattr(SqlStore, "is_running", refuse)
    out = callaudit("status").out

    assert "now: whether a run is going on is known only to the user who started it" in out
    assert "run 2: 2026-03-02 00:00:00+08:00, under way, or cut short" in out
    assert json.loads(callaudit("status", "--json").out)["is_running"] is None


def test_json_tells_the_same():
    told = json.loads(callaudit("status", "--json").out)

    assert (told["schema"], told["is_running"]) == ("callaudit.status/1", False)
    assert (told["done"], told["failed"], told["open_attempts"], told["transcripts"]) == (1, 2, 1, 0)
    assert told["failures_by_code"] == {"audio.corrupt": 1, "batch.quarantined": 1}
    assert told["findings_by_severity"] == {"minor": 0, "major": 0, "critical": 1}
    assert told["runs"] == [
        {
            "run": 1,
            "started_at": "2026-03-01T16:00:00+00:00",
            "finished_at": "2026-03-01T18:00:00+00:00",
            "ended": "complete",
            "error": None,
            "not_reached": 0,
            "counts": {"found": 3, "done": 1, "failed": 2, "crashes": 0},
        }
    ]
    assert told["size_bytes"] > 0


def test_a_database_without_runs_says_so():
    SqlStore("sqlite:///new.db").close()

    assert callaudit("status", "--db", "sqlite:///new.db").out.endswith(
        "runs: none came as far as its first recording\n"
    )


def test_there_is_no_status_of_no_database(tmp_path):
    ran = callaudit("status", "--db", "sqlite:///other.db")

    assert ran.code == ExitCode.STORAGE
    assert not (tmp_path / "other.db").exists()
