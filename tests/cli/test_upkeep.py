from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import replace

import fsspec
import pytest

from callaudit.batch.patience import Patience
from callaudit.batch.silence import MOST_SILENCES
from callaudit.cli.upkeep import MOST_LISTED
from callaudit.domain.addresses import label_of
from callaudit.errors import ExitCode
from callaudit.storage.store import SqlStore
from tests.builders import make_judged
from tests.cli.runner import callaudit


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Three recordings that were scanned."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    with SqlStore("sqlite:///callaudit.db") as store:
        for name in "abc":
            keep(store, tmp_path / f"{name}.wav")
    return tmp_path


def keep(store, path, data=None):
    """Keep the outcome of a recording with these bytes; without any, a file is made."""
    if data is None:
        data = path.name.encode()
        path.write_bytes(data)
    judged = make_judged()
    call = judged.analysis.call
    recording = replace(call.recording, path=path, sha256=hashlib.sha256(data).hexdigest())
    analysis = replace(judged.analysis, call=replace(call, recording=recording, call_id=path.stem))
    store.save(replace(judged, analysis=analysis))


def test_all_is_well_where_nothing_changed():
    ran = callaudit("verify")

    assert ran.code == ExitCode.OK
    assert ran.out.splitlines() == [
        "database: 3 outcomes are whole, 0 problems",
        "recordings: 3 looked for, 3 as scanned, 0 changed, 0 gone, 0 unreadable",
    ]


def test_a_recording_that_changed_is_named(folder):
    (folder / "b.wav").write_bytes(b"other")
    ran = callaudit("verify")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert f"changed: {folder / 'b.wav'}" in ran.out
    assert "3 looked for, 2 as scanned, 1 changed, 0 gone, 0 unreadable" in ran.out


def test_recordings_that_were_archived_are_named_and_no_fault(folder):
    (folder / "b.wav").unlink()
    ran = callaudit("verify")

    assert ran.code == ExitCode.OK
    assert f"gone: {folder / 'b.wav'}" in ran.out
    assert "3 looked for, 2 as scanned, 0 changed, 1 gone, 0 unreadable" in ran.out
    assert "gone is no error" in ran.out


def test_what_is_wrong_with_the_database_weighs_more_than_recordings(folder):
    (folder / "b.wav").write_bytes(b"other")
    with sqlite3.connect(folder / "callaudit.db") as connection:
        connection.execute("UPDATE outcomes SET acoustics = '{}' WHERE call_id = 'a'")
    connection.close()
    ran = callaudit("verify")

    assert ran.code == ExitCode.STORAGE
    assert ran.out.startswith(f"wrong: {folder / 'a.wav'}")
    assert "1 problems" in ran.out


def test_a_sample_of_none_reads_no_recording(folder):
    (folder / "b.wav").write_bytes(b"other")
    ran = callaudit("verify", "--sample", "0%")

    assert ran.code == ExitCode.OK
    assert ran.out.endswith("recordings: none looked for\n")


@pytest.mark.parametrize("sample", ["", "a few", "101%", "-5%", "5%%", "nan"])
def test_a_sample_is_a_percentage(sample):
    assert callaudit("verify", f"--sample={sample}").code == ExitCode.USAGE


def test_remote_recordings_are_fetched_and_read_again():
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/monday/one.wav", b"as it was")
    memory.pipe_file("/monday/two.wav", b"as it was not")
    with SqlStore("sqlite:///callaudit.db") as store:
        for name, data in (("one", b"as it was"), ("two", b"other bytes"), ("three", b"never seen again")):
            keep(store, label_of(f"memory://monday/{name}.wav"), data)
    ran = callaudit("verify")
    memory.store.clear()

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "gone: memory://monday/three.wav" in ran.out
    assert "changed: memory://monday/two.wav" in ran.out
    assert "6 looked for, 4 as scanned, 1 changed, 1 gone, 0 unreadable" in ran.out


def test_where_all_recordings_are_gone_nothing_was_compared_and_that_is_told(folder):
    for path in folder.glob("*.wav"):
        path.unlink()
    ran = callaudit("verify")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "3 looked for, 0 as scanned, 0 changed, 3 gone, 0 unreadable\nNOTHING WAS COMPARED" in ran.out
    assert "--sample 0% checks the database alone" in ran.out
    assert "no error" not in ran.out
    assert callaudit("verify", "--sample", "0%").code == ExitCode.OK


