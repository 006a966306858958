"""What workers gain, and what a run costs beside the work itself.

    python -m tests.benchmarks.workers [COPIES]

The WAV recordings of `samples`, so many times over with different bytes, go through the bundled speech model: in a bare
loop of `prepare`, `transcribe` and `judge`, on one thread of a new process; in two such loops at the same time, each
over all of them, which shows what the machine itself gains by a second core; and as runs with one worker and with two,
with hashing, ledger, logging and supervision. Engines are loaded before the clock starts. The rounds take turns, three
times over, and the best time of each counts: the pace of a machine changes.

What a run costs is told twice. Its workers write down how long they were at their tasks; the rest of the time of the
same run went into hashing, ledger, logging, supervision, handing sound over, and waiting for each other at the end.
Beside the bare loop, another process, the two differ also by how fast each process happens to be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.timed import timed_workers

from callaudit import assembly
from callaudit.batch.account import RunSummary
from callaudit.batch.driver import run
from callaudit.domain.analysis import CallSource
from callaudit.pipeline import judge, prepare, transcribe
from callaudit.settings import Settings
from callaudit.settings.sections import BatchSettings

ROUNDS = 3
GROUP = BatchSettings().calls_per_group
ONE_LOOP, TWO_LOOPS = "bare loop", "two loops at once, twice the calls"
ONE_WORKER, TWO_WORKERS = "one worker", "two workers"


def main() -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description="Gain and cost of workers.")
    parser.add_argument("copies", nargs="?", type=int, default=3)
    copies = parser.parse_args().copies
    times_s: dict[str, list[float]] = {}
    costs: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory(prefix="callaudit-workers-") as folder:
        sources = copy_samples(Path(folder) / "recordings", copies)
        for _ in range(ROUNDS):
            for loops, name in ((1, ONE_LOOP), (2, TWO_LOOPS)):
                times_s.setdefault(name, []).append(time_bare_loops(sources, loops))
            for workers, name in ((1, ONE_WORKER), (2, TWO_WORKERS)):
                elapsed_s, at_work_s = time_run(Path(folder), sources, workers)
                times_s.setdefault(name, []).append(elapsed_s)
                costs[workers].append(workers * elapsed_s / at_work_s - 1)
    best = {name: min(those) for name, those in times_s.items()}
    for name, seconds in best.items():
        print(f"{name}: {seconds:.1f} s for {len(sources)} calls")
    for workers, shares in costs.items():
        told = ", ".join(f"{share:.1%}" for share in shares)
        print(f"beside the tasks of {workers} at work, a run took {told}")
    print(f"a run with one worker took {best[ONE_WORKER] / best[ONE_LOOP] - 1:+.1%} beside the bare loop")
    print(f"two loops at once do {2 * best[ONE_LOOP] / best[TWO_LOOPS]:.2f} times the work of one")
    print(f"two workers do {best[ONE_WORKER] / best[TWO_WORKERS]:.2f} times the work of one")


def time_bare_loops(sources: list[CallSource], loops: int) -> float:
    """Seconds until each of so many loops went through all calls, each in a process as new as those of a run."""
    with ProcessPoolExecutor(loops, mp_context=get_context("spawn")) as pool:
        return max(pool.map(_bare_loop, [sources] * loops))


def _bare_loop(sources: list[CallSource]) -> float:
    import torch

    torch.set_num_threads(1)
    engines = assembly.build_engines(settings_for("unused"))
    begun_s = time.monotonic()
    for first in range(0, len(sources), GROUP):
        group = [prepare(source, engines) for source in sources[first : first + GROUP]]
        for prepared, transcript in zip(group, transcribe(group, engines), strict=True):
            judge(prepared.call, prepared.acoustics, transcript, engines)
    return time.monotonic() - begun_s


def time_run(folder: Path, sources: list[CallSource], workers: int) -> tuple[float, float]:
    """Seconds of a run over all calls into a new database, once its workers are ready, and those at their tasks."""
    database, log = folder / "night.db", folder / "tasks.txt"
    for left in (*folder.glob("night.db*"), *folder.glob(log.name)):
        left.unlink()
    settings = settings_for(assembly.sqlite_address(database), workers)
    with timed_workers(log):
        executor = assembly.make_executor(settings)
    with assembly.open_store(settings) as store, store.exclusive():
        try:
            batch = assembly.make_batch(settings, executor, store)
            wait_for_all(executor, workers)
            begun_s = time.monotonic()
            summary = run(sources, batch, summary=RunSummary(total=len(sources)))
            elapsed_s = time.monotonic() - begun_s
        finally:
            executor.stop()
    assert summary.done == len(sources), summary
    return elapsed_s, sum(map(float, log.read_text().split()))


def wait_for_all(executor, workers: int) -> None:
    """Until every worker is loaded."""
    from callaudit.domain.runs import Stage

    while executor.room(Stage.PREPARE) < workers:
        time.sleep(0.1)


def settings_for(address: str, workers: int = 1) -> Settings:
    """The bundled model, so many workers."""
    return Settings.model_validate({"db": address, "speech": {"model": "mini"}, "batch": {"workers": workers}})


def copy_samples(folder: Path, copies: int) -> list[CallSource]:
    """The usable WAV samples so many times; what follows their last chunk makes each another recording."""
    folder.mkdir()
    paths = []
    for sample in sorted(Path("samples").glob("*.wav")):
        for number in range(copies):
            path = folder / f"{sample.stem}-{number}.wav"
            shutil.copy(sample, path)
            with path.open("ab") as file:
                file.write(b"\0" * (2 + 2 * number))
            os.utime(path, (0, 0))  # else a run would wait to see whether it is still being written
            paths.append(path)
    return [CallSource(path=path) for path in paths]


if __name__ == "__main__":
    main()
