from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from callaudit.errors import BusyError, ExitCode, StorageError
from callaudit.storage import lock
from callaudit.storage.store import SqlStore

HOLD = """
import sys, time
from callaudit.storage.store import SqlStore
with SqlStore(sys.argv[1]) as store, store.exclusive():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/callaudit.db"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.0)


@pytest.fixture
def holder(address: str) -> Iterator[subprocess.Popen[str]]:
    """Another process with a run under way."""
    with subprocess.Popen([sys.executable, "-c", HOLD, address], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_run_is_told_who_is_first(address: str, holder: subprocess.Popen[str]) -> None:
    with SqlStore(address) as store:
        with pytest.raises(StorageError) as caught, store.exclusive():
            pytest.fail("two runs at a time")
        assert caught.value.code == "storage.running"
        assert caught.value.exit_code is ExitCode.BUSY
        assert f"process {holder.pid}, since {time.gmtime().tm_year}-" in caught.value.message
        assert "--db" in caught.value.hint


def test_the_run_of_a_killed_process_blocks_nobody(address: str, holder: subprocess.Popen[str]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with SqlStore(address) as store, store.exclusive():
        pass


def test_a_run_may_follow_another(address: str, tmp_path: Path) -> None:
    with SqlStore(address) as store:
        for _ in range(2):
            with store.exclusive():
                note = (tmp_path / "callaudit.db.run").read_text()
                assert note.startswith(f"{os.getpid()} ")
    assert (tmp_path / "callaudit.db.run").stat().st_mode & 0o777 == 0o600


def test_a_run_that_fails_lets_go(address: str) -> None:
    with SqlStore(address) as store:
        with pytest.raises(ZeroDivisionError), store.exclusive():
            raise ZeroDivisionError
        with store.exclusive():
            pass


def test_two_runs_of_one_process_are_two(address: str) -> None:
    with SqlStore(address) as one, SqlStore(address) as other, one.exclusive():
        with pytest.raises(StorageError, match=f"process {os.getpid()}"), other.exclusive():
            pytest.fail("two runs at a time")
        other.begin_attempt("1" * 64)  # others than runs may write


def test_runs_on_two_databases_are_apart(tmp_path: Path) -> None:
    with (
        SqlStore(f"sqlite:///{tmp_path}/a.db") as one,
        SqlStore(f"sqlite:///{tmp_path}/b.db") as other,
        one.exclusive(),
        other.exclusive(),
    ):
        pass


def test_a_database_behind_a_link_is_one_database(address: str, tmp_path: Path) -> None:
    SqlStore(address).close()
    (tmp_path / "link.db").symlink_to(tmp_path / "callaudit.db")
    with (
        SqlStore(address) as one,
        SqlStore(f"sqlite:///{tmp_path}/link.db") as other,
        one.exclusive(),
        pytest.raises(StorageError, match="another run"),
        other.exclusive(),
    ):
        pytest.fail("two runs at a time")


def test_a_note_that_says_nothing_is_left_out(address: str, tmp_path: Path) -> None:
    with SqlStore(address) as one, SqlStore(address) as other, one.exclusive():
        (tmp_path / "callaudit.db.run").write_bytes(b"\xff\x00")
        with pytest.raises(StorageError, match="another run is working"), other.exclusive():
            pytest.fail("two runs at a time")


def test_a_lock_that_cannot_be_made_is_told(address: str, tmp_path: Path) -> None:
    (tmp_path / "callaudit.db.run").mkdir()
    with SqlStore(address) as store:
        with pytest.raises(StorageError, match=r"callaudit\.db\.run") as caught, store.exclusive():
            pytest.fail("not held")
        assert caught.value.code == "storage.readonly"


def test_a_lock_that_is_let_go_of_in_a_moment_lets_the_run_begin(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with SqlStore(address) as one, SqlStore(address) as other, ExitStack() as holding:
        holding.enter_context(one.exclusive())
        letting_go = threading.Timer(0.3, holding.close)
        letting_go.start()
        begun_s = time.monotonic()
        with other.exclusive():
            assert 0.2 < time.monotonic() - begun_s < lock.PATIENCE_S + 0.5
        letting_go.join()


def test_a_lock_that_stays_is_given_up_in_good_time(
    address: str, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    begun_s = time.monotonic()
    with SqlStore(address) as store, pytest.raises(BusyError), store.exclusive():
        pytest.fail("two runs at a time")
    assert lock.PATIENCE_S <= time.monotonic() - begun_s < 2.5


def test_whether_a_run_goes_on_can_be_asked_without_a_trace(address: str, tmp_path: Path) -> None:
    with SqlStore(address) as one, SqlStore(address, to_read=True) as other:
        assert not other.is_running()
        assert not (tmp_path / "callaudit.db.run").exists()
        with one.exclusive():
            note = (tmp_path / "callaudit.db.run").read_text()
            assert other.is_running()
            assert (tmp_path / "callaudit.db.run").read_text() == note
        assert not other.is_running()


def test_whoever_asks_is_not_taken_for_a_run_by_others_who_ask(address: str, tmp_path: Path) -> None:
    with SqlStore(address) as store:
        with store.exclusive():
            pass
        handle = os.open(tmp_path / "callaudit.db.run", os.O_RDONLY)
        assert lock.lock_file(handle, shared=True)
        assert not store.is_running()
        os.close(handle)


def test_a_killed_run_is_known_to_be_over(address: str, holder: subprocess.Popen[str]) -> None:
    with SqlStore(address, to_read=True) as store:
        assert store.is_running()
        holder.kill()
        holder.wait()
        assert not store.is_running()


def test_where_the_lock_may_not_be_looked_at_nobody_claims_to_know(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SqlStore(address).close()
    (tmp_path / "callaudit.db.run").touch()

    def refuse(path: Path, *_: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    with SqlStore(address, to_read=True) as store:
        monkeypatch.setattr(lock.os, "open", refuse)
        with pytest.raises(StorageError, match=r"callaudit\.db\.run: Permission denied"):
            store.is_running()
