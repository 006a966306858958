"""What a scan says and how it ends, with engines that cost nothing."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from callaudit import assembly
from callaudit.errors import ExitCode, ModelError
from callaudit.storage.store import SqlStore
from tests.cli.quick import use
from tests.cli.runner import callaudit
from tests.fakes import ScriptedTranscriber


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLAUDIT_BATCH__SETTLE_S", "0")
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.wav").write_bytes(name.encode())
    use(monkeypatch)
    return tmp_path


def test_every_skipped_recording_is_accounted_for_with_the_reason(folder):
    (folder / "b.wav").write_bytes(b"a")
    first, second = callaudit("scan", "a.wav", "b.wav", "c.wav"), callaudit("scan", "a.wav", "b.wav", "c.wav")
    copy = f"skipped: {folder / 'b.wav'} has the same contents as {folder / 'a.wav'}"

    assert "3 found, 2 done, 0 failed, 1 skipped" in first.out
    assert "skipped: 1 with the same contents as another recording of this scan\n" in first.out
    assert copy in first.err
    assert "3 found, 0 done, 0 failed, 3 skipped" in second.out
    assert "2 finished earlier, with 1 findings; 1 with the same contents as another" in second.out
    assert copy in second.err


def test_json_names_every_copy(folder):
    (folder / "b.wav").write_bytes(b"a")
    told = json.loads(callaudit("scan", "a.wav", "b.wav", "--json").out)

    assert told["copies"] == [{"recording": str(folder / "b.wav"), "same_as": str(folder / "a.wav")}]
    assert (told["skipped"]["copy"], told["skipped"]["finished_earlier"]) == (1, 0)


@pytest.mark.parametrize(("severity", "code"), [("minor", 10), ("major", 10), ("critical", 0)])
def test_a_repeated_scan_keeps_its_alarm(severity, code):
    assert callaudit("scan", "a.wav", "--fail-on", severity).code == code
    assert callaudit("scan", "a.wav", "--fail-on", severity).code == code


def test_findings_of_recordings_outside_the_scan_raise_no_alarm():
    callaudit("scan", "a.wav")

    assert callaudit("scan", "b.wav", "--fail-on", "minor").code == ExitCode.OK


@pytest.fixture(autouse=True)
def plain_sigterm():
    """SIGTERM as a shell leaves it: Ray takes it for itself in the tests of clusters."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


class Interrupting(ScriptedTranscriber):
    """Is interrupted at the second group."""

    signal = signal.SIGINT

    def transcribe(self, calls):
        if self.groups:
            os.kill(os.getpid(), self.signal)
        return super().transcribe(calls)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGTERM, ExitCode.TERMINATED),
        (signal.SIGHUP, ExitCode.HUNG_UP),
    ],
)
def test_an_interrupted_scan_says_what_is_kept(monkeypatch, number, code):
    monkeypatch.setenv("CALLAUDIT_BATCH__CALLS_PER_GROUP", "2")
    transcriber = Interrupting()
    transcriber.signal = number
    use(monkeypatch, transcriber)
    as_it_was = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    try:  # a shell sets SIGINT aside for what it runs in the background
        ran = callaudit("scan", "a.wav", "b.wav", "c.wav")
    finally:
        signal.signal(number, as_it_was)

    assert ran.code == code
    assert "interrupted: 2 recordings are done with and kept" in ran.err
    assert (
        f", stopped by {signal.Signals(number).name}: 3 found, 2 done, 0 failed, 1 not reached"
        in callaudit("status").out
    )
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    use(monkeypatch)
    assert "1 done, 0 failed, 2 skipped" in callaudit("scan", "a.wav", "b.wav", "c.wav").out


