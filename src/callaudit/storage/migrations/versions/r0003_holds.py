"""When the customer was on hold; not known of outcomes stored before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("outcomes", sa.Column("holds", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_column("outcomes", "holds")
