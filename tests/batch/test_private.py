from __future__ import annotations

import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from callaudit.batch.private import PrivateFolder, sweep
from callaudit.errors import StorageError

HOLDS = """
import sys, time
from callaudit.batch.private import PrivateFolder
folder = PrivateFolder()
folder.new_file().write_bytes(b"sound")
print(folder.path, flush=True)
time.sleep(float(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def run(seconds):
    """Another process with a folder, and the line that it says."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(seconds)], stdout=subprocess.PIPE, text=True)
    with process.stdout as said:
        process.path = said.readline().strip()
    return process


def test_only_this_user_may_look_into_it():
    folder = PrivateFolder()

    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.close()


def test_it_is_gone_when_closed_with_all_that_is_in_it(temporary):
    folder = PrivateFolder()
    folder.new_file().write_bytes(b"sound")
    folder.close()
    folder.close()

    assert list(temporary.iterdir()) == []


def test_its_files_are_named_by_numbers():
    folder = PrivateFolder()

    assert [folder.new_file().name for _ in range(3)] == ["0", "1", "2"]
    folder.close()


def test_it_is_gone_when_nobody_has_it_any_more(temporary):
    PrivateFolder()

    assert list(temporary.iterdir()) == []


def test_it_is_gone_when_the_process_ends(temporary):
    assert run(0).wait(30) == 0
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_swept(temporary):
    process = run(60)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert [path.name for path in temporary.iterdir()] == [Path(process.path).name]
    sweep()

    assert list(temporary.iterdir()) == []


def test_what_a_living_process_holds_is_left_alone(temporary):
    process, own = run(60), PrivateFolder()
    try:
        sweep()
        assert {str(path) for path in temporary.iterdir()} == {process.path, str(own.path)}
    finally:
        process.kill()
        process.wait(30)
        own.close()


def test_nothing_but_its_own_folders_is_swept(temporary):
    (temporary / "callaudit-fetched").mkdir()
    (temporary / "callaudit-fetched-note").write_text("a file")
    (temporary / "elsewhere").mkdir()
    (temporary / "callaudit-fetched-link").symlink_to(temporary / "elsewhere")
    sweep()

    assert len(list(temporary.iterdir())) == 4


def test_a_folder_that_cannot_be_made_is_told(temporary, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
    with pytest.raises(StorageError, match="missing"):
        PrivateFolder()
