"""The tasks of a run on a cluster: workers with the engines that their stages need, on many machines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from callaudit.assembly.executors import build_stage_engines
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.batch.cluster import ClusterExecutor


def cluster_executor(settings: Settings, address: str | None) -> ClusterExecutor:
    """Workers on a Ray cluster, as many as the settings want or the cluster carries; not started yet.

    Args:
        settings: go to every node, without the address of the database.
        address: host and port of the head node, `auto`, or None for a cluster of this machine alone.

    Raises:
        SetupError: the cluster is open to anybody, or the speech model cannot be had.
    """
    from callaudit.batch.cluster import ClusterExecutor, Demand
    from callaudit.batch.sizing import this_machine, worker_limits, worker_need_bytes
    from callaudit.speech.models import resolve_model

    model_bytes = resolve_model(settings.speech.model).path.stat().st_size
    demand = Demand(
        workers=settings.batch.workers,
        cpus=max(1, settings.speech.threads),
        worker_bytes=worker_need_bytes(model_bytes),
        lean_bytes=worker_need_bytes(0),
        with_gpus=settings.speech.device != "cpu",
    )
    without_secrets = settings.model_copy(update={"db": Settings.model_fields["db"].default})
    limits = worker_limits(settings, this_machine(), model_bytes, workers=1)
    return ClusterExecutor(partial(build_stage_engines, without_secrets), limits, address, demand)