def test_a_recording_that_may_not_be_read_is_an_error_and_not_gone(folder, monkeypatch):
    (folder / "b.wav").unlink()
    (folder / "b.wav").mkdir()
    ran = callaudit("verify")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert f"unreadable: {folder / 'b.wav'}: is a folder" in ran.out
    assert "3 looked for, 2 as scanned, 0 changed, 0 gone, 1 unreadable" in ran.out
    assert "let this user read; then verify again" in ran.out


def test_a_store_that_is_down_is_told_from_recordings_that_are_gone(monkeypatch):
    """A web server that is not there: it is asked a few times, not once for each recording."""
    tried = []
    monkeypatch.setattr(Patience, "persist", lambda self, work, *_: tried.append(work) or refuse())

    def refuse():
        raise ConnectionError

    with SqlStore("sqlite:///callaudit.db") as store:
        for number in range(5):
            keep(store, label_of(f"http://127.0.0.1:9/calls/{number}.wav"), b"%d" % number)
    ran = callaudit("verify")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "8 looked for, 3 as scanned, 0 changed, 0 gone, 5 unreadable" in ran.out
    assert "unreadable: http://127.0.0.1:9/calls/0.wav: cannot be fetched (ConnectionError)" in ran.out
    assert "unreadable: http://127.0.0.1:9/calls/4.wav: not asked for" in ran.out
    assert len(tried) == MOST_SILENCES


def test_json_tells_the_same_with_every_name(folder):
    (folder / "a.wav").write_bytes(b"other")
    (folder / "b.wav").unlink()
    (folder / "c.wav").unlink()
    (folder / "c.wav").mkdir()
    ran = callaudit("verify", "--json")

    assert json.loads(ran.out) == {
        "schema": "callaudit.verify/1",
        "database": "sqlite:///callaudit.db",
        "exit_code": ExitCode.SOME_CALLS_FAILED,
        "outcomes": 3,
        "problems": [],
        "share": 1.0,
        "looked_for": 3,
        "same": 0,
        "changed": 1,
        "gone": 1,
        "unreadable": 1,
        "recordings_changed": [str(folder / "a.wav")],
        "recordings_gone": [str(folder / "b.wav")],
        "recordings_unreadable": [{"recording": str(folder / "c.wav"), "reason": "is a folder"}],
    }
    assert ran.code == ExitCode.SOME_CALLS_FAILED


def test_a_database_without_recordings_has_none_to_compare(folder):
    SqlStore("sqlite:///new.db").close()
    ran = callaudit("verify", "--db", "sqlite:///new.db")

    assert (ran.code, ran.out.splitlines()[-1]) == (ExitCode.OK, "recordings: none are known")


def test_long_lists_are_cut_and_counted(folder):
    with SqlStore("sqlite:///callaudit.db") as store:
        for number in range(MOST_LISTED + 2):
            keep(store, folder / f"{number}.wav")
    for path in folder.glob("*.wav"):
        path.unlink()
    out = callaudit("verify").out

    assert out.count("gone: ") == MOST_LISTED + 1
    assert "gone: and 5 more" in out


def test_names_reach_no_terminal_as_they_are(folder):
    evil = folder / "evil\x1b[31m.wav"
    with SqlStore("sqlite:///callaudit.db") as store:
        keep(store, evil)
    evil.unlink()

    assert "gone: " in callaudit("verify").out
    assert "\x1b" not in callaudit("verify").out


def test_a_backup_is_a_database_like_any_other(folder):
    ran = callaudit("backup", "copy.db")

    assert (ran.code, ran.out) == (ExitCode.OK, "wrote copy.db\n")
    assert callaudit("show", "--db", "sqlite:///copy.db").out == callaudit("show").out != ""


def test_a_backup_replaces_no_file_unasked(folder):
    (folder / "copy.db").write_bytes(b"precious")
    ran = callaudit("backup", "copy.db")

    assert ran.code == ExitCode.STORAGE
    assert (folder / "copy.db").read_bytes() == b"precious"
    assert callaudit("backup", "copy.db", "--force").code == ExitCode.OK
    assert (folder / "copy.db").read_bytes() != b"precious"


def test_nothing_is_backed_up_where_there_is_no_database(folder):
    assert callaudit("backup", "copy.db", "--db", "sqlite:///none.db").code == ExitCode.STORAGE
    assert not (folder / "copy.db").exists()
