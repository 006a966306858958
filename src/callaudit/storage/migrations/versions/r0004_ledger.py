"""The ledger of the runs: results of stages, attempts without an outcome, and copies of recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callaudit.storage.columns import AnyText

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "stage_results",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "stage", name=op.f("pk_stage_results")),
    )
    op.create_table(
        "attempts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("crashed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attempts")),
    )
    op.create_table(
        "copies",
        sa.Column("path_digest", sa.String(length=64), nullable=False),
        sa.Column("path", AnyText(), nullable=False),
        sa.Column("file_name", AnyText(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_copies_run_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("path_digest", name=op.f("pk_copies")),
    )
    op.create_index(op.f("ix_copies_sha256"), "copies", ["sha256"])
    op.create_index(op.f("ix_copies_file_name"), "copies", ["file_name"])


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_index(op.f("ix_copies_file_name"), table_name="copies")
    op.drop_index(op.f("ix_copies_sha256"), table_name="copies")
    op.drop_table("copies")
    op.drop_table("attempts")
    op.drop_table("stage_results")
