"""The tables. What reports filter or join on is a column; the rest of a value is JSON beside it.

    runs ──< outcomes ──< utterances, dropped, findings, passed_over
                 >── recordings
    stage_results, attempts, copies     by SHA-256: the ledger of the runs

An outcome is keyed by its recording's SHA-256 once it is judged and by its path where it failed: two empty files are
the same bytes, and still two failures. The ledger's tables refer to no recording: what was heard in one, or begun, is
noted before anything is known of its outcome.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from callaudit.storage.columns import AnyText

SCHEMA_REVISION = "0007"
"""Newest migration under `migrations/versions`."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _of_outcome() -> list[Column[Any]]:
    """The two key columns of everything that belongs to one outcome, in order."""
    outcome = ForeignKey("outcomes.outcome_id", ondelete="CASCADE")
    return [Column("outcome_id", String(80), outcome, primary_key=True), Column("position", Integer, primary_key=True)]


def _of_utterance() -> list[Column[Any]]:
    """One utterance, field by field."""
    return [
        Column("index", Integer, nullable=False),
        Column("channel", Integer, nullable=False),
        Column("party", String(16), nullable=False),
        Column("party_basis", String(16), nullable=False),
        Column("start_ms", Integer, nullable=False),
        Column("end_ms", Integer, nullable=False),
        Column("text", AnyText, nullable=False),
        Column("avg_logprob", Float, nullable=False),
        Column("no_speech_prob", Float, nullable=False),
        Column("compression_ratio", Float, nullable=False),
        Column("temperature", Float, nullable=False),
        Column("level_dbfs", Float, nullable=False),
    ]


runs = Table(
    "runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("started_at", String(40), nullable=False, comment="ISO 8601 with offset"),
    Column("finished_at", String(40), comment="null while it runs, and for ever where it was interrupted"),
    Column("fingerprint", String(128), nullable=False),
    Column("counts", JSON, nullable=False, comment="outcomes by kind, such as done, flagged, failed, skipped"),
    Column("ended", String(16), comment="complete, unbalanced, broken_off, or a signal; null of earlier versions"),
    Column("error", String(64), comment="code of what broke it off"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("path", AnyText, nullable=False, comment="where it was last seen"),
    Column("container", String(32), comment="null, as what follows, where it could not be decoded"),
    Column("codec", String(64)),
    Column("sample_rate_hz", Integer),
    Column("channels", Integer),
    Column("duration_ms", Integer),
    Column("size_bytes", BigInteger().with_variant(Integer, "sqlite"), comment="over 2 GiB, too"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome_id", String(80), primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.run_id", ondelete="SET NULL")),
    Column("status", String(8), nullable=False),
    Column("sha256", String(64), ForeignKey("recordings.sha256", ondelete="RESTRICT")),
    Column("path", AnyText, nullable=False),
    Column("file_name", AnyText, nullable=False),
    Column("call_id", AnyText, nullable=False),
    Column("code", String(64), comment="of the error; null where done"),
    Column("message", AnyText),
    Column("hint", AnyText),
    Column("stage", String(32)),
    Column("fingerprint", String(128), nullable=False),
    Column("score", Float, nullable=False),
    Column("engine", Text().with_variant(String(200), "sqlite"), comment="may hold the name of a model file"),
    Column("hangup_at_ms", Integer),
    Column("hangup", JSON(none_as_null=True)),
    Column("closing", JSON(none_as_null=True)),
    Column("holds", JSON(none_as_null=True), comment="null in outcomes stored before holds were looked for"),
    Column("call", JSON(none_as_null=True), comment="channel map, its basis, call record"),
    Column("acoustics", JSON(none_as_null=True)),
    Column("warnings", JSON(none_as_null=True)),
    Column("not_run", JSON(none_as_null=True)),
    CheckConstraint("status IN ('done', 'failed')", name="status"),
    Index(None, "sha256"),
    Index(None, "call_id", postgresql_using="hash"),  # of any length, as other systems make it
    Index(None, "file_name"),
)

utterances = Table("utterances", metadata, *_of_outcome(), *_of_utterance())

dropped = Table("dropped", metadata, *_of_outcome(), Column("reason", String(16), nullable=False), *_of_utterance())

findings = Table(
    "findings",
    metadata,
    *_of_outcome(),
    Column("finding_id", String(32), nullable=False, comment="digest that names the same offence on every run"),
    Column("detector", String(64), nullable=False),
    Column("category", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("party", String(16), nullable=False),
    Column("party_basis", String(16), nullable=False),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("phase", String(16), nullable=False),
    Column("quote", AnyText, nullable=False),
    Column("utterances", JSON, nullable=False),
    Column("chars_start", Integer, comment="where the quote stands in its utterance; null where it spans several"),
    Column("chars_end", Integer),
    Column("evidence", JSON, nullable=False),
    Index(None, "finding_id"),
    Index(None, "category"),
)

passed_over = Table(
    "passed_over",
    metadata,
    *_of_outcome(),
    Column("start_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("party", String(16), nullable=False),
    Column("quote", AnyText, nullable=False),
    Column("reason", String(32), nullable=False),
)

stage_results = Table(
    "stage_results",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("fingerprint", String(128), nullable=False, comment="of the stage; only the newest result is kept"),
    Column("result", JSON, nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("begun", Integer, nullable=False, comment="since the last outcome, this one included"),
    Column("crashed", Integer, nullable=False),
)

copies = Table(
    "copies",
    metadata,
    Column("path_digest", String(64), primary_key=True, comment="SHA-256 of the path, which may be of any length"),
    Column("path", AnyText, nullable=False),
    Column("file_name", AnyText, nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the recording with the same bytes"),
    Column("run_id", Integer, ForeignKey("runs.run_id", ondelete="SET NULL"), comment="that met it last"),
    Index(None, "sha256"),
    Index(None, "file_name"),
)

fetched = Table(
    "fetched",
    metadata,
    Column("path_digest", String(64), primary_key=True, comment="SHA-256 of the label of a remote recording's address"),
    Column("tag", AnyText, nullable=False, comment="such as its ETag, when it was fetched"),
    Column("size_bytes", BigInteger().with_variant(Integer, "sqlite")),
    Column("sha256", String(64), nullable=False, comment="of the bytes that were fetched"),
)
