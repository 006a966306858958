from __future__ import annotations

from pathlib import Path

import pytest

from callaudit import assembly
from callaudit.settings import Settings
from tests.cli.runner import callaudit
from tests.reports.origin_case import clean_call, origin_call


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database whose recordings are gone."""
    monkeypatch.chdir(tmp_path)
    address = assembly.sqlite_address(tmp_path / "callaudit.db")
    monkeypatch.setenv("CALLAUDIT_DB", address)
    with assembly.open_store(Settings(db=address)) as store:
        store.save(origin_call())
        store.save(clean_call())
    return tmp_path


def test_audio_that_cannot_be_attached_is_said_in_one_line(kept: Path) -> None:
    ran = callaudit("report", "--out", kept / "out")
    assert ran.code == 0
    (line,) = ran.err.splitlines()
    assert line.startswith("flagged calls without audio: 1, such as calls/20261120-140307_3107.wav;")


def test_audio_that_nobody_wants_is_not_missed(kept: Path) -> None:
    ran = callaudit("report", "--no-audio", "--out", kept / "out")
    assert (ran.code, ran.err) == (0, "")
