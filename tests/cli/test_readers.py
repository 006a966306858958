"""Commands that only read: what they say of a database that is none yet, or an older one, and that they leave it so."""

from __future__ import annotations

import sqlite3

import pytest

from callaudit.errors import ExitCode
from callaudit.storage.store import SqlStore
from tests.cli.quick import use
from tests.cli.runner import callaudit

READERS = [("status",), ("status", "--json"), ("verify",), ("report",), ("show",), ("retry",)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLAUDIT_BATCH__SETTLE_S", "0")
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    (tmp_path / "a.wav").write_bytes(b"a")
    use(monkeypatch)
    return tmp_path


@pytest.mark.parametrize("command", READERS)
def test_an_empty_file_is_told_from_a_database_and_stays_empty(folder, command):
    (folder / "callaudit.db").touch()
    ran = callaudit(*command)

    assert (ran.code, ran.out) == (ExitCode.STORAGE, "")
    assert "callaudit.db holds no callaudit database yet [storage.missing]" in ran.err
    assert "callaudit scan makes it" in ran.err
    assert sorted(path.name for path in folder.iterdir()) == ["a.wav", "callaudit.db"]
    assert (folder / "callaudit.db").read_bytes() == b""


def test_a_dry_run_over_an_empty_file_finds_all_to_be_done_and_leaves_it_empty(folder):
    (folder / "callaudit.db").touch()
    ran = callaudit("scan", "a.wav", "--dry-run")

    assert ran.code == ExitCode.OK
    assert "1 found, 0 done, 0 failed, 0 skipped, 1 to scan" in ran.out
    assert (folder / "callaudit.db").read_bytes() == b""


@pytest.mark.parametrize("command", [*READERS, ("scan", "a.wav", "--dry-run")])
def test_a_database_of_an_older_callaudit_is_left_to_the_next_scan(folder, command):
    SqlStore("sqlite:///callaudit.db").close()
    connection = sqlite3.connect(folder / "callaudit.db")
    connection.execute("UPDATE alembic_version SET version_num = '0004'")
    connection.commit()
    connection.close()
    before = (folder / "callaudit.db").read_bytes()
    ran = callaudit(*command)

    assert ran.code == ExitCode.STORAGE
    assert "was written by an older callaudit" in ran.err
    assert "the next callaudit scan into it brings it up to date" in ran.err
    assert (folder / "callaudit.db").read_bytes() == before


def test_a_scan_makes_the_database_of_an_empty_file(folder):
    (folder / "callaudit.db").touch()

    assert callaudit("scan", "a.wav").code == ExitCode.OK
    assert callaudit("status").code == ExitCode.OK
