"""Columns that are too narrow in PostgreSQL, which keeps to their width as SQLite does not; nothing to do in SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.alter_column("recordings", "size_bytes", type_=sa.BigInteger())
    op.alter_column("outcomes", "engine", type_=sa.Text())
    op.drop_index(op.f("ix_outcomes_call_id"), table_name="outcomes")
    op.create_index(op.f("ix_outcomes_call_id"), "outcomes", ["call_id"], postgresql_using="hash")


def downgrade() -> None:
    """Back to the revision before."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index(op.f("ix_outcomes_call_id"), table_name="outcomes")
    op.create_index(op.f("ix_outcomes_call_id"), "outcomes", ["call_id"])
    op.alter_column("outcomes", "engine", type_=sa.String(length=200), postgresql_using="left(engine, 200)")
    op.alter_column("recordings", "size_bytes", type_=sa.Integer())
