"""Run by Alembic to migrate over the connection that `callaudit.storage.migrate` hands it."""

from alembic import context

from callaudit.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
