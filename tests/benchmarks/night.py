"""A night of short calls from stored transcripts: judged anew, then found finished.

    python -m tests.benchmarks.night [CALLS] [--workers N]

Writes so many tiny recordings into a temporary folder and what was heard in each (lines of `tests/data`, in turn of
agent and customer) into a database, as a night that was transcribed before its lexicon changed. Then `callaudit scan`
runs over the folder twice, as its user types it. Printed are wall-clock times with everything included, the resident
memory of every process as the run goes, and the size of the database.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.builders import make_recording, make_utterance

from callaudit import assembly
from callaudit.domain.analysis import Acoustics, CallSource, HeardCall
from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Transcript
from callaudit.settings import Settings

LINES = Path("tests/data/blind_utterances_2.csv")
UTTERANCES = 14
"""Of a short call: about 200 characters and a minute and a half."""
RUDE_CALLS = 50
"""One call in so many holds a rude line."""
LOOK_EVERY_S = 1.0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="A night of stored transcripts.")
    parser.add_argument("calls", nargs="?", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callaudit-night-") as folder:
        night(Path(folder), given.calls, given.workers)


def night(folder: Path, calls: int, workers: int) -> None:
    """Build the night and run it twice."""
    recordings, database = folder / "recordings", folder / "night.db"
    recordings.mkdir()
    address = assembly.sqlite_address(database)
    settings = Settings.model_validate({"db": address, "speech": {"model": "mini"}})
    fingerprints = assembly.fingerprinter(settings, assembly.build_engines(settings).versions())
    with assembly.open_store(settings) as store:
        for number, heard in enumerate(itertools.islice(heard_calls(recordings), calls), start=1):
            store.keep_heard(heard, fingerprints(CallSource(path=heard.recording.path)).transcribe)
            if number in (calls // 10, calls // 2, calls):
                print(f"heard and kept: {number} calls, {database.stat().st_size / number / 1024:.1f} KiB a call")
    for title in ("judged anew", "found finished"):
        elapsed_s, memory_mib, counts = scan(recordings, address, workers)
        print(f"{title}: {elapsed_s:.1f} s, {counts}")
        for name, track in memory_mib.items():
            print(f"  resident, {name}: {' '.join(f'{value:.0f}' for value in track)} MiB")
        print(f"  database: {database.stat().st_size / calls / 1024:.1f} KiB a call")


def heard_calls(folder: Path) -> Iterator[HeardCall]:
    """Calls without end, each with a file of its own that nobody will decode."""
    with LINES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    harmless = [row["text"] for row in rows if row["label"] == "0"]
    rude = [row["text"] for row in rows if row["label"] == "1"]
    draw = random.Random(0)
    for number in itertools.count():
        path = folder / f"call-{number:05}.wav"
        path.write_bytes(b"RIFF" + str(number).encode())
        texts = draw.sample(harmless, UTTERANCES)
        if number % RUDE_CALLS == 0:
            texts[UTTERANCES // 2] = draw.choice(rude)
        yield heard_call(path, texts)


def heard_call(path: Path, texts: list[str]) -> HeardCall:
    """What a transcription of these lines would have kept."""
    at_ms, utterances = 500, []
    for index, text in enumerate(texts):
        party = Party.AGENT if index % 2 == 0 else Party.CUSTOMER
        utterances.append(make_utterance(text, party, at_ms, index=index))
        at_ms = utterances[-1].span.end_ms + 400
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    regions = tuple(SpeechRegion(TimeSpan(u.span.start_ms, u.span.end_ms), u.channel, -24.0) for u in utterances)
    acoustics = Acoustics(duration_ms=at_ms, regions=regions, tones=(), peaks=((20,) * 600, (15,) * 600))
    return HeardCall(
        recording=make_recording(sha256=digest, path=path, duration_ms=at_ms, size_bytes=path.stat().st_size),
        acoustics=acoustics,
        transcript=Transcript(utterances=tuple(utterances), dropped=(), engine="whisper of the benchmark"),
    )


def scan(folder: Path, address: str, workers: int) -> tuple[float, dict[str, list[float]], str]:
    """Run the command; its time, the memory of its processes ten times on the way, and what it counted."""
    command = [sys.executable, "-m", "callaudit", "scan", str(folder), "--db", address, "--model", "mini"]
    begun_s, tracks = time.monotonic(), {}
    with subprocess.Popen(
        [*command, "--workers", str(workers), "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        while child.poll() is None:
            for name, mib in resident_mib(child.pid).items():
                tracks.setdefault(name, []).append(mib)
            time.sleep(LOOK_EVERY_S)
        assert child.stdout is not None
        told = json.loads(child.stdout.read())
    elapsed_s = time.monotonic() - begun_s
    skipped = sum(told["skipped"].values())
    counts = f"{told['found']} found, {told['done']} done, {told['failed']} failed, {skipped} skipped"
    return elapsed_s, {name: tenths(track) for name, track in tracks.items() if len(track) > 2}, counts


def tenths(track: list[float]) -> list[float]:
    """A track at 10 %, 20 %, … of its length."""
    return [track[min(len(track) - 1, len(track) * tenth // 10)] for tenth in range(1, 11)]


def resident_mib(pid: int) -> dict[str, float]:
    """Resident memory of a process and of those it started, by name."""
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            stat = (process / "stat").read_text().rpartition(")")[2].split()
            pages = int((process / "statm").read_text().split()[1])
        except OSError:
            continue  # it has ended
        if int(process.name) == pid:
            found["coordinator"] = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        elif int(stat[1]) == pid:
            found[f"worker {process.name}"] = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return found


if __name__ == "__main__":
    main()
