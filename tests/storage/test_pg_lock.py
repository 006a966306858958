from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine

from callaudit.errors import StorageError
from callaudit.storage import pg_lock
from callaudit.storage.address import parse_address, without_secrets
from callaudit.storage.engine import open_engine
from callaudit.storage.pg_lock import postgres_run_lock
from callaudit.storage.retrying import taken_within
from callaudit.storage.store import SqlStore
from tests.reports.origin_case import clean_call, origin_call
from tests.storage.conftest import execute
from tests.storage.postgres import OWNER, Server

HOLD = """
import sys
from callaudit.storage.address import parse_address
from callaudit.storage.engine import open_engine
from callaudit.storage.pg_lock import postgres_run_lock
with postgres_run_lock(open_engine(parse_address(sys.argv[1])), "x"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def engine(pg_address: str) -> Iterator[Engine]:
    opened = open_engine(parse_address(pg_address))
    yield opened
    opened.dispose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pg_lock, "PATIENCE_S", 0.2)


def refusal(engine: Engine, shown: str = "postgresql://me:***@host/calls") -> StorageError:
    with ExitStack() as stack, pytest.raises(StorageError) as caught:
        stack.enter_context(postgres_run_lock(engine, shown))
    return caught.value


@pytest.fixture
def other_run(pg_address: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, pg_address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.usefixtures("impatient")
def test_a_second_run_is_told_who_holds_the_database(
    engine: Engine, pg_address: str, other_run: subprocess.Popen[str]
) -> None:
    shown = without_secrets(parse_address(pg_address))
    error = refusal(engine, shown)
    ((pid, since),) = execute(
        pg_address,
        "SELECT pid, to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS OF') FROM pg_stat_activity"
        " WHERE application_name LIKE 'callaudit run%%'",
    )
    assert error.code == "storage.running"
    told = (shown, f"server process {pid}", f"process {other_run.pid} on ", "from 127.0.0.1", f"since {since}")
    assert [part for part in told if part not in error.message] == []
    assert f"pg_terminate_backend({pid})" in error.hint


@pytest.fixture
def colleague(server: Server, database: str) -> Iterator[str]:
    """Address of the database for another user, who may read what is there."""
    server.ask("CREATE ROLE colleague LOGIN PASSWORD 'x'")
    server.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO colleague", database)
    yield server.address(database, "colleague", "x")
    server.ask("DROP OWNED BY colleague", database)
    server.ask("DROP ROLE colleague")


@pytest.mark.usefixtures("impatient", "other_run")
def test_a_second_run_of_another_user_is_told_what_that_user_may_know(colleague: str) -> None:
    engine = open_engine(parse_address(colleague))
    error = refusal(engine)
    engine.dispose()
    assert error.code == "storage.running"
    assert "server process" in error.message
    assert not any(unknown in error.message for unknown in ("None", "from", "since"))


def test_a_run_that_was_killed_does_not_block_the_next(engine: Engine, other_run: subprocess.Popen[str]) -> None:
    other_run.kill()
    with postgres_run_lock(engine, "x"):
        pass


@pytest.mark.usefixtures("impatient")
def test_the_lock_is_free_after_the_block_however_it_ends(engine: Engine) -> None:
    def fail() -> None:
        with postgres_run_lock(engine, "x"):
            assert refusal(engine).code == "storage.running"
            raise ValueError("a fault of the run")

    with pytest.raises(ValueError, match="a fault of the run"):
        fail()
    with postgres_run_lock(engine, "x"):
        assert refusal(engine).code == "storage.running"


def test_two_schemas_of_one_database_have_a_lock_each(
    server: Server, database: str, pg_address: str, engine: Engine
) -> None:
    server.ask(f"CREATE SCHEMA team AUTHORIZATION {OWNER}", database)
    other = open_engine(parse_address(f"{pg_address}?options=-csearch_path%3Dteam"))
    with postgres_run_lock(engine, "x"), postgres_run_lock(other, "x"):
        pass
    other.dispose()


def test_a_run_works_under_its_lock(pg_address: str) -> None:
    with SqlStore(pg_address) as store, postgres_run_lock(store._engine, store.address):
        store.save(clean_call())
        assert list(store.outcomes()) == [clean_call()]


@pytest.mark.usefixtures("impatient")
def test_the_runs_of_two_stores_exclude_each_other(pg_address: str) -> None:
    with SqlStore(pg_address) as one, SqlStore(pg_address) as other, one.exclusive():
        with pytest.raises(StorageError) as caught:
            other.exclusive().__enter__()
        assert caught.value.code == "storage.running"
        one.begin_attempt("1" * 64)
        one.save(clean_call())


def test_a_lock_that_was_lost_is_noticed_before_anything_is_written(
    server: Server, database: str, pg_address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with SqlStore(pg_address) as store:
        with postgres_run_lock(store._engine, store.address):
            store.save(clean_call())
            server.end_sessions(database)
            for _ in range(2):
                with pytest.raises(StorageError) as caught:
                    store.save(origin_call())
                assert caught.value.code == "storage.lost"
                assert store.address in caught.value.message
            assert list(store.outcomes()) == [clean_call()]
        store.save(origin_call())
        assert len(list(store.outcomes())) == 2
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("server")
def test_a_lock_cannot_be_had_where_the_server_cannot_be_reached() -> None:
    engine = open_engine(parse_address("postgresql://127.0.0.1:1/calls"))
    assert refusal(engine).code == "storage.unreachable"
    engine.dispose()


@pytest.fixture
def tables(pg_address: str) -> None:
    SqlStore(pg_address).close()


@pytest.mark.usefixtures("tables")
def test_whether_a_run_goes_on_can_be_asked_while_none_or_one_does(engine: Engine, colleague: str) -> None:
    with SqlStore(colleague, to_read=True) as store:
        assert not store.is_running()
        with postgres_run_lock(engine, "x"):
            assert store.is_running()
            assert store.is_running()
        # The server lets go of a lock once it has noticed that its holder has gone.
        assert taken_within(lambda: not store.is_running(), 10)


def test_a_lock_that_is_let_go_of_in_a_moment_lets_the_run_begin(engine: Engine) -> None:
    with ExitStack() as holding:
        holding.enter_context(postgres_run_lock(engine, "x"))
        letting_go = threading.Timer(0.3, holding.close)
        letting_go.start()
        with postgres_run_lock(engine, "x"):
            pass
        letting_go.join()
