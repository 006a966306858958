from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.spans import CharSpan
from callaudit.errors import ExitCode, StorageError
from callaudit.storage.address import parse_address
from callaudit.storage.engine import open_engine
from callaudit.storage.migrate import alembic_config
from callaudit.storage.schema import SCHEMA_REVISION, metadata
from callaudit.storage.store import SqlStore
from tests.builders import make_finding, make_judged, make_utterance


def test_migrations_build_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    SqlStore(f"sqlite:///{tmp_path}/new.db").close()
    engine = open_engine(parse_address(f"sqlite:///{tmp_path}/new.db"))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_the_comparison_notices_a_missing_column(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    SqlStore(f"sqlite:///{tmp_path}/new.db").close()
    with sqlite3.connect(tmp_path / "new.db") as connection:
        connection.execute("ALTER TABLE findings DROP COLUMN quote")
    connection.close()
    engine = open_engine(parse_address(f"sqlite:///{tmp_path}/new.db"))
    with engine.connect() as opened:
        differences = compare_metadata(MigrationContext.configure(opened), metadata)
    engine.dispose()
    assert [difference[0] for difference in differences] == ["add_column"]


def test_the_schema_names_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    engine = open_engine(parse_address("sqlite://"))
    with engine.connect() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
    engine.dispose()
    assert heads == [SCHEMA_REVISION]


def test_every_migration_can_be_taken_back(tmp_path: Path) -> None:
    from alembic import command
    from sqlalchemy import inspect

    from callaudit.storage.engine import WRITES

    SqlStore(f"sqlite:///{tmp_path}/new.db").close()
    engine = open_engine(parse_address(f"sqlite:///{tmp_path}/new.db"))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    SqlStore(f"sqlite:///{tmp_path}/new.db").close()


def test_findings_of_the_first_schema_are_kept_with_their_characters_unknown(tmp_path: Path) -> None:
    from alembic import command

    from callaudit.storage.engine import WRITES

    address = f"sqlite:///{tmp_path}/old.db"
    known = make_finding(chars=CharSpan(0, 3))
    with SqlStore(address) as store:
        store.save(make_judged([make_utterance("不要脸")], findings=(known,)))
    engine = open_engine(parse_address(address))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "0001")
    engine.dispose()

    with SqlStore(address) as store:
        (outcome,) = store.outcomes()
        assert isinstance(outcome, JudgedCall)
        assert outcome.findings == (replace(known, chars=None),)
        assert outcome.analysis.holds == ()
        store.save(make_judged([make_utterance("不要脸")], findings=(known,)))
        (outcome,) = store.outcomes()
        assert isinstance(outcome, JudgedCall)
        assert outcome.findings == (known,)


def test_a_database_of_a_newer_callaudit_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    SqlStore(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StorageError, match="newer callaudit") as caught:
        SqlStore(f"sqlite:///{path}")
    assert caught.value.code == "storage.newer_schema"
    assert caught.value.exit_code is ExitCode.STORAGE
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recordings (title TEXT)")
    connection.close()
    with pytest.raises(StorageError, match="another program") as caught:
        SqlStore(f"sqlite:///{path}")
    assert caught.value.code == "storage.address"


def test_a_folder_with_a_percent_sign_holds_a_database(tmp_path: Path) -> None:
    (tmp_path / "100%").mkdir()
    SqlStore(f"sqlite:///{tmp_path}/100%/new.db").close()
    assert (tmp_path / "100%" / "new.db").is_file()
