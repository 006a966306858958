"""What `report` and `show` are about: the recordings that are named, whatever runs they were scanned in."""

from __future__ import annotations

import pytest

from callaudit.errors import ExitCode
from tests.cli.quick import use
from tests.cli.runner import callaudit


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Two days of recordings, scanned by engines that find an insult in `a`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    use(monkeypatch)
    for name in ("monday/a.wav", "monday/b.wav", "tuesday/c.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "callaudit.toml").write_text("[batch]\nsettle_s = 0\n", encoding="utf-8")
    return tmp_path


def rows_of(folder):
    return (folder / "findings.jsonl").read_text(encoding="utf-8").splitlines()


def page_of(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


def test_a_report_of_a_folder_has_all_of_it_in_however_many_runs_it_was_scanned(site):
    callaudit("scan", "monday/a.wav")
    callaudit("scan", "monday", "tuesday")
    callaudit("scan", "monday")
    ran = callaudit("report", "monday", "--out", "out")

    assert ran.code == ExitCode.OK
    assert len(rows_of(site / "out")) == 1
    assert "b.wav" in page_of(site / "out")
    assert "c.wav" not in page_of(site / "out")


def test_a_run_that_finds_all_finished_leaves_the_report_of_the_last_run_as_it_was(site):
    callaudit("scan", "monday")
    callaudit("scan", "monday")
    callaudit("report", "--run", "last", "--out", "out")

    assert len(rows_of(site / "out")) == 1


@pytest.mark.parametrize("name", ["wednesday", "mon", "s3://bucket/monday"])
def test_a_report_of_what_was_never_scanned_is_refused_and_replaces_none(site, name):
    callaudit("scan", "monday")
    callaudit("report", "--out", "out")
    ran = callaudit("report", name, "--out", "out")

    assert (ran.code, len(rows_of(site / "out"))) == (ExitCode.NO_INPUT, 1)
    assert "is kept in" in ran.err


def test_a_recording_has_one_name_however_it_is_reached(site, monkeypatch):
    monkeypatch.chdir(site / "tuesday")
    db = f"sqlite:///{site}/callaudit.db"
    assert "2 done" in callaudit("scan", "../monday", "--db", db).out
    assert "2 finished earlier" in callaudit("scan", site / "monday", "--db", db).out
    for name in ("../monday/a.wav", site / "monday" / "a.wav", "../tuesday/../monday/a.wav"):
        assert callaudit("show", name, "--db", db).code == ExitCode.OK
    assert ".." not in callaudit("show", "--db", db).out


def test_a_name_with_dots_is_followed_through_links_as_the_system_does(site):
    (site / "far" / "away").mkdir(parents=True)
    (site / "link").symlink_to(site / "far" / "away")
    (site / "far" / "d.wav").write_bytes(b"d")
    callaudit("scan", "link/../d.wav")

    assert str(site / "far" / "d.wav") in callaudit("show").out
