from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from callaudit.domain.analysis import FailedCall
from callaudit.errors import StorageError
from callaudit.storage.address import parse_address, sqlite_address, untouched, without_secrets
from callaudit.storage.backup import backup_store
from callaudit.storage.store import SqlStore, check_store
from tests.reports.origin_case import failed_call

NAMES = ["plain.db", "a b.db", "a?b.db", "a#b.db", "100%.db", "a%3Fb.db", "录音 é.db", "a:@&=+;b.db", "\udcb2.db"]


@pytest.mark.parametrize("name", [*NAMES, ":memory:", "file:x.db"])
@pytest.mark.parametrize("relative", [False, True])
def test_a_file_of_any_name_has_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, relative: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    address = sqlite_address(Path(name) if relative else tmp_path / name)
    with SqlStore(address) as store:
        store.save(failed_call())
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with SqlStore(address, to_read=True) as store:
        assert [type(outcome) for outcome in store.outcomes()] == [FailedCall]


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_of_any_name_is_missed(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore(sqlite_address(tmp_path / name), to_read=True)
    assert caught.value.code == "storage.missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:///night.db", "sqlite:///night.db"),
        ("postgresql://me@host/calls", "postgresql://me@host/calls"),
        ("postgresql://me:secret@host:5432/calls", "postgresql://me:***@host:5432/calls"),
        ("postgresql://host/calls?user=me&password=secret", "postgresql://host/calls?password=hidden&user=me"),
        (
            "postgresql://host/calls?sslmode=require&sslpassword=s",
            "postgresql://host/calls?sslmode=require&sslpassword=hidden",
        ),
        ("postgres://me:p/a?s:s%40@host/calls", "postgresql://me:***@host/calls"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_secrets(parse_address(address)) == shown


@pytest.mark.parametrize(
    "address",
    [
        "",
        "secret",
        "me:secret@host/calls",
        "db://me:secret@host:port/calls",
        "sqlite:////tmp/secret\0.db",
        "postgresql://me:my@secret@host/calls",
        "postgresql://me:12secret",
        "host=db user=me password=secret",
    ],
)
def test_an_address_that_cannot_be_understood_is_not_repeated(address: str) -> None:
    with pytest.raises(StorageError) as caught:
        parse_address(address)
    assert caught.value.code == "storage.address"
    assert "secret" not in "".join(traceback.format_exception(caught.value)) + caught.value.hint


def test_an_address_with_bytes_that_are_no_utf8_can_be_shown() -> None:
    assert without_secrets(parse_address("sqlite:///\udcb2.db")) == r"sqlite:///\xb2.db"


def test_a_database_behind_a_symbolic_link_is_read_with_its_log(tmp_path: Path) -> None:
    """What is committed but not yet in the database file itself lies in the log beside the target of the link."""
    (tmp_path / "data").mkdir()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "data" / "calls.db")
    with SqlStore(sqlite_address(link)) as writing:
        writing.save(failed_call())
        assert (tmp_path / "data" / "calls.db-wal").exists()
        reading = create_engine(untouched(parse_address(sqlite_address(link))))
        with reading.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM outcomes")).scalar() == 1
        reading.dispose()


@pytest.mark.parametrize("name", ["there", "there/", "nowhere/", "there/."])
@pytest.mark.parametrize("open_", [SqlStore, check_store, partial(SqlStore, to_read=True)])
def test_an_address_that_names_a_folder_is_refused_and_nothing_made(
    tmp_path: Path, open_: Callable[[str], object], name: str
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(StorageError, match="names a folder, not a file") as caught:
        open_(f"sqlite:///{tmp_path}/{name}")
    assert caught.value.code == "storage.address"
    assert caught.value.hint.endswith("/callaudit.db")
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_a_link_to_a_folder_names_a_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with pytest.raises(StorageError, match="names a folder"):
        backup_store(f"sqlite:///{tmp_path}/link", tmp_path / "copy.db")
