from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.batch.account import QUARANTINED
from callaudit.domain.findings import Severity
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
        going_on = callaudit("status").out

    assert "now: no run is going on" in killed
    assert "run 2: 2026-03-02 00:00:00+08:00, killed" in killed
    assert "now: a run is going on" in going_on
    assert "run 2: 2026-03-02 00:00:00+08:00, under way" in going_on


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
    assert "run 2: 2026-03-02 00:00:00+08:00, not over, or killed" in out
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
            "counts": {"found": 3, "done": 1, "failed": 2, "crashes": 0},
        }
    ]
    assert told["size_bytes"] > 0


def test_there_is_no_status_of_no_database(tmp_path):
    ran = callaudit("status", "--db", "sqlite:///other.db")

    assert ran.code == ExitCode.STORAGE
    assert not (tmp_path / "other.db").exists()
