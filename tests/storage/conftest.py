"""Databases of both kinds: a test that asks for `address` or `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from callaudit.storage.address import parse_address
from callaudit.storage.engine import WRITES, open_engine
from callaudit.storage.store import SqlStore
from tests.storage import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server for all tests; made when the first one asks for it."""
    programs = postgres.find_programs()
    if programs is None:
        pytest.skip(postgres.ABSENT)
    if find_spec("psycopg") is None:
        pytest.skip(postgres.NO_DRIVER)
    running = postgres.Server(programs)
    try:
        yield running
    finally:
        running.remove()


@pytest.fixture
def new_database(server: postgres.Server) -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases; gives their names."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(server.new_database())


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """The name of an empty PostgreSQL database."""
    return new_database()


@pytest.fixture
def pg_address(server: postgres.Server, database: str) -> str:
    """The address of an empty PostgreSQL database."""
    return server.address(database)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_address(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes empty databases of one kind; gives their addresses."""
    if request.param == "sqlite":
        numbers = iter(range(99))
        return lambda: f"sqlite:///{tmp_path}/callaudit{next(numbers)}.db"
    running: postgres.Server = request.getfixturevalue("server")
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return lambda: running.address(new_database())


@pytest.fixture
def address(new_address: Callable[[], str]) -> str:
    """The address of an empty database."""
    return new_address()


@pytest.fixture
def store(address: str) -> Iterator[SqlStore]:
    """A store in an empty database."""
    with SqlStore(address) as opened:
        yield opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a SQLite database may be; there is none yet."""
    return tmp_path / "callaudit.db"


@pytest.fixture
def file_store(path: Path) -> Iterator[SqlStore]:
    """A store in an empty SQLite database at `path`, for what only a file can suffer."""
    with SqlStore(f"sqlite:///{path}") as opened:
        yield opened


def execute(address: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run SQL past the store; rows of the last statement."""
    engine = open_engine(parse_address(address))
    try:
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            results = [connection.exec_driver_sql(statement) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []
    finally:
        engine.dispose()
