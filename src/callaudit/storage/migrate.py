"""Bringing a database to the schema this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from callaudit.errors import StorageError
from callaudit.storage.engine import MIGRATES, use_log
from callaudit.storage.schema import SCHEMA_REVISION, outcomes

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

OWN_TABLE = outcomes.name
"""Its presence tells our database from another that Alembic migrates."""


def bring_up_to_date(engine: Engine, address: str) -> None:
    """Create the tables of a new database, or migrate those of an older one; one transaction.

    Raises:
        StorageError: written by a newer callaudit, or the database of another program.
    """
    is_current = is_up_to_date(engine, address)
    use_log(engine)
    if is_current:
        return
    with engine.connect().execution_options(**MIGRATES) as connection, connection.begin():
        # Looked up again: another process may have migrated it while this one waited for the lock.
        if _known_revision_of(connection, address) != SCHEMA_REVISION:
            _upgrade(connection)


def require_tables(engine: Engine, address: str) -> None:
    """Check that there are tables of ours, of any schema: a file or a server's database may be there empty.

    Raises:
        StorageError: no run was ever kept there, or it is the database of another program.
    """
    with engine.connect() as connection:
        if _revision_of(connection, address) is None:
            raise _without_tables(address)


def require_up_to_date(engine: Engine, address: str) -> None:
    """Check that somebody who came to read can: whoever reads changes nothing, and so migrates nothing.

    Raises:
        StorageError: no run was ever kept there, it was written by an older or a newer callaudit, or it is the
            database of another program.
    """
    with engine.connect() as connection:
        revision = _known_revision_of(connection, address)
    if revision is None:
        raise _without_tables(address)
    if revision != SCHEMA_REVISION:
        raise StorageError(
            f"the database {address} was written by an older callaudit (known is schema {SCHEMA_REVISION}),"
            " and reading does not change it",
            code="storage.old_schema",
            hint="the next callaudit scan into it brings it up to date; callaudit backup copies it as it is before",
        )


def is_up_to_date(engine: Engine, address: str) -> bool:
    """Whether a database has the schema this program knows; errors as `bring_up_to_date`."""
    with engine.connect() as connection:
        return _known_revision_of(connection, address) == SCHEMA_REVISION


def _without_tables(address: str) -> StorageError:
    return StorageError(
        f"{address} holds no callaudit database yet",
        code="storage.missing",
        hint="callaudit scan makes it; or name the database of an earlier scan with --db",
    )


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for the migrations inside the package, on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _known_revision_of(connection: Connection, address: str) -> str | None:
    """Revision a database is at; None for one without tables.

    Raises:
        StorageError: written by a newer callaudit, or the database of another program.
    """
    revision = _revision_of(connection, address)
    if revision is not None and not _knows(connection, revision):
        raise StorageError(
            f"the database {address} was written by a newer callaudit (schema {revision}, known is {SCHEMA_REVISION})",
            code="storage.newer_schema",
            hint="update callaudit, or give this version a database of its own with --db",
        )
    return revision


def _revision_of(connection: Connection, address: str) -> str | None:
    """Revision a database is at, be it known or not; None for one without tables.

    Raises:
        StorageError: the database of another program.
    """
    present = set(inspect(connection).get_table_names())
    revision = None
    if "alembic_version" in present:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if present - {"alembic_version"} and (revision is None or OWN_TABLE not in present):
        raise StorageError(
            f"the database {address} holds tables of another program",
            code="storage.address",
            hint="give callaudit a database of its own with --db",
        )
    return None if revision is None else str(revision)


def _knows(connection: Connection, revision: str) -> bool:
    """Whether a revision is among the migrations of this program."""
    if revision == SCHEMA_REVISION:
        return True  # without loading Alembic
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config(connection))
    return revision in {script.revision for script in scripts.walk_revisions()}
