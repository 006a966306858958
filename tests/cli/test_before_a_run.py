"""Runs that could not begin: what they tell people, and what they tell programs."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from callaudit import assembly
from callaudit.batch.inline import InlineExecutor
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.workers import LocalExecutor
from callaudit.errors import ExitCode, ModelError, StorageError
from callaudit.storage.store import SqlStore
from tests.batch.handlers import die_at_start
from tests.cli.quick import use
from tests.cli.runner import callaudit
from tests.fakes import make_engines

ZEROS = ("found", "done", "failed", "not_reached", "findings", "audio_ms", "elapsed_ms", "crashes")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLAUDIT_BATCH__SETTLE_S", "0")
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    for name in ("a", "b"):
        (tmp_path / f"{name}.wav").write_bytes(name.encode())
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "notes.txt").write_text("no recording")
    use(monkeypatch)
    return tmp_path


def missing_model(settings):
    raise ModelError("no model", code="model.unknown", hint="name one that there is")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("scan", "empty"), ExitCode.NO_INPUT, "input.empty"),
        (("scan", "texts"), ExitCode.NO_INPUT, "input.empty"),
        (("scan", "nowhere"), ExitCode.NO_INPUT, "input.missing"),
        (("scan", "a.wav", "--calls", "nowhere.csv"), ExitCode.NO_INPUT, "calls.missing"),
        (("scan", "a.wav", "--workers", "-1"), ExitCode.SETTINGS, "settings.invalid"),
        (("scan", "a.wav", "--settings", "nowhere.toml"), ExitCode.SETTINGS, "settings.missing"),
        (("scan", "a.wav", "--db", "nonsense"), ExitCode.STORAGE, "storage.address"),
        (("retry",), ExitCode.STORAGE, "storage.missing"),
        (("retry", "--workers", "-1"), ExitCode.SETTINGS, "settings.invalid"),
    ],
)
def test_json_tells_of_a_run_that_could_not_begin_with_the_error_and_zeros(arguments, code, error):
    ran = callaudit(*arguments, "--json")
    told = json.loads(ran.out)

    assert (ran.code, told["exit_code"], told["ended"]) == (code, code, "broken_off")
    assert (told["schema"], told["error"]["code"]) == ("callaudit.run/2", error)
    assert {told[name] for name in ZEROS} == {0}
    assert ran.err.startswith(f"callaudit: {told['error']['message']} [{error}]\n")
    assert f"  what to do: {told['error']['hint']}\n" in ran.err


def test_people_are_told_why_a_run_could_not_begin_and_of_no_account():
    empty, texts = callaudit("scan", "empty"), callaudit("scan", "texts")

    assert (empty.code, empty.out) == (texts.code, texts.out) == (ExitCode.NO_INPUT, "")
    assert empty.err.splitlines()[0] == "callaudit: no recordings found in empty [input.empty]"
    assert "no recordings found in texts; left out as hidden or no recordings: 1 [input.empty]" in texts.err
    assert len(empty.err.splitlines()) == len(texts.err.splitlines()) == 2


def test_json_of_a_retry_with_nothing_to_try_again_is_an_account_with_zeros():
    callaudit("scan", "a.wav")
    ran = callaudit("retry", "--json")
    told = json.loads(ran.out)

    assert (ran.code, told["exit_code"], told["ended"], told["error"]) == (0, 0, "complete", None)
    assert {told[name] for name in ZEROS} == {0}
    assert "nothing to try again" in ran.err


def test_json_of_a_retry_of_what_did_not_fail_names_it():
    callaudit("scan", "a.wav")
    told = json.loads(callaudit("retry", "a.wav", "--json").out)

    assert (told["exit_code"], told["error"]["code"]) == (ExitCode.NO_INPUT, "input.no_failure")


def test_wrong_usage_has_no_account():
    ran = callaudit("scan", "a.wav", "--json", "--ray-address", "auto")

    assert (ran.code, ran.out) == (ExitCode.USAGE, "")


def test_what_was_found_is_told_where_the_model_is_missing(monkeypatch):
    monkeypatch.setattr(assembly, "make_executor", missing_model)
    ran, told = callaudit("scan", "a.wav", "b.wav"), json.loads(callaudit("scan", "a.wav", "b.wav", "--json").out)

    assert ran.code == told["exit_code"] == ExitCode.DEPENDENCY
    assert ran.out == "recordings: 2 found, 0 done, 0 failed, 0 skipped, 2 not reached\n"
    assert ran.err == "callaudit: no model [model.unknown]\n  what to do: name one that there is\n"
    assert (told["found"], told["not_reached"], told["error"]["code"]) == (2, 2, "model.unknown")


@pytest.mark.skipif(sys.platform == "win32", reason="workers need posix_spawn")
def test_what_was_found_is_told_where_every_worker_dies_as_it_starts(monkeypatch):
    limits = WorkerLimits(floor_s=20, per_length=1, first_s=20, load_s=20)
    monkeypatch.setattr(assembly, "make_executor", lambda _: LocalExecutor(die_at_start, limits, workers=1))
    ran = callaudit("scan", "a.wav", "b.wav", "--metrics", "night.prom")
    told = json.loads(callaudit("scan", "a.wav", "b.wav", "--json").out)

    assert ran.code == told["exit_code"] == ExitCode.DEPENDENCY
    assert ran.out == "recordings: 2 found, 0 done, 0 failed, 0 skipped, 2 not reached\n"
    assert "3 worker processes in a row died while they loaded the engines: SIGSEGV [batch.worker]" in ran.err
    assert (told["found"], told["not_reached"], told["error"]["code"]) == (2, 2, "batch.worker")
    assert "callaudit_run_exit_code 4\n" in Path("night.prom").read_text()
    assert 'callaudit_run_recordings{state="left"} 2\n' in Path("night.prom").read_text()


def test_a_second_run_on_a_database_tells_json_that_it_left():
    with SqlStore("sqlite:///callaudit.db") as store, store.exclusive():
        ran = callaudit("scan", "a.wav", "--json", "--metrics", "night.prom")
    told = json.loads(ran.out)

    assert ran.code == told["exit_code"] == ExitCode.BUSY
    assert (told["error"]["code"], told["not_reached"]) == ("storage.running", 1)
    assert not Path("night.prom").exists()


def test_a_store_that_fails_when_a_run_is_over_still_has_its_account(monkeypatch):
    def refuse(*_):
        raise StorageError("the disk is gone", code="storage.io", hint="look at it")

    monkeypatch.setattr(SqlStore, "finish_run", refuse)
    ran = callaudit("scan", "a.wav", "--json", "--metrics", "night.prom")
    told = json.loads(ran.out)

    assert ran.code == told["exit_code"] == ExitCode.STORAGE
    assert (told["done"], told["error"]["code"]) == (1, "storage.io")
    assert "interrupted: 1 recordings are done with and kept" in ran.err
    assert "callaudit_run_exit_code 7\n" in Path("night.prom").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_models_are_loaded_still_has_an_account(monkeypatch, number):
    class Slow(InlineExecutor):
        def start(self):
            os.kill(os.getpid(), number)
            time.sleep(5)

    monkeypatch.setattr(assembly, "make_executor", lambda settings: Slow(make_engines()))
    as_it_was = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:
        ran = callaudit("scan", "a.wav", "--json", "--metrics", "night.prom")
    finally:
        signal.signal(number, as_it_was)
    told = json.loads(ran.out)

    assert ran.code == told["exit_code"] == 128 + number
    assert (told["ended"], told["found"], told["not_reached"]) == (signal.Signals(number).name, 1, 1)
    assert f"callaudit_run_exit_code {128 + number}\n" in Path("night.prom").read_text()
