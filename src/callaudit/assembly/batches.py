"""Runs over many recordings: what they need, their fingerprint, and their entry in the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit import __version__
from callaudit.assembly.sources import sha256_of
from callaudit.domain.analysis import CallSource
from callaudit.pipeline import Engines
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.batch.local import Batch, Ledger, RunSummary
    from callaudit.storage.store import SqlStore

UNFINGERPRINTED: dict[str, bool | set[str]] = {
    "db": True,
    "calls_per_group": True,
    "report": True,
    "audio": {"ffmpeg", "folders", "max_duration_s", "max_bytes", "decode_timeout_s", "decode_memory_mb"},
    "speech": {"device", "threads", "batch_windows"},
}
"""Settings that change where results go, how they look or what they cost, not what they are."""


def make_batch(settings: Settings, engines: Engines, ledger: Ledger, *, force: bool = False) -> Batch:
    """Everything `batch.local.run` needs besides the recordings."""
    from callaudit.batch.local import Batch

    return Batch(
        engines=engines,
        ledger=ledger,
        fingerprint=fingerprinter(settings, engines),
        sha256=sha256_of,
        group_size=settings.calls_per_group,
        force=force,
    )


@contextmanager
def recorded_run(settings: Settings, engines: Engines, store: SqlStore, summary: RunSummary) -> Iterator[None]:
    """Note in the store that a run begins and, however it ends, what it came to.

    Args:
        settings: what the run was told.
        engines: what it works with.
        store: where it is noted.
        summary: is counted up as the run goes.
    """
    fingerprint = fingerprinter(settings, engines)(CallSource(path=Path()))
    run_id = store.begin_run(datetime.now(UTC), fingerprint)
    try:
        yield
    finally:
        counts = {"done": summary.done, "failed": summary.failed, "skipped": summary.skipped}
        store.finish_run(run_id, datetime.now(UTC), counts)


def fingerprinter(settings: Settings, engines: Engines) -> Callable[[CallSource], str]:
    """A function that digests all that decides the outcome of one source, 16 hexadecimal digits."""
    parts = (
        engines.decoder,
        engines.speech,
        engines.tones,
        engines.line,
        engines.music,
        engines.transcriber,
        engines.attributor,
        engines.locator,
        engines.detector,
    )
    common = {
        "callaudit": __version__,
        "engines": [f"{part.name} {part.version}" for part in parts],
        "settings": settings.model_dump(mode="json", exclude=UNFINGERPRINTED),
    }

    def fingerprint(source: CallSource) -> str:
        own = {"record": source.record and asdict(source.record), "folder_parties": source.folder_parties}
        text = json.dumps({**common, **own}, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    return fingerprint
