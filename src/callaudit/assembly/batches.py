"""Runs over many recordings: what they need, their fingerprints, and their entry in the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callaudit import __version__
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Fingerprints, RunEnding
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.batch.account import RunSummary
    from callaudit.batch.driver import Batch
    from callaudit.batch.ledger import Ledger
    from callaudit.batch.tasks import Executor
    from callaudit.errors import SetupError
    from callaudit.storage.store import SqlStore

UNFINGERPRINTED: dict[str, bool | set[str]] = {
    "db": True,
    "batch": True,
    "report": True,
    "audio": {"ffmpeg", "folders", "max_duration_s", "max_bytes", "decode_timeout_s", "decode_memory_mb"},
    "speech": {"device", "threads", "batch_windows"},
}
"""Settings that change where results go, how they look or what they cost, not what they are."""

LIMITS: dict[str, set[str]] = {
    "audio": {"ffmpeg", "max_duration_s", "max_bytes", "decode_timeout_s", "decode_memory_mb"},
    "batch": {"time_limit_factor", "time_limit_floor_s", "worker_memory_mb"},
}
"""Those of them that decide whether a call fails: where one was changed, it is tried again."""

HEARING = ("decoder", "speech", "tones", "line", "music", "transcriber")
"""Engines that decide what is heard in a recording; the others only judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What one run is told besides the settings."""

    force: bool = False
    """Scan finished calls again."""
    retry_failed: bool = False
    """Scan again what failed earlier."""
    limit: int | None = None
    """Recordings to work on at most."""
    is_dry: bool = False
    """Only find out what there is to do."""
    should_stop: Callable[[], bool] = lambda: False
    """Whether somebody asked for the end."""
    trouble: Callable[[], SetupError | None] = lambda: None
    """What forbids to begin anything more."""


def make_batch(settings: Settings, executor: Executor, ledger: Ledger, options: RunOptions | None = None) -> Batch:
    """Everything `batch.driver.run` needs besides the recordings; starts the executor.

    Raises:
        SetupError: an engine cannot be loaded, or the ledger cannot be read.
    """
    from callaudit.batch.admission import Admission
    from callaudit.batch.driver import Batch
    from callaudit.batch.intake import Intake

    options = options or RunOptions()
    admission = Admission(
        ledger=ledger,
        fingerprints=fingerprinter(settings, executor.start()),
        duplicates=settings.batch.duplicates,
        force=options.force,
        retry_failed=options.retry_failed,
        open_attempts=ledger.open_attempts(),
    )
    return Batch(
        executor=executor,
        ledger=ledger,
        intake=Intake(settings),
        admission=admission,
        channel_parties=settings.audio.channel_map,
        group_size=settings.batch.calls_per_group,
        limit=options.limit,
        patience_s=settings.batch.patience_s,
        is_dry=options.is_dry,
        should_stop=options.should_stop,
        trouble=options.trouble,
    )


@contextmanager
def recorded_run(
    store: SqlStore, fingerprint: str, summary: RunSummary, stopped_by: Callable[[], int | None] = lambda: None
) -> Iterator[None]:
    """Note in the store that a run begins and, however it ends, what it came to.

    Args:
        store: where it is noted.
        fingerprint: of its engines and settings.
        summary: is counted up as the run goes.
        stopped_by: the signal that asked for its end; None where none did.
    """
    run_id = store.begin_run(datetime.now(UTC), fingerprint)
    error: BaseException | None = None
    try:
        yield
    except BaseException as broken:
        error = broken
        raise
    finally:
        ending = RunEnding.of(error, stopped_by(), is_balanced=summary.is_balanced)
        store.finish_run(run_id, datetime.now(UTC), summary.counts(), ending)


def fingerprinter(settings: Settings, versions: Mapping[str, str]) -> Callable[[CallSource], Fingerprints]:
    """A function that digests all that decides what the stages make of one source, 16 hexadecimal digits each.

    Args:
        settings: of the run.
        versions: name and version of each engine by its role.
    """
    from callaudit.audio.probe import named_codec

    kept: dict[str, Any] = settings.model_dump(mode="json", exclude=UNFINGERPRINTED)
    sound = {name: value for name, value in kept["audio"].items() if name != "channel_map"}
    hearing = {  # without our own version, or each release would hear a year anew: every engine has one
        "engines": {role: versions.get(role) for role in HEARING},
        "settings": {"audio": sound, "speech": kept["speech"]},
    }
    limits = settings.model_dump(mode="json", include=LIMITS)
    everything = {"callaudit": __version__, "engines": dict(versions), "settings": kept}

    def fingerprints(source: CallSource) -> Fingerprints:
        codec = named_codec(source.path, settings.audio)  # the same bytes sound otherwise under another name
        own = {"record": source.record and asdict(source.record), "folder_parties": source.folder_parties}
        return Fingerprints(
            transcribe=_digest({**hearing, "codec": codec}),
            judge=_digest({**everything, **own, "codec": codec}),
            failure=_digest({**everything, **own, "codec": codec, "limits": limits}),
        )

    return fingerprints


def run_fingerprint(fingerprints: Callable[[CallSource], Fingerprints]) -> str:
    """What a run is known by: the fingerprint of a recording without call record or folder of its own."""
    return fingerprints(CallSource(path=Path())).judge


def _digest(value: dict[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
