"""What the ledger costs a run, and how the database grows.

    python -m tests.benchmarks.ledger [CALLS] [FOLDER]

A typical call of three minutes: 40 utterances, 60 stretches of speech, a waveform picture, three findings in every
tenth call. Each is begun, kept as heard, saved, and asked for again, on SQLite as runs use it: write-ahead log, every
commit on the disk. Times are medians; the database is measured with its log written back.
"""

from __future__ import annotations

import hashlib
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.builders import (
    make_acoustics,
    make_analysis,
    make_call,
    make_dialogue,
    make_finding,
    make_hangup,
    make_record,
    make_recording,
    make_transcript,
)

from callaudit.domain.analysis import HeardCall, JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.findings import Severity
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion
from callaudit.storage.store import SqlStore

LENGTH_MS = 180_000
UTTERANCES, REGIONS, PEAKS = 40, 60, 600
SAMPLES = 500
"""Questions of each kind that are timed at each size."""


def calls(number: int) -> Iterator[tuple[HeardCall, JudgedCall]]:
    """Calls that differ in bytes, path and id."""
    turns = [
        (Party.AGENT if n % 2 else Party.CUSTOMER, "您反映的这个情况我们已经登记了，三个工作日内给您答复。", n * 4_400)
        for n in range(UTTERANCES)
    ]
    utterances = make_dialogue(*turns)
    regions = tuple(SpeechRegion(TimeSpan(n * 2_900, n * 2_900 + 2_000), n % 2, -23.4) for n in range(REGIONS))
    peaks = tuple(tuple((n * 7 + channel) % 90 for n in range(PEAKS)) for channel in (0, 1))
    acoustics = make_acoustics(regions=regions, peaks=peaks, duration_ms=LENGTH_MS)
    transcript = make_transcript(utterances)
    found = tuple(make_finding(finding_id=f"{n:016x}", severity=Severity.MAJOR) for n in range(3))
    for n in range(number):
        sha256 = hashlib.sha256(str(n).encode()).hexdigest()
        path = Path(f"/recordings/2026-11-20/{n:06d}_3107.wav")
        recording = make_recording(sha256=sha256, path=path, duration_ms=LENGTH_MS)
        call = make_call(call_id=path.stem, recording=recording, record=make_record(call_id=path.stem))
        analysis = make_analysis(
            call=call, acoustics=acoustics, transcript=transcript, hangup=make_hangup(at_ms=LENGTH_MS - 5_000)
        )
        judged = JudgedCall(
            analysis=analysis, findings=() if n % 10 else found, score=0.0 if n % 10 else 60.0, fingerprint="f" * 16
        )
        yield HeardCall(recording=recording, acoustics=acoustics, transcript=transcript), judged


def timed(into: list[float], work: Callable[..., object], *arguments: object) -> None:
    """Time one piece of work, in ms."""
    begun_s = time.perf_counter()
    work(*arguments)
    into.append((time.perf_counter() - begun_s) * 1000)


def main() -> None:
    """Print the benchmark."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    scans = calls(number)
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        file = Path(folder) / "ledger.db"
        sha256s: list[str] = []
        for mark in (number // 10, number // 2, number):
            with SqlStore(f"sqlite:///{file}") as store:
                told = kept(store, itertools.islice(scans, mark - len(sha256s)), sha256s)
                asked(store, sha256s, told)
            # Closed: the log is written back.
            print(f"{mark:6} calls: {file.stat().st_size / mark:8,.0f} bytes a call")
            report(told)


def kept(store: SqlStore, scans: Iterable[tuple[HeardCall, JudgedCall]], sha256s: list[str]) -> dict[str, list[float]]:
    """Times of what a run notes about calls; their digests are added to `sha256s`."""
    took: dict[str, list[float]] = {"begin_attempt": [], "keep_heard": [], "save": []}
    for heard, judged in scans:
        sha256s.append(heard.recording.sha256)
        timed(took["begin_attempt"], store.begin_attempt, heard.recording.sha256)
        timed(took["keep_heard"], store.keep_heard, heard, "h" * 16)
        timed(took["save"], store.save, judged)
    return took


def asked(store: SqlStore, sha256s: list[str], took: dict[str, list[float]]) -> None:
    """Add times of what a run asks about recordings from all over the database."""
    took |= {"finished": [], "heard": []}
    for sha256 in sha256s[:: max(1, len(sha256s) // SAMPLES)]:
        timed(took["finished"], store.finished, sha256, "f" * 16)
        timed(took["heard"], store.heard, sha256, "h" * 16)


def report(took: dict[str, list[float]]) -> None:
    """Print medians and the slowest of each operation."""
    for name, times_ms in took.items():
        print(f"        {name:14} {statistics.median(times_ms) * 1000:8,.0f} µs, slowest {max(times_ms):6.1f} ms")


if __name__ == "__main__":
    main()
