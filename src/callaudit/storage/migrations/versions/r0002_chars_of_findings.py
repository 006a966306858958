"""Where in its utterance the quote of a finding stands; not known of findings stored before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.add_column("findings", sa.Column("chars_start", sa.Integer(), nullable=True))
    op.add_column("findings", sa.Column("chars_end", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_column("findings", "chars_end")
    op.drop_column("findings", "chars_start")
