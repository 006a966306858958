"""Databases that may only be read, and checks that leave no trace."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect

from callaudit.errors import ExitCode, StorageError
from callaudit.storage.address import parse_address
from callaudit.storage.engine import WRITES, open_engine
from callaudit.storage.migrate import alembic_config
from callaudit.storage.store import SqlStore, check_store
from tests.reports.origin_case import clean_call
from tests.storage.conftest import execute

STARTED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def may_write(path: Path, mode: int) -> bool:
    """`os.access` by the rights of the owner, which root does not heed."""
    return not mode & os.W_OK or bool(path.exists() and path.stat().st_mode & stat.S_IWUSR)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A read-only database with one call in a read-only folder."""
    monkeypatch.setattr(os, "access", may_write)
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "calls.db"
    with SqlStore(f"sqlite:///{path}") as store:
        store.save(clean_call())
    path.chmod(0o444)
    folder.chmod(0o555)
    yield path
    folder.chmod(0o755)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tables(address: str) -> list[str]:
    engine = open_engine(parse_address(address))
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    engine.dispose()
    return names


def test_what_may_not_be_written_can_be_read(kept: Path) -> None:
    with SqlStore(f"sqlite:///{kept}", to_read=True) as store:
        assert list(store.outcomes()) == [clean_call()]
        assert store.address == f"sqlite:///{kept}"


def test_a_read_only_file_leaves_no_side_files_for_its_owner(kept: Path) -> None:
    kept.parent.chmod(0o755)
    with SqlStore(f"sqlite:///{kept}", to_read=True) as store:
        assert list(store.outcomes()) == [clean_call()]
        assert names(kept.parent) == ["calls.db"]


def test_a_log_beside_a_read_only_database_is_read_too(kept: Path) -> None:
    kept.parent.chmod(0o755)
    kept.chmod(0o644)
    with SqlStore(f"sqlite:///{kept}") as writer:
        run = writer.begin_run(STARTED, "f")
        kept.chmod(0o444)
        with SqlStore(f"sqlite:///{kept}", to_read=True) as store:
            assert store.runs() == (run,)


def make_old(address: str) -> None:
    """Take a database back to the schema before the newest."""
    from alembic import command

    SqlStore(address).close()
    engine = open_engine(parse_address(address))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "-1")
    engine.dispose()


def test_a_database_of_an_older_callaudit_is_not_migrated_by_whoever_came_to_read(address: str, tmp_path: Path) -> None:
    make_old(address)
    before = (contents(tmp_path), execute(address, "SELECT version_num FROM alembic_version"))
    with pytest.raises(StorageError, match="older callaudit") as caught:
        SqlStore(address, to_read=True)
    assert caught.value.code == "storage.old_schema"
    assert "callaudit scan" in caught.value.hint
    assert (contents(tmp_path), execute(address, "SELECT version_num FROM alembic_version")) == before
    SqlStore(address).close()
    SqlStore(address, to_read=True).close()


def test_a_file_without_tables_is_told_from_a_database_and_gets_none(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with sqlite3.connect(tmp_path / "bare.db") as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    before = contents(tmp_path)
    assert before["bare.db"] > before["empty.db"] == b""
    for name in before:
        with pytest.raises(StorageError, match=rf"{name} holds no callaudit database yet") as caught:
            SqlStore(f"sqlite:///{tmp_path}/{name}", to_read=True)
        assert (caught.value.code, caught.value.exit_code) == ("storage.missing", ExitCode.STORAGE)
        assert "scan makes it" in caught.value.hint
    assert contents(tmp_path) == before


def test_who_comes_to_read_leaves_a_database_as_it_is(address: str, tmp_path: Path) -> None:
    with SqlStore(address) as store:
        store.save(clean_call())
    before = contents(tmp_path)
    with SqlStore(address, to_read=True) as store:
        assert list(store.outcomes()) == [clean_call()]
        store.status()
        assert store.verify(lambda path: None).is_sound
    assert contents(tmp_path) == before


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"])
@pytest.mark.parametrize("open_", [SqlStore, check_store])
def test_a_database_in_memory_is_refused_with_the_reason(address: str, open_: type) -> None:
    with pytest.raises(StorageError, match="in memory"):
        open_(address)


@pytest.mark.parametrize("revision", [None, "0001", "9f3a"])
@pytest.mark.parametrize("open_", [SqlStore, check_store])
def test_the_database_of_another_program_is_refused_and_left_as_it_is(
    address: str, tmp_path: Path, open_: Callable[[str], object], revision: str | None
) -> None:
    execute(address, "CREATE TABLE bills (amount INTEGER)")
    if revision:
        execute(address, "CREATE TABLE alembic_version (version_num TEXT)")
        execute(address, f"INSERT INTO alembic_version VALUES ('{revision}')")
    before = (contents(tmp_path), tables(address))
    with pytest.raises(StorageError, match="another program"):
        open_(address)
    assert (contents(tmp_path), tables(address)) == before


def test_a_check_makes_nothing(tmp_path: Path) -> None:
    assert check_store(f"sqlite:///{tmp_path}/new.db") == f"sqlite:///{tmp_path}/new.db"
    assert names(tmp_path) == []


def test_a_check_of_a_database_leaves_no_trace(tmp_path: Path) -> None:
    SqlStore(f"sqlite:///{tmp_path}/new.db").close()
    before = contents(tmp_path)
    check_store(f"sqlite:///{tmp_path}/new.db")
    assert contents(tmp_path) == before


def test_a_check_sees_that_nothing_may_be_written(kept: Path) -> None:
    with pytest.raises(StorageError) as caught:
        check_store(f"sqlite:///{kept}")
    assert caught.value.code == "storage.readonly"
    with pytest.raises(StorageError) as caught:
        check_store(f"sqlite:///{kept.parent}/new.db")
    assert caught.value.code == "storage.address"


@pytest.mark.parametrize("address", ["sqlite:////no/such/folder/calls.db", "nonsense", "nosuchdb://host/calls"])
def test_a_check_finds_an_address_that_leads_nowhere(address: str) -> None:
    with pytest.raises(StorageError) as caught:
        check_store(address)
    assert caught.value.code == "storage.address"
