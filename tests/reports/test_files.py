from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
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


def test_a_file_is_private_from_its_first_byte_on_whatever_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        with replacing(path) as draft:
            assert draft.stat().st_mode & 0o777 == 0o600
            draft.write_text("new")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def write(path: Path, meanwhile: Callable[[Path], None] = lambda folder: None) -> None:
    with replacing(path) as draft:
        draft.write_text("new")
        meanwhile(path.parent)


def test_a_file_system_that_takes_nothing_is_reported(tmp_path: Path, turn_read_only: Callable[[Path], None]) -> None:
    turn_read_only(tmp_path)
    with pytest.raises(StorageError, match=r"report\.html: Read-only file system") as caught:
        write(tmp_path / "report.html")
    assert caught.value.code == "report.unwritable"
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_turns_read_only_meanwhile_is_reported_and_keeps_the_old_file(
    tmp_path: Path, turn_read_only: Callable[[Path], None]
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(StorageError, match=r"report\.html: Read-only file system"):
        write(path, turn_read_only)
    assert path.read_text() == "old"


def test_a_draft_that_a_killed_run_left_is_not_written_through(tmp_path: Path) -> None:
    path, other = tmp_path / "report.html", tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / f".report.html.{os.getpid()}.tmp").symlink_to(other)
    with replacing(path) as draft:
        draft.write_text("new")
    assert (path.read_text(), other.read_text()) == ("new", "untouched")
