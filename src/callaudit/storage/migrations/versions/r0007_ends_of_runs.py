"""How runs ended; not known of those that ended before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("runs", sa.Column("ended", sa.String(length=16), nullable=True))
    op.add_column("runs", sa.Column("error", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_column("runs", "error")
    op.drop_column("runs", "ended")
