"""Runs that leave some recordings for later, or try them again, and what they tell of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import fsspec
import pytest

from callaudit import assembly
from callaudit.errors import ExitCode, ModelError, StorageError
from callaudit.storage.store import SqlStore
from tests.cli.quick import use
from tests.cli.runner import callaudit
from tests.fakes import ScriptedTranscriber


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLAUDIT_BATCH__SETTLE_S", "0")
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.wav").write_bytes(name.encode())
    use(monkeypatch)
    return tmp_path


def test_what_failed_is_told_again_and_tried_again_when_asked_for(monkeypatch):
    use(monkeypatch, bad=("b",))
    callaudit("scan", "a.wav", "b.wav")
    again = callaudit("scan", "a.wav", "b.wav")

    assert again.code == ExitCode.SOME_CALLS_FAILED
    assert "0 done, 1 failed, 1 skipped" in again.out
    assert "`callaudit retry`" in again.err

    use(monkeypatch)
    retried = callaudit("scan", "a.wav", "b.wav", "--retry", "failed")

    assert retried.code == ExitCode.OK
    assert "1 done, 0 failed, 1 skipped" in retried.out


def test_retry_scans_what_failed_and_nothing_else(folder, monkeypatch):
    use(monkeypatch, bad=("b", "c"))
    callaudit("scan", "a.wav", "b.wav", "c.wav")
    use(monkeypatch, bad=("c",))
    ran = callaudit("retry")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "2 found, 1 done, 1 failed, 0 skipped" in ran.out

    use(monkeypatch)

    assert "1 found, 1 done, 0 failed" in callaudit("retry").out
    done = callaudit("retry")
    assert (done.code, done.out) == (ExitCode.OK, "")
    assert "nothing to try again" in done.err


def test_retry_takes_only_the_failures_that_are_named(folder, monkeypatch):
    (folder / "in").mkdir()
    (folder / "in" / "d.wav").write_bytes(b"d")
    use(monkeypatch, bad=("b", "c", "d"))
    callaudit("scan", "a.wav", "b.wav", "c.wav", "in")
    use(monkeypatch)

    assert "1 found, 1 done" in callaudit("retry", "in").out
    assert "1 found, 1 done" in callaudit("retry", folder / "b.wav").out
    ran = callaudit("retry", "c.wav", "a.wav")
    assert ran.code == ExitCode.NO_INPUT
    assert f"no failed recording {folder / 'a.wav'}" in ran.err


def test_retry_tells_of_failures_that_are_gone_and_tries_the_others(folder, monkeypatch):
    use(monkeypatch, bad=("b", "c"))
    callaudit("scan", "b.wav", "c.wav")
    use(monkeypatch)
    (folder / "b.wav").unlink()
    ran = callaudit("retry")

    assert ran.code == ExitCode.OK
    assert f"failed and gone since: 1, such as {folder / 'b.wav'}" in ran.err
    assert "1 found, 1 done" in ran.out


def test_retry_tells_of_remote_failures_that_are_gone_and_tries_the_others(monkeypatch):
    memory = fsspec.filesystem("memory")
    memory.pipe({"/monday/one.wav": b"one", "/monday/two.wav": b"two"})
    use(monkeypatch, bad=("one", "two"))
    callaudit("scan", "memory://monday")
    use(monkeypatch)
    memory.rm("/monday/one.wav")
    ran = callaudit("retry")
    memory.store.clear()

    assert ran.code == ExitCode.OK
    assert "failed and gone since: 1, such as memory://monday/one.wav" in ran.err
    assert "1 found, 1 done" in ran.out


def test_retry_fetches_remote_failures_again(monkeypatch):
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/monday/one.wav", b"one")
    use(monkeypatch, bad=("one",))
    callaudit("scan", "memory://monday/one.wav")
    use(monkeypatch)
    other = callaudit("retry", "memory://tuesday")
    ran = callaudit("retry", "memory://monday")
    memory.store.clear()

    assert (other.code, ran.code) == (ExitCode.NO_INPUT, ExitCode.OK)
    assert "1 found, 1 done, 0 failed" in ran.out


def test_retry_without_a_database_makes_none(folder):
    assert callaudit("retry").code == ExitCode.STORAGE
    assert not list(folder.glob("callaudit.db*"))


def test_a_dry_run_tells_what_there_is_to_do_and_leaves_no_trace(folder):
    ran = callaudit("scan", "a.wav", "b.wav", "--dry-run", "--metrics", "night.prom")

    assert ran.code == ExitCode.OK
    assert "2 found, 0 done, 0 failed, 0 skipped, 2 to scan, 0 to judge anew" in ran.out
    assert not [*folder.glob("callaudit.db*"), *folder.glob("night.prom")]


def test_a_dry_run_knows_what_is_done_and_writes_nothing_of_it(folder):
    callaudit("scan", "a.wav")
    (folder / "calls.csv").write_text("recording,call_id\nc.wav,1\nc.wav,2\n", encoding="utf-8")
    ran = callaudit("scan", "a.wav", "b.wav", "c.wav", "--calls", "calls.csv", "--dry-run")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "3 found, 0 done, 1 failed, 1 skipped, 1 to scan" in ran.out
    assert callaudit("show").out.split()[1:] == ["a", str(folder / "a.wav")]
    assert [run["run"] for run in json.loads(callaudit("status", "--json").out)["runs"]] == [1]


def test_a_limit_leaves_the_rest_for_the_next_run():
    first = callaudit("scan", "a.wav", "b.wav", "c.wav", "--limit", "2")

    assert "3 found, 2 done, 0 failed, 1 skipped" in first.out
    assert "1 over --limit" in first.out
    assert "1 done, 0 failed, 2 skipped" in callaudit("scan", "a.wav", "b.wav", "c.wav", "--limit", "2").out


@pytest.mark.parametrize(("force", "how"), [((), "again"), (("--force",), "without --force")])
def test_the_advice_for_the_rest_of_a_limit_leads_on(force, how):
    said = callaudit("scan", "a.wav", "b.wav", "--limit", "1", *force).err

    assert f"next: run the same command {how} for the 1 that had to wait" in said


def test_old_recordings_are_left_out_and_accounted_for(folder):
    os.utime(folder / "a.wav", (0, 0))
    ran = callaudit("scan", "a.wav", "b.wav", "--since", "24h")

    assert "2 found, 1 done, 0 failed, 1 skipped" in ran.out
    assert "skipped: 1 older than --since" in ran.out


@pytest.mark.parametrize(
    "options",
    [
        ("--since", "soon"),
        ("--limit", "0"),
        ("--retry", "all"),
        ("--ray-address", "auto"),
        ("--executor", "local", "--ray-address", "head:6379"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(options):
    assert callaudit("scan", "a.wav", *options).code == ExitCode.USAGE


@pytest.mark.parametrize("option", [("--workers", "-1"), ("--executor", "celery"), ("--duplicates", "delete")])
def test_options_out_of_their_range_are_named(option):
    ran = callaudit("scan", "a.wav", *option)

    assert ran.code == ExitCode.SETTINGS
    assert option[0] in ran.err


def test_a_second_run_on_a_database_is_told_so_and_leaves_the_figures_alone(folder):
    Path("night.prom").write_text("figures of the first run\n")
    with SqlStore("sqlite:///callaudit.db") as store, store.exclusive():
        ran = callaudit("scan", "a.wav", "--metrics", "night.prom")
        dry = callaudit("scan", "a.wav", "--dry-run")

    assert ran.code == ExitCode.BUSY
    assert "[storage.running]" in ran.err
    assert Path("night.prom").read_text() == "figures of the first run\n"
    assert dry.code == ExitCode.OK


def test_a_run_that_is_broken_off_keeps_what_is_done_and_says_why(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_BATCH__CALLS_PER_GROUP", "1")
    transcriber = ScriptedTranscriber()
    use(monkeypatch, transcriber)
    low = StorageError("only 3 MiB are left", code="storage.low", hint="free some space")
    monkeypatch.setattr(assembly, "free_space", lambda settings: lambda: low if transcriber.groups else None)
    ran = callaudit("scan", "a.wav", "b.wav", "c.wav", "--json", "--metrics", "night.prom")
    told = json.loads(ran.out)

    assert ran.code == told["exit_code"] == ExitCode.STORAGE
    assert (told["ended"], told["error"]["code"]) == ("broken_off", "storage.low")
    assert told["done"] + told["not_reached"] == 3
    assert told["not_reached"] > 0
    assert "callaudit: only 3 MiB are left [storage.low]" in ran.err
    assert f", broken off [storage.low]: 3 found, {told['done']} done" in callaudit("status").out
    assert "callaudit_run_exit_code 7\n" in Path("night.prom").read_text()
    assert "callaudit_last_success_timestamp_seconds 0.000\n" in Path("night.prom").read_text()


def test_metrics_tell_of_a_run_that_came_to_its_end():
    callaudit("scan", "a.wav", "--metrics", "night.prom")
    told = Path("night.prom").read_text()

    assert 'callaudit_run_recordings{state="done"} 1\n' in told
    assert 'callaudit_run_findings{severity="major"} 1\n' in told
    assert "callaudit_run_exit_code 0\n" in told


def test_a_missing_model_is_told_to_the_monitoring_too(monkeypatch):
    def missing(settings):
        raise ModelError("no model", code="model.unknown", hint="")

    monkeypatch.setattr(assembly, "make_executor", missing)
    callaudit("scan", "a.wav", "--metrics", "night.prom")

    assert "callaudit_run_exit_code 4\n" in Path("night.prom").read_text()


def test_a_read_only_disk_is_told_once_of_metrics_and_ends_a_report(folder, turn_read_only):
    (folder / "disk").mkdir()
    (folder / "disk" / "night.prom").write_text("figures of the last night\n")
    turn_read_only(folder / "disk")
    ran = callaudit("scan", "a.wav", "--metrics", "disk/night.prom")
    report = callaudit("report", "--out", "disk", "--no-audio")
    fresh = callaudit("report", "--out", "disk/new", "--no-audio")

    assert ran.code == ExitCode.OK
    assert ran.err.count("warning: no metrics: cannot write disk/night.prom: Read-only file system\n") == 1
    assert (report.code, fresh.code) == (ExitCode.STORAGE, ExitCode.STORAGE)
    assert report.err.startswith("callaudit: cannot write disk/report.html: Read-only file system [report.unwritable]")
    assert fresh.err.startswith("callaudit: cannot make the folder disk/new: Read-only file system [storage.folder]")
    assert [path.name for path in (folder / "disk").iterdir()] == ["night.prom"]


def test_metrics_that_cannot_be_written_do_not_fail_the_scan():
    ran = callaudit("scan", "a.wav", "--metrics", "no/such/folder/night.prom")

    assert ran.code == ExitCode.OK
    assert "warning: no metrics" in ran.err
