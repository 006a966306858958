from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.runs import RunEnding
from callaudit.domain.spans import CharSpan
from callaudit.errors import ExitCode, StorageError
from callaudit.storage.address import parse_address
from callaudit.storage.engine import open_engine
from callaudit.storage.migrate import alembic_config
from callaudit.storage.schema import SCHEMA_REVISION, metadata
from callaudit.storage.store import SqlStore
from tests.builders import SHA, make_finding, make_judged, make_utterance
from tests.reports.origin_case import failed_call
from tests.storage.conftest import execute


def differences(address: str) -> list[str]:
    """What Alembic would change to make a database like the schema; comments are for readers of the schema only."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = open_engine(parse_address(address))
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    changes = [change for one in found for change in (one if isinstance(one, list) else [one])]
    return [change[0] for change in changes if change[0] != "modify_comment"]


def test_migrations_build_exactly_the_tables_of_the_schema(address: str) -> None:
    SqlStore(address).close()
    assert differences(address) == []


def test_the_comparison_notices_a_missing_column(address: str) -> None:
    SqlStore(address).close()
    execute(address, "ALTER TABLE findings DROP COLUMN quote")
    assert differences(address) == ["add_column"]


def test_the_schema_names_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    engine = open_engine(parse_address("sqlite://"))
    with engine.connect() as connection:
        heads = ScriptDirectory.from_config(alembic_config(connection)).get_heads()
    engine.dispose()
    assert heads == [SCHEMA_REVISION]


def test_every_migration_can_be_taken_back(address: str) -> None:
    from alembic import command
    from sqlalchemy import inspect

    from callaudit.storage.engine import WRITES

    SqlStore(address).close()
    engine = open_engine(parse_address(address))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    SqlStore(address).close()


def test_findings_of_the_first_schema_are_kept_with_their_characters_unknown(address: str) -> None:
    from alembic import command

    from callaudit.storage.engine import WRITES

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


def test_what_was_stored_before_there_was_a_ledger_is_kept_and_one_begins(address: str) -> None:
    from alembic import command

    from callaudit.storage.engine import WRITES

    judged = make_judged([make_utterance("您好")])
    failed = failed_call()
    with SqlStore(address) as store:
        store.save(judged)
        store.save(failed)
        store.begin_attempt("1" * 64)
    engine = open_engine(parse_address(address))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "0003")
    engine.dispose()

    with SqlStore(address) as store:
        assert list(store.outcomes()) == [judged, failed]
        assert store.open_attempts() == {}
        assert store.finished(SHA, "test") == ()
        assert store.failed(failed.path, str(failed.sha256), "") == failed
        store.link(Path("copy.wav"), SHA)
        assert store.copies_of(judged) == (Path("copy.wav"),)


def test_runs_that_ended_before_ends_were_noted_are_kept_with_theirs_unknown(address: str) -> None:
    from alembic import command

    from callaudit.storage.engine import WRITES

    ended = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    with SqlStore(address) as store:
        store.finish_run(store.begin_run(ended, "f"), ended, {"found": 3, "done": 1}, RunEnding("SIGTERM"))
    engine = open_engine(parse_address(address))
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "0006")
    engine.dispose()

    with SqlStore(address) as store:
        (run,) = store.status().runs
        assert (run.finished_at, run.ended, run.error, run.not_reached) == (ended, None, None, 2)


def test_a_database_of_a_newer_callaudit_is_refused_and_left_alone(address: str) -> None:
    SqlStore(address).close()
    execute(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer callaudit") as caught:
        SqlStore(address)
    assert caught.value.code == "storage.newer_schema"
    assert caught.value.exit_code is ExitCode.STORAGE
    assert execute(address, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_the_database_of_another_program_is_refused(address: str) -> None:
    execute(address, "CREATE TABLE recordings (title TEXT)")
    with pytest.raises(StorageError, match="another program") as caught:
        SqlStore(address)
    assert caught.value.code == "storage.address"


def test_processes_that_make_the_same_database_wait_for_each_other(address: str) -> None:
    """A start gate and no pool: whoever comes later finds everything done, and every process can write."""
    program = (
        "import sys; sys.stdin.read(1); from callaudit.storage.store import SqlStore; SqlStore(sys.argv[1]).close()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, address], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [process.communicate(b"!")[1] for process in started]
    assert said == [b""] * 3
    with SqlStore(address) as store:
        store.save(make_judged())


def test_a_folder_with_a_percent_sign_holds_a_database(tmp_path: Path) -> None:
    (tmp_path / "100%").mkdir()
    SqlStore(f"sqlite:///{tmp_path}/100%/new.db").close()
    assert (tmp_path / "100%" / "new.db").is_file()
