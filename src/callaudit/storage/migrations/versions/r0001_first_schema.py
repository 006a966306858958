"""The first schema: runs, recordings, outcomes and what belongs to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from callaudit.storage.columns import AnyText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "recordings",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("path", AnyText(), nullable=False),
        sa.Column("container", sa.String(length=32), nullable=True),
        sa.Column("codec", sa.String(length=64), nullable=True),
        sa.Column("sample_rate_hz", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_recordings")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=40), nullable=False),
        sa.Column("finished_at", sa.String(length=40), nullable=True),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_table(
        "outcomes",
        sa.Column("outcome_id", sa.String(length=80), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("path", AnyText(), nullable=False),
        sa.Column("file_name", AnyText(), nullable=False),
        sa.Column("call_id", AnyText(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("message", AnyText(), nullable=True),
        sa.Column("hint", AnyText(), nullable=True),
        sa.Column("stage", sa.String(length=32), nullable=True),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("engine", sa.String(length=200), nullable=True),
        sa.Column("hangup_at_ms", sa.Integer(), nullable=True),
        sa.Column("hangup", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("closing", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("call", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("acoustics", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("not_run", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("status IN ('done', 'failed')", name=op.f("ck_outcomes_status")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_outcomes_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["recordings.sha256"], name=op.f("fk_outcomes_sha256"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("outcome_id", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_call_id"), "outcomes", ["call_id"])
    op.create_index(op.f("ix_outcomes_file_name"), "outcomes", ["file_name"])
    op.create_index(op.f("ix_outcomes_sha256"), "outcomes", ["sha256"])
    op.create_table(
        "dropped",
        sa.Column("outcome_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("party_basis", sa.String(length=16), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("text", AnyText(), nullable=False),
        sa.Column("avg_logprob", sa.Float(), nullable=False),
        sa.Column("no_speech_prob", sa.Float(), nullable=False),
        sa.Column("compression_ratio", sa.Float(), nullable=False),
        sa.Column("temperature", sa.Float(), nullable=False),
        sa.Column("level_dbfs", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcomes.outcome_id"], name=op.f("fk_dropped_outcome_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outcome_id", "position", name=op.f("pk_dropped")),
    )
    op.create_table(
        "findings",
        sa.Column("outcome_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("detector", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("party_basis", sa.String(length=16), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("quote", AnyText(), nullable=False),
        sa.Column("utterances", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcomes.outcome_id"], name=op.f("fk_findings_outcome_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outcome_id", "position", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_category"), "findings", ["category"])
    op.create_index(op.f("ix_findings_finding_id"), "findings", ["finding_id"])
    op.create_table(
        "passed_over",
        sa.Column("outcome_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("quote", AnyText(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcomes.outcome_id"], name=op.f("fk_passed_over_outcome_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outcome_id", "position", name=op.f("pk_passed_over")),
    )
    op.create_table(
        "utterances",
        sa.Column("outcome_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("party_basis", sa.String(length=16), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("text", AnyText(), nullable=False),
        sa.Column("avg_logprob", sa.Float(), nullable=False),
        sa.Column("no_speech_prob", sa.Float(), nullable=False),
        sa.Column("compression_ratio", sa.Float(), nullable=False),
        sa.Column("temperature", sa.Float(), nullable=False),
        sa.Column("level_dbfs", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outcome_id"], ["outcomes.outcome_id"], name=op.f("fk_utterances_outcome_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("outcome_id", "position", name=op.f("pk_utterances")),
    )


def downgrade() -> None:
    """Back to the revision before."""
    op.drop_table("utterances")
    op.drop_table("passed_over")
    op.drop_table("findings")
    op.drop_table("dropped")
    op.drop_table("outcomes")
    op.drop_table("runs")
    op.drop_table("recordings")
