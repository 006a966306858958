"""Is what is found the same, byte for byte, however the work is spread?

    python -m tests.benchmarks.identity

Scans the sample recordings with the bundled speech model: with one worker, with two, and on a Ray cluster of three
nodes, one of which is taken away once a few calls are done. `findings.jsonl` of each must be that of the first.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path

from tests.batch.cluster.nodes import three_nodes

from callaudit import assembly
from callaudit.batch.account import RunSummary
from callaudit.batch.driver import Progress, run
from callaudit.batch.tasks import Executor
from callaudit.settings import Settings

DONE_BEFORE_LOSS = 4
"""Calls that are done before the node is taken away."""


def main() -> None:
    """Print a line for each way, and leave with 1 where they differ."""
    digests = set()
    with tempfile.TemporaryDirectory(prefix="callaudit-identity-") as folder:
        for workers in (1, 2):
            settings = settings_in(Path(folder) / f"local-{workers}", workers)
            digests.add(tell(f"{workers} local", settings, assembly.make_executor(settings)))
        digests.add(on_a_cluster(Path(folder) / "cluster"))
    print("the same" if len(digests) == 1 else "NOT the same")
    sys.exit(len(digests) != 1)


def on_a_cluster(folder: Path) -> str:
    """Digest of what three nodes find, of which two are left."""
    with three_nodes() as cluster:
        settings = settings_in(folder, 3, executor="ray", ray_address=cluster.address)
        lost = []

        def lose_one(summary: RunSummary) -> None:
            if summary.done >= DONE_BEFORE_LOSS and not lost:
                lost.append(cluster.worker_nodes.copy().pop())
                cluster.remove_node(lost[0], allow_graceful=False)

        digest = tell("3 nodes, 1 lost", settings, assembly.make_executor(settings), lose_one)
        assert lost, "the run was over before a node was lost"
        return digest


def tell(name: str, settings: Settings, executor: Executor, progress: Progress = lambda summary: None) -> str:
    """Scan the samples in one way; digest of `findings.jsonl`."""
    begun_s = time.monotonic()
    samples = Path("samples")
    plan = assembly.find_sources([str(samples)], settings, samples / "calls.csv")
    with assembly.open_store(settings) as store, store.exclusive():
        try:
            batch = assembly.make_batch(settings, executor, store)
            summary = run(plan.sources, batch, progress, RunSummary(total=len(plan.sources)))
        finally:
            executor.stop()
        out = Path(settings.db.removeprefix("sqlite:///")).parent
        assembly.write_reports(store.outcomes, settings, out, audio=False)
    found = (out / "findings.jsonl").read_bytes()
    digest = hashlib.sha256(found).hexdigest()
    counts = f"{summary.done} done, {summary.failed} failed, {summary.crashes} workers lost"
    print(f"{name}: {counts}, {len(found.splitlines())} findings, {digest[:16]}, {time.monotonic() - begun_s:.0f} s")
    return digest


def settings_in(folder: Path, workers: int, **batch: str) -> Settings:
    """The bundled model and a new database."""
    folder.mkdir()
    address = assembly.sqlite_address(folder / "night.db")
    return Settings.model_validate({"db": address, "speech": {"model": "mini"}, "batch": {"workers": workers, **batch}})


if __name__ == "__main__":
    main()
