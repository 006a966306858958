"""A night of small recordings with fake engines, in real processes: quick to start, to kill and to resume.

    python -m tests.batch.small_night FOLDER [WORKERS]

Scans every recording of FOLDER into `night.db` beside it, as `callaudit scan` does, prints its account as JSON, and
exits with 0.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from callaudit.assembly import sqlite_address
from callaudit.batch.driver import run
from callaudit.batch.intake import Intake
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.workers import LocalExecutor
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Stage
from callaudit.logs import configure_logging
from callaudit.pipeline import Engines
from callaudit.settings import Settings
from callaudit.storage.store import SqlStore
from tests.batch.executors import make_batch
from tests.builders import make_recording, make_wave
from tests.fakes import Fake, ScriptedTranscriber, make_engines

STEP_S = 0.02
"""What hearing one recording takes."""
SETTINGS = Settings.model_validate({"batch": {"settle_s": 0}})
LIMITS = WorkerLimits(floor_s=20, per_length=1, first_s=20, load_s=60)


@dataclass
class FileDecoder(Fake):
    """A second of noise from any file, with the digest of its bytes."""

    def decode(self, source):
        time.sleep(STEP_S)
        wave = make_wave(1.0, channels=2)
        digest = hashlib.sha256(source.path.read_bytes()).hexdigest()
        return make_recording(path=source.path, sha256=digest, duration_ms=wave.duration_ms), wave, ()


@dataclass
class FileTranscriber(ScriptedTranscriber):
    """Says what is written in the file."""

    def transcribe(self, calls):
        time.sleep(STEP_S * len(calls))
        script = {call.call.call_id: call.call.recording.path.read_text(encoding="utf-8") for call in calls}
        return ScriptedTranscriber(script=script).transcribe(calls)


def engines_for(stages: frozenset[Stage]) -> Engines:
    return make_engines(decoder=FileDecoder(), transcriber=FileTranscriber())


def write_recordings(folder: Path, count: int) -> None:
    """So many recordings, one in three with something to be found."""
    folder.mkdir()
    for number in range(count):
        text = f"您好，第{number}通电话" + ("，真不要脸" if number % 3 == 0 else "")
        (folder / f"call-{number:03}.wav").write_text(text, encoding="utf-8")


def scan(folder: Path, workers: int) -> None:
    """Scan every recording of a folder."""
    from tests.batch.small_night import engines_for  # not of `__main__`, which workers do not know

    sources = [CallSource(path=path) for path in sorted(folder.glob("*.wav"))]
    executor = LocalExecutor(engines_for, LIMITS, workers=workers)
    with SqlStore(sqlite_address(folder.parent / "night.db")) as store, store.exclusive():
        try:
            executor.start()
            summary = run(sources, make_batch(store, executor=executor, intake=Intake(SETTINGS), group_size=3))
        finally:
            executor.stop()
    counts = {"found": summary.found, "done": summary.done, "failed": summary.failed, "skipped": summary.skipped}
    sys.stdout.write(json.dumps(counts))


if __name__ == "__main__":
    configure_logging()
    scan(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)
