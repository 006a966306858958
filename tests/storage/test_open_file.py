"""A database file that somebody removes or replaces while it is written to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.errors import ExitCode, StorageError
from callaudit.storage.store import SqlStore
from tests.reports.origin_case import clean_call, origin_call

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "callaudit.db"


def test_a_removed_database_is_noticed_at_the_next_outcome(file: Path) -> None:
    with SqlStore(f"sqlite:///{file}") as store:
        store.save(origin_call())
        for part in file.parent.glob("callaudit.db*"):
            part.unlink()
        with pytest.raises(StorageError, match="was removed while it was in use") as caught:
            store.save(clean_call())
    assert (caught.value.code, caught.value.exit_code) == ("storage.lost", ExitCode.STORAGE)


def test_a_replaced_database_is_noticed(file: Path) -> None:
    other = file.with_name("other.db")
    SqlStore(f"sqlite:///{other}").close()
    with SqlStore(f"sqlite:///{file}") as store:
        store.save(origin_call())
        other.replace(file)
        with pytest.raises(StorageError, match="was replaced while it was in use"):
            store.finish_run(1, NOW, {})


def test_a_database_that_is_written_to_by_its_owner_alone_goes_on(file: Path) -> None:
    with SqlStore(f"sqlite:///{file}") as store, SqlStore(f"sqlite:///{file}") as second:
        store.save(origin_call())
        second.save(clean_call())
        assert len(list(store.outcomes())) == 2
