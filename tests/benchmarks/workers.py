"""What workers gain, and what a run costs beside the work itself.

    python -m tests.benchmarks.workers [COPIES]

The WAV recordings of `samples`, so many times over with different bytes, go through the bundled speech model three
times: in a bare loop of `prepare`, `transcribe` and `judge`, on one thread of a new process; as a run with one worker,
with hashing, ledger, logging and supervision; and as a run with two. Engines are loaded before the clock starts. The
rounds take turns, three times over, and the best time of each counts: the pace of a machine changes.

What a run costs is told twice. Its worker writes down how long it was at its tasks; the rest of the time of the same
run went into hashing, ledger, logging, supervision, and handing sound over. Beside the bare loop, another process, the
two differ also by how fast each process happens to be: on one machine, the same loop took 28 and 30 s.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
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


def main() -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description="Gain and cost of workers.")
    parser.add_argument("copies", nargs="?", type=int, default=3)
    copies = parser.parse_args().copies
    with tempfile.TemporaryDirectory(prefix="callaudit-workers-") as folder:
        sources = copy_samples(Path(folder) / "recordings", copies)
        costs: list[float] = []
        rounds: dict[str, Callable[[], float]] = {
            "bare loop": lambda: time_bare_loop(sources),
            "1 worker": lambda: time_run_of_one(Path(folder), sources, costs),
            "2 workers": lambda: time_run(Path(folder), sources, 2),
        }
        times_s: dict[str, list[float]] = {name: [] for name in rounds}
        for _ in range(ROUNDS):
            for name, work in rounds.items():
                times_s[name].append(work())
    best = {name: min(those) for name, those in times_s.items()}
    for name, seconds in best.items():
        print(f"{name}: {seconds:.1f} s for {len(sources)} calls")
    shares = ", ".join(f"{cost:.1%}" for cost in costs)
    print(f"beside the time that its worker was at its tasks, a run took {shares}")
    print(f"a run with one worker took {best['1 worker'] / best['bare loop'] - 1:+.1%} beside the bare loop")
    print(f"two workers do {best['1 worker'] / best['2 workers']:.2f} times the work of one")


def time_bare_loop(sources: list[CallSource]) -> float:
    """Seconds for all calls, in a new process as a run has: one that has worked before is a tenth faster."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_bare_loop, sources).result()


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


def time_run_of_one(folder: Path, sources: list[CallSource], costs: list[float]) -> float:
    """Seconds of a run with one worker; what it took besides the tasks, as a share of them, goes to `costs`."""
    log = folder / "tasks.txt"
    log.unlink(missing_ok=True)
    with timed_workers(log):
        elapsed_s = time_run(folder, sources, 1)
    at_work_s = sum(map(float, log.read_text().split()))
    costs.append(elapsed_s / at_work_s - 1)
    return elapsed_s


def time_run(folder: Path, sources: list[CallSource], workers: int) -> float:
    """Seconds of a run over all calls into a new database, once its workers are ready."""
    database = folder / "night.db"
    for left in folder.glob("night.db*"):
        left.unlink()
    settings = settings_for(assembly.sqlite_address(database), workers)
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
    return elapsed_s


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
