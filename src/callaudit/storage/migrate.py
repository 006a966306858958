"""Bringing a database to the schema this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from callaudit.errors import StorageError
from callaudit.storage.engine import WRITES
from callaudit.storage.schema import SCHEMA_REVISION, metadata

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(engine: Engine, address: str) -> None:
    """Create the tables of a new database, or migrate those of an older one; one transaction.

    Raises:
        StorageError: written by a newer callaudit, or the database of another program.
    """
    with engine.connect() as connection:
        if _revision_of(connection) == SCHEMA_REVISION:
            return
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        # Looked up again: another process may have migrated it while this one waited for the lock.
        revision = _revision_of(connection)
        if revision != SCHEMA_REVISION:
            _refuse_foreign(connection, revision, address)
            _upgrade(connection)


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


def _revision_of(connection: Connection) -> str | None:
    """Revision a database is at; None for one without callaudit's tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _refuse_foreign(connection: Connection, revision: str | None, address: str) -> None:
    """Stop before touching a database this program does not know."""
    if revision is not None and not _knows(connection, revision):
        raise StorageError(
            f"the database {address} was written by a newer callaudit (schema {revision}, known is {SCHEMA_REVISION})",
            code="storage.newer_schema",
            hint="update callaudit, or give this version a database of its own with --db",
        )
    if revision is None and set(inspect(connection).get_table_names()) & set(metadata.tables):
        raise StorageError(
            f"the database {address} holds tables of another program",
            code="storage.address",
            hint="give callaudit a database of its own with --db",
        )


def _knows(connection: Connection, revision: str) -> bool:
    """Whether a revision is among the migrations of this program."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config(connection))
    return revision in {script.revision for script in scripts.walk_revisions()}
