from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from callaudit.batch.discovery import discover
from callaudit.errors import InputError


def no(file):
    return False


def begins_with_sound(file):
    return file.read(5) == b"sound"


@pytest.fixture
def folder(tmp_path):
    for name in ("a.wav", "b.MP3", "sub/c.amr", "notes.txt", "sub/d.dat", ".hidden.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound" if path.suffix == ".dat" else b"x")
    return tmp_path


def names(found):
    return [getattr(one, "path", one).name for one in found]


def test_a_folder_is_searched_to_the_bottom_in_order_of_name(folder):
    assert names(discover([str(folder)], no).recordings) == ["a.wav", "b.MP3", "c.amr"]


def test_what_is_passed_by_is_accounted_for(folder):
    assert names(discover([str(folder)], no).passed_by) == [".hidden.wav", "notes.txt", "d.dat"]


def test_a_hidden_folder_is_passed_by_as_a_whole(folder):
    (folder / ".trash").mkdir()
    (folder / ".trash" / "old.wav").write_bytes(b"x")
    found = discover([str(folder)], lambda file: True)

    assert names(found.passed_by) == [".hidden.wav", ".trash"]
    assert "old.wav" not in names(found.recordings)


def test_an_empty_name_is_not_the_working_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="empty"):
        discover(["a.wav", ""], no)


def test_a_recording_with_an_unknown_ending_is_known_by_its_first_bytes(folder):
    found = discover([str(folder)], begins_with_sound)

    assert "d.dat" in names(found.recordings)


def test_a_file_that_is_named_is_always_taken(folder):
    assert names(discover([str(folder / "notes.txt")], no).recordings) == ["notes.txt"]


def test_a_glob_takes_what_it_matches(folder):
    assert names(discover([str(folder / "**" / "*.amr")], no).recordings) == ["c.amr"]


def test_a_recording_met_twice_is_taken_once(folder):
    assert names(discover([str(folder / "a.wav"), str(folder)], no).recordings) == ["a.wav", "b.MP3", "c.amr"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path):
    (tmp_path / "call[1].wav").write_bytes(b"x")

    assert names(discover([str(tmp_path / "call[1].wav")], no).recordings) == ["call[1].wav"]


@pytest.mark.parametrize("name", ["missing.wav", "*.nothing", "missing/"])
def test_a_name_that_matches_nothing_is_an_error_that_names_it(tmp_path, name):
    with pytest.raises(InputError) as caught:
        discover([str(tmp_path / name)], no)
    assert name.rstrip("/") in caught.value.message


def test_a_folder_without_recordings_is_an_error_that_names_it(tmp_path):
    with pytest.raises(InputError) as caught:
        discover([str(tmp_path)], no)
    assert caught.value.message == f"no recordings found in {tmp_path}"


def test_folders_without_recordings_are_named_up_to_three_and_what_is_left_out_is_counted(tmp_path):
    folders = [tmp_path / f"{number}" for number in range(5)]
    for folder in folders:
        folder.mkdir()
        (folder / "notes.txt").write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        discover(map(str, folders), no)
    three = ", ".join(map(str, folders[:3]))
    assert caught.value.message == (f"no recordings found in {three}, 2 more; left out as hidden or no recordings: 5")


def test_a_link_that_leads_in_a_circle_is_not_followed(folder):
    (folder / "sub" / "loop").symlink_to(folder, target_is_directory=True)

    assert names(discover([str(folder)], no).recordings) == ["a.wav", "b.MP3", "c.amr"]


def test_a_folder_that_cannot_be_looked_into_comes_as_itself(folder, monkeypatch):
    looked_into = type(folder).iterdir

    def refuse(path):
        if path.name == "sub":
            raise PermissionError
        return looked_into(path)

    monkeypatch.setattr(type(folder), "iterdir", refuse)

    assert names(discover([str(folder)], no).recordings) == ["a.wav", "b.MP3", "sub"]


def test_a_file_address_is_a_path(folder):
    assert names(discover([f"file://{folder}"], no).recordings) == ["a.wav", "b.MP3", "c.amr"]


def test_a_file_tells_when_it_was_written(folder):
    os.utime(folder / "a.wav", (1_000_000_000, 1_000_000_000))
    (found,) = discover([str(folder / "a.wav")], no).recordings

    assert found.modified_at() == datetime.fromtimestamp(1_000_000_000, UTC)


def test_a_file_that_is_gone_tells_no_time(folder):
    (found,) = discover([str(folder / "a.wav")], no).recordings
    (folder / "a.wav").unlink()

    assert found.modified_at() is None
