"""What only a SQLite database does: its file, its side files, its ways to break."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from callaudit.errors import StorageError
from callaudit.storage import engine as engine_module
from callaudit.storage.address import sqlite_address
from callaudit.storage.store import SqlStore
from tests.builders import make_judged, make_utterance
from tests.reports.origin_case import clean_call, origin_call


def test_the_file_is_durable_and_checks_its_references(path: Path, file_store: SqlStore) -> None:
    with file_store._reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_a_reader_is_not_stopped_by_a_writer(path: Path, file_store: SqlStore) -> None:
    file_store.save(clean_call())
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert list(file_store.outcomes()) == [clean_call()]
    writer.close()


def test_a_database_in_use_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 50)
    with SqlStore(f"sqlite:///{path}") as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError) as caught:
            store.save(clean_call())
        other.close()
    assert caught.value.code == "storage.locked"
    assert str(path) in caught.value.message


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"RIFF" + bytes(4096))
    with pytest.raises(StorageError) as caught:
        SqlStore(f"sqlite:///{tmp_path}/no.db")
    assert caught.value.code == "storage.corrupt"


def test_a_read_only_database_is_reported(path: Path) -> None:
    SqlStore(f"sqlite:///{path}").close()
    with SqlStore(f"sqlite:///file:{path}?mode=ro&uri=true") as store, pytest.raises(StorageError) as caught:
        store.save(clean_call())
    assert caught.value.code == "storage.readonly"


def test_a_full_disk_is_reported(path: Path, file_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with file_store._reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = tuple(make_utterance("喂" * 200, start_ms=n * 50_000, index=n) for n in range(100))
    with pytest.raises(StorageError) as caught:
        file_store.save(make_judged(many))
    assert caught.value.code == "storage.full"


def test_a_missing_database_is_made_only_where_it_may_be(path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore(f"sqlite:///{path}", to_read=True)
    assert caught.value.code == "storage.missing"
    assert not path.exists()
    SqlStore(f"sqlite:///{path}").close()
    SqlStore(f"sqlite:///{path}", to_read=True).close()


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize("name", ["callaudit.db", "a?b#c%41 d.db", "\udcb2\udce2.db"])
def test_a_new_database_and_its_side_files_are_private(tmp_path: Path, name: str) -> None:
    with SqlStore(sqlite_address(tmp_path / name)) as store:
        store.save(clean_call())
        assert modes(tmp_path) == {f"{name}{ending}": 0o600 for ending in ("", "-wal", "-shm")}


@pytest.mark.usefixtures("open_umask")
def test_a_new_database_behind_a_link_is_private(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "calls.db")
    SqlStore(f"sqlite:///{tmp_path}/link.db").close()
    assert modes(tmp_path / "real") == {"calls.db": 0o600}


def test_the_mode_of_a_database_that_is_there_is_left_alone(path: Path) -> None:
    path.touch()
    path.chmod(0o640)
    SqlStore(f"sqlite:///{path}").close()
    assert modes(path.parent) == {path.name: 0o640}


def test_an_address_that_may_not_make_a_file_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        SqlStore(f"sqlite:///file:{tmp_path}/no.db?mode=rw&uri=true")
    assert modes(tmp_path) == {}


def test_an_outcome_with_a_number_that_is_none_leaves_nothing(file_store: SqlStore) -> None:
    file_store.save(clean_call())
    with pytest.raises(StorageError) as caught:
        file_store.save(make_judged((make_utterance("喂", avg_logprob=math.nan),)))
    assert caught.value.code == "storage.failed"
    assert list(file_store.outcomes()) == [clean_call()]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outcomes SET acoustics = '{' WHERE status = 'done'",
        "PRAGMA foreign_keys = OFF; DELETE FROM recordings",
    ],
)
def test_a_row_that_makes_no_sense_is_reported(path: Path, file_store: SqlStore, damage: str) -> None:
    file_store.save(origin_call())
    connection = sqlite3.connect(path)
    connection.executescript(damage)
    connection.close()
    with pytest.raises(StorageError) as caught:
        list(file_store.outcomes())
    assert caught.value.code == "storage.corrupt"