def test_a_signal_that_was_set_aside_stays_so(monkeypatch):
    transcriber = Interrupting(groups=[1])
    transcriber.signal = signal.SIGHUP
    use(monkeypatch, transcriber)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert callaudit("scan", "a.wav").code == ExitCode.OK
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_a_stop_request_that_nobody_waits_for_ends_the_scan_at_once(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_BATCH__CALLS_PER_GROUP", "1")

    class Impatient(ScriptedTranscriber):
        def transcribe(self, calls):
            if self.groups:
                os.kill(os.getpid(), signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGTERM)
            return super().transcribe(calls)

    use(monkeypatch, Impatient())
    ran = callaudit("scan", "a.wav", "b.wav", "c.wav", "--metrics", "night.prom")

    assert ran.code == ExitCode.TERMINATED
    assert "interrupted: 1 recordings are done with and kept" in ran.err
    assert "callaudit_run_exit_code 143\n" in Path("night.prom").read_text()
    assert ", stopped by SIGTERM: 3 found, 1 done, 0 failed, 2 not reached" in callaudit("status").out
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("address", ["nonsense", "sqlite://", "sqlite:////no/such/folder/calls.db"])
def test_a_wrong_database_address_is_said_before_a_model_is_asked_for(monkeypatch, address):
    def missing(settings):
        raise ModelError("no model", code="model.unknown", hint="")

    monkeypatch.setattr(assembly, "make_executor", missing)

    assert callaudit("scan", "a.wav", "--db", address).code == ExitCode.STORAGE


def test_a_missing_model_leaves_no_database_behind(folder, monkeypatch):
    def missing(settings):
        raise ModelError("no model", code="model.unknown", hint="")

    monkeypatch.setattr(assembly, "make_executor", missing)

    assert callaudit("scan", "a.wav").code == ExitCode.DEPENDENCY
    assert not list(folder.glob("callaudit.db*"))


def test_an_empty_name_is_refused():
    ran = callaudit("scan", "")

    assert ran.code == ExitCode.NO_INPUT
    assert "empty" in ran.err


def test_what_a_folder_scan_leaves_out_is_counted_hidden_files_too(folder):
    (folder / "in").mkdir()
    for name in ("a.wav", ".hidden.wav", "notes.txt"):
        (folder / "in" / name).write_bytes(b"x")

    assert "left out of the folders, as hidden or no recordings: 2" in callaudit("scan", "in").err


@pytest.mark.parametrize("text", ["recording,answer\na.wav,yesterday\n", "call_id\n1\n"])
def test_a_malformed_file_of_call_records_exits_with_5(folder, text):
    (folder / "calls.csv").write_text(text, encoding="utf-8")

    assert callaudit("scan", "a.wav", "--calls", "calls.csv").code == ExitCode.NO_INPUT


def test_records_of_a_system_are_read_and_their_reservations_said(folder):
    record = {"SessionId": "s", "EndedTimestamp": 1772414180, "HungUpSide": "robot", "RecordURL": "https://h/a.wav?x"}
    (folder / "calls.json").write_text(json.dumps({"TelCdrs": [record]}), encoding="utf-8")
    ran = callaudit("scan", "a.wav", "--calls", "calls.json", "--calls-format", "tencent-tccc")

    assert ran.code == ExitCode.OK
    assert "1 of 1 call records belong to a recording of this scan" in ran.err
    assert "call records read with reservations: a.wav (field HungUpSide" in ran.err


@pytest.mark.parametrize(
    "options", [("--calls-format", "asterisk-cel"), ("--calls", "calls.csv", "--calls-format", "avaya")]
)
def test_a_format_of_no_system_or_of_no_records_is_wrong_usage(folder, options):
    (folder / "calls.csv").write_text("recording\na.wav\n", encoding="utf-8")

    assert callaudit("scan", "a.wav", *options).code == ExitCode.USAGE


@pytest.mark.parametrize("run", ["999", "0", "99999999999999999999999", "99x", "-1"])
def test_an_unknown_run_writes_nothing_over_a_good_report(folder, run):
    callaudit("scan", "a.wav")
    callaudit("report", "--no-audio")
    before = {path.name: path.read_bytes() for path in Path("callaudit-report").iterdir()}
    ran = callaudit("report", "--no-audio", f"--run={run}")

    assert ran.code == ExitCode.NO_INPUT
    assert f"no run '{run}'" in ran.err
    assert {path.name: path.read_bytes() for path in Path("callaudit-report").iterdir()} == before
    assert callaudit("report", "--no-audio", "--run=1").code == ExitCode.OK


def test_show_without_a_name_lists_the_calls_kept(folder):
    callaudit("scan", "a.wav", "b.wav")
    lines = callaudit("show").out.splitlines()

    assert [line.split() for line in lines] == [
        ["10.0", "a", str(folder / "a.wav")],
        ["0.0", "b", str(folder / "b.wav")],
    ]
    assert "`callaudit show`" in callaudit("show", "nobody").err


def test_several_calls_of_one_name_are_listed_and_asked_for(folder):
    (folder / "more").mkdir()
    (folder / "more" / "a.wav").write_bytes(b"another")
    callaudit("scan", "a.wav", "more")
    ran = callaudit("show", "a")

    assert ran.code == ExitCode.NO_INPUT
    assert all(str(path) in ran.err for path in (folder / "a.wav", folder / "more" / "a.wav"))
    assert callaudit("show", folder / "more" / "a.wav").code == ExitCode.OK


def test_show_takes_a_file_stem_where_the_call_has_an_id_of_its_own(folder):
    (folder / "calls.csv").write_text("recording,call_id\na.wav,1234\n", encoding="utf-8")
    callaudit("scan", "a.wav", "--calls", "calls.csv")

    assert callaudit("show", "a").out == callaudit("show", "1234").out != ""


def test_show_takes_the_name_of_a_copy_and_names_the_copies_of_a_call(folder):
    callaudit("scan", "a.wav", "b.wav")
    alone = callaudit("show", "a").out
    with SqlStore("sqlite:///callaudit.db") as store:
        (outcome,) = store.find_calls("a")
        store.link(folder / "copy.wav", outcome.analysis.call.recording.sha256)
    ran = callaudit("show", "copy")

    assert ran.out == callaudit("show", "a").out
    assert set(ran.out.splitlines()) - set(alone.splitlines()) == {f"  内容相同的文件: {folder / 'copy.wav'}"}
    assert [line.split()[2:] for line in callaudit("show").out.splitlines()] == [
        [str(folder / "a.wav"), "=", str(folder / "copy.wav")],
        [str(folder / "b.wav")],
    ]
