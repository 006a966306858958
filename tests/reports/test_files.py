from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from callaudit.errors import StorageError
from callaudit.reports.files import replacing


def test_a_finished_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with replacing(path) as draft:
        draft.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_an_interrupted_file_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with contextlib.suppress(KeyboardInterrupt), replacing(path) as draft:
        draft.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=r"report\.html") as caught,
        replacing(tmp_path / "no" / "report.html") as draft,
    ):
        draft.write_text("new")
    assert caught.value.code == "report.unwritable"
