from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from callaudit.errors import StorageError
from callaudit.storage import backup as backup_module
from callaudit.storage.backup import backup_store
from callaudit.storage.lock import lock_file
from callaudit.storage.store import SqlStore
from tests.builders import make_judged, make_utterance
from tests.reports.origin_case import clean_call, failed_call, origin_call


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with SqlStore(f"sqlite:///{tmp_path}/callaudit.db") as opened:
        opened.save(origin_call())
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "备份.db"


def outcomes(path: Path) -> list[object]:
    with SqlStore(f"sqlite:///{path}") as store:
        return list(store.outcomes())


def test_a_backup_is_a_private_database_like_any_other(store: SqlStore, target: Path) -> None:
    before = os.umask(0)
    try:
        backup_store(store.address, target)
    finally:
        os.umask(before)
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    assert target.stat().st_mode & 0o777 == 0o600
    assert outcomes(target) == [origin_call()]


@pytest.mark.parametrize("name", ["callaudit.db", "callaudit.db-wal", "callaudit.db.run", "link.db", "hard.db"])
def test_a_database_is_not_backed_up_onto_itself(store: SqlStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "callaudit.db")
    (tmp_path / "hard.db").hardlink_to(tmp_path / "callaudit.db")
    with pytest.raises(StorageError, match="belongs to the database itself"):
        backup_store(store.address, tmp_path / name, force=True)
    store.save(clean_call())
    assert len(outcomes(tmp_path / "callaudit.db")) == 2


def test_what_is_still_in_the_log_is_in_the_backup(store: SqlStore, target: Path) -> None:
    store.save(clean_call())
    assert (target.parents[1] / "callaudit.db-wal").stat().st_size > 0
    backup_store(store.address, target)
    assert len(outcomes(target)) == 2


def test_a_backup_is_of_one_moment_while_a_run_writes(store: SqlStore, target: Path) -> None:
    stop, done = threading.Event(), []

    def write() -> None:
        with SqlStore(store.address) as writer:
            while not stop.is_set():
                n = len(done)
                writer.save(failed_call(f"{n}.wav", sha256=None))
                done.append(n)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(5):
            before = len(done)
            backup_store(store.address, target, force=True)
            kept = {outcome.path.stem for outcome in outcomes(target)[1:]}  # type: ignore[attr-defined]
            assert kept == {str(n) for n in range(len(kept))}
            assert before <= len(kept) <= len(done) + 1
    finally:
        stop.set()
        writing.join()


def test_a_file_that_is_there_is_replaced_only_by_force(store: SqlStore, target: Path) -> None:
    target.write_text("the only copy")
    with pytest.raises(StorageError) as caught:
        backup_store(store.address, target)
    assert caught.value.code == "storage.exists"
    assert target.read_text() == "the only copy"
    backup_store(store.address, target, force=True)
    assert outcomes(target) == [origin_call()]


def test_a_file_that_appears_meanwhile_is_kept(store: SqlStore, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_module, "_check", lambda part: target.write_text("somebody else's"))
    with pytest.raises(StorageError, match="is there already"):
        backup_store(store.address, target)
    assert target.read_text() == "somebody else's"
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_what_a_killed_backup_left_is_taken_over(store: SqlStore, target: Path) -> None:
    part = target.with_name("备份.db.part")
    part.write_bytes(b"half" * 100_000)
    part.chmod(0o644)
    backup_store(store.address, target)
    assert not part.exists()
    assert target.stat().st_mode & 0o777 == 0o600
    assert outcomes(target) == [origin_call()]


def test_two_backups_into_one_file_do_not_mix(store: SqlStore, target: Path) -> None:
    part = target.with_name("备份.db.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT)
    assert lock_file(handle)
    with pytest.raises(StorageError) as caught:
        backup_store(store.address, target)
    assert caught.value.code == "storage.running"
    assert part.exists()
    os.close(handle)


@pytest.mark.parametrize("address", ["postgresql://me:secret@host/calls", "sqlite:///:memory:"])
def test_only_a_file_can_be_backed_up(address: str, target: Path) -> None:
    with pytest.raises(StorageError) as caught:
        backup_store(address, target)
    assert caught.value.code == "storage.backup"
    assert "pg_dump" in caught.value.hint
    assert "secret" not in caught.value.message


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, target: Path) -> None:
    with pytest.raises(StorageError) as caught:
        backup_store(f"sqlite:///{tmp_path}/none.db", target)
    assert caught.value.code == "storage.missing"
    assert not (tmp_path / "none.db").exists()
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("", "storage.missing"),
        ("PRAGMA user_version = 1", "storage.missing"),
        ("CREATE TABLE bills (n)", "storage.address"),
    ],
)
def test_what_holds_no_calls_takes_the_place_of_no_backup(
    tmp_path: Path, target: Path, statements: str, code: str
) -> None:
    (tmp_path / "lost.db").touch()
    with closing(sqlite3.connect(tmp_path / "lost.db")) as connection:
        connection.execute(statements)
    target.write_text("the last good one")
    with pytest.raises(StorageError, match=r"lost\.db") as caught:
        backup_store(f"sqlite:///{tmp_path}/lost.db", target, force=True)
    assert caught.value.code == code
    assert target.read_text() == "the last good one"
    assert [file.name for file in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("revision", ["0004", "9999"])
def test_a_database_of_another_version_is_backed_up_as_it_is(
    store: SqlStore, tmp_path: Path, target: Path, revision: str
) -> None:
    store.close()
    with closing(sqlite3.connect(tmp_path / "callaudit.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    backup_store(store.address, target)
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)
        assert copy.execute("SELECT count(*) FROM outcomes").fetchone() == (1,)


def test_a_folder_that_is_not_there_is_named(store: SqlStore, target: Path) -> None:
    with pytest.raises(StorageError, match="nowhere") as caught:
        backup_store(store.address, target.parent / "nowhere" / "a.db")
    assert caught.value.code == "storage.backup"


def test_a_disk_without_room_for_the_copy_is_told_and_nothing_is_left(
    store: SqlStore, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    class Cramped(sqlite3.Connection):
        def execute(self, statement: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
            super().execute("PRAGMA max_page_count = 3")
            return super().execute(statement, *parameters)

    store.save(make_judged([make_utterance("喂" * 200, index=n) for n in range(100)]))
    monkeypatch.setattr(
        backup_module.sqlite3, "connect", lambda name, **options: connect(name, **options, factory=Cramped)
    )
    with pytest.raises(StorageError) as caught:
        backup_store(store.address, target)
    assert caught.value.code == "storage.backup"
    assert list(target.parent.iterdir()) == []


def test_a_damaged_database_leaves_the_last_backup_alone(store: SqlStore, tmp_path: Path, target: Path) -> None:
    for n in range(30):
        store.save(failed_call(f"{n}.wav", sha256=None))
    store.close()
    target.write_text("the last one")
    with (tmp_path / "callaudit.db").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises(StorageError) as caught:
        backup_store(store.address, target, force=True)
    assert caught.value.code == "storage.corrupt"
    assert target.read_text() == "the last one"
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_a_database_that_may_only_be_read_can_be_backed_up(
    store: SqlStore, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    backup_store(store.address, target)
    monkeypatch.undo()
    assert outcomes(target) == [origin_call()]
