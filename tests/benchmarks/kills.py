"""Runs killed with `kill -9` at random moments, and resumed: is anything lost, done twice, or different?

    python -m tests.benchmarks.kills [RUNS] [--seed N] [--workers N] [--calls N] [--small]

Each run scans the shortest sample recordings into a new database with `callaudit scan`, as its user types it; with
`--small` it is forty recordings with engines that do nothing (`tests.batch.small_night`), which is quick. At a random
moment between its start and its usual end either the coordinator or one of its workers is killed; then the same command
runs to the end. `findings.jsonl` must be byte for byte that of an undisturbed run, every recording must have one
outcome, no process may outlive its coordinator, and a run that only lost a worker must end well by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.batch.small_night import write_recordings

from callaudit import assembly
from callaudit.settings import Settings

SMALL_CALLS = 40
TOLD_EVERY = 20
"""Runs after which it is said how many there were."""
GONE_WITHIN_S = 5.0
"""What the processes of a killed coordinator are given to end in."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a run takes place."""

    folder: Path
    workers: int
    is_small: bool

    @property
    def recordings(self) -> Path:
        """What is scanned."""
        return self.folder / "recordings"

    @property
    def address(self) -> str:
        """Of the database."""
        return assembly.sqlite_address(self.folder / "night.db")

    def scan(self) -> subprocess.Popen[str]:
        """Start a run."""
        if self.is_small:
            command = ["tests.batch.small_night", str(self.recordings), str(self.workers)]
        else:
            options = ["--model", "mini", "--workers", str(self.workers), "--json"]
            command = ["callaudit", "scan", str(self.recordings), "--db", self.address, *options]
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def findings(self) -> bytes:
        """What was found, as the report writes it."""
        out = self.folder / "report"
        settings = Settings.model_validate({"db": self.address})
        with assembly.open_store(settings, to_read=True) as store:
            assembly.make_folder(out)
            assembly.write_reports(store.outcomes, settings, out, audio=False)
        return (out / "findings.jsonl").read_bytes()

    def outcomes(self) -> list[str]:
        """Name of the recording of every outcome in the database."""
        with assembly.open_store(Settings.model_validate({"db": self.address}), to_read=True) as store:
            return sorted(kept.path.name for kept in store.calls())

    def clear(self) -> None:
        """Forget everything but the recordings."""
        for path in self.folder.iterdir():
            if path != self.recordings:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def main() -> None:
    """Kill runs, and print what became of them."""
    parser = argparse.ArgumentParser(description="Runs killed and resumed.")
    parser.add_argument("runs", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--calls", type=int, default=6)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callaudit-kills-") as folder:
        site = Site(Path(folder), given.workers, given.small)
        if given.small:
            write_recordings(site.recordings, SMALL_CALLS)
        else:
            copy_shortest(Path("samples"), site.recordings, given.calls)
        faults = kill_runs(site, given.runs, random.Random(given.seed))
    print(f"{given.runs} runs killed and resumed, {len(faults)} faults")
    for fault in faults:
        print(f"  {fault}")
    sys.exit(bool(faults))


def copy_shortest(source: Path, target: Path, count: int) -> None:
    """Copy the smallest recordings of a folder that can be used."""
    target.mkdir()
    usable = (path for path in source.rglob("*.wav") if "corrupt" not in path.name)
    for path in sorted(usable, key=lambda path: path.stat().st_size)[:count]:
        shutil.copy(path, target)


def kill_runs(site: Site, runs: int, draw: random.Random) -> list[str]:
    """What went wrong in so many runs, after one that is left alone."""
    begun_s = time.monotonic()
    calm = run_to_end(site)
    lasts_s = time.monotonic() - begun_s
    expected = site.findings(), site.outcomes()
    print(f"undisturbed: {lasts_s:.1f} s, {calm['done']} done, {len(expected[0].splitlines())} findings")
    faults: list[str] = []
    victims: Counter[str] = Counter()
    for number in range(runs):
        site.clear()
        victim, after_s = draw.choice(("coordinator", "worker")), draw.uniform(0, lasts_s)
        begun_s = time.monotonic()
        complaint = kill_one(site, victim, after_s, draw, len(expected[1]))
        if victim == "worker":  # a run from beginning to end: the machine's pace changes in an hour
            lasts_s = time.monotonic() - begun_s
        victims[victim] += 1
        if complaint is None and (site.findings(), site.outcomes()) != expected:
            complaint = "other findings or outcomes than an undisturbed run"
        if complaint:
            faults.append(f"run {number}, {victim} after {after_s:.2f} s: {complaint}")
        if number % TOLD_EVERY == TOLD_EVERY - 1:
            print(f"{number + 1} runs, {len(faults)} faults", flush=True)
    print(", ".join(f"{count} × {victim}" for victim, count in victims.items()))
    return faults


def kill_one(site: Site, victim: str, after_s: float, draw: random.Random, recordings: int) -> str | None:
    """Start a run, kill one of its processes, and let it come to an end; what went wrong."""
    run = site.scan()
    time.sleep(after_s)
    workers = children_of(run.pid)
    if victim == "worker":
        if workers:
            with suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
        told, _ = run.communicate()
        if run.returncode != 0:
            return f"exit {run.returncode} though only a worker was lost"
        return unbalanced(json.loads(told), recordings)
    run.kill()
    run.communicate()
    if left := outliving(workers):
        return f"processes left behind: {left}"
    return unbalanced(run_to_end(site), recordings)


def run_to_end(site: Site) -> dict[str, Any]:
    """A run that nobody disturbs."""
    run = site.scan()
    told, _ = run.communicate()
    assert run.returncode == 0, run.returncode
    counts: dict[str, Any] = json.loads(told)
    return counts


def unbalanced(told: dict[str, Any], recordings: int) -> str | None:
    """A complaint where a run does not account for every recording."""
    accounted = told["done"] + told["failed"] + sum(told["skipped"].values())
    return None if told["found"] == accounted == recordings and not told["failed"] else f"counts {told}"


def children_of(pid: int) -> list[int]:
    """Processes that a process started."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "stat").read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(int(process.name))
    return found


def outliving(pids: list[int]) -> list[int]:
    """Those of some processes that are still there after a while."""
    deadline_s = time.monotonic() + GONE_WITHIN_S
    while left := [pid for pid in pids if is_alive(pid)]:
        if time.monotonic() > deadline_s:
            return left
        time.sleep(0.05)
    return []


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    main()
