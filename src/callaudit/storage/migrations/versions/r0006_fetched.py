"""Remote recordings that were fetched: what their store said of them, and their digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callaudit.storage.columns import AnyText

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "fetched",
        sa.Column("path_digest", sa.String(length=64), nullable=False),
        sa.Column("tag", AnyText(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("path_digest", name=op.f("pk_fetched")),
    )


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_table("fetched")
