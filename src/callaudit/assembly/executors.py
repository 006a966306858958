"""Where the tasks of a run are done: worker processes, each with the engines that its stages need."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from callaudit.assembly.engines import build_engines
from callaudit.domain.runs import Stage
from callaudit.pipeline import Engines
from callaudit.settings import Settings

if TYPE_CHECKING:
    from callaudit.batch.tasks import Executor
    from callaudit.batch.workers import LocalExecutor


def make_executor(settings: Settings) -> Executor:
    """Where the settings want the work to be done; not started yet.

    Raises:
        SetupError: the speech model cannot be had, or the cluster not be used.
    """
    if settings.batch.executor == "ray":
        from callaudit.assembly.cluster import cluster_executor

        return cluster_executor(settings, settings.batch.ray_address)
    return local_executor(settings)


def local_executor(settings: Settings) -> LocalExecutor:
    """Worker processes on this machine, as many as the settings want or the machine carries; not started yet.

    Raises:
        ModelError: the speech model cannot be had.
    """
    from callaudit.batch.sizing import this_machine, worker_count, worker_limits
    from callaudit.batch.workers import LocalExecutor
    from callaudit.speech.models import cuda_devices, resolve_model

    # Here, once: the workers must not fetch one file all together.
    model_bytes = resolve_model(settings.speech.model).path.stat().st_size
    gpus, machine = cuda_devices(settings.speech.device), this_machine()
    workers = worker_count(settings, machine, 0 if gpus else model_bytes)
    return LocalExecutor(
        partial(build_stage_engines, settings),
        worker_limits(settings, machine, model_bytes, workers + len(gpus)),
        workers=workers,
        threads=settings.speech.threads,
        gpus=gpus,
    )


def build_stage_engines(settings: Settings, stages: frozenset[Stage]) -> Engines:
    """Load the engines that these stages need; of the others there is the decoder at most.

    Raises:
        SetupError: something must be repaired first.
    """
    absent: Any = _Elsewhere()
    if Stage.TRANSCRIBE not in stages:
        engines = build_engines(settings, transcriber=absent)
        return replace(engines, is_synthetic_model=is_synthetic_model(settings))
    if len(stages) > 1:
        return build_engines(settings)
    from callaudit.audio.decode import FfmpegDecoder
    from callaudit.speech.engine import WhisperTranscriber

    return Engines(
        decoder=FfmpegDecoder(settings.audio),  # on a cluster sound may be lost on its way
        speech=absent,
        tones=absent,
        line=absent,
        music=absent,
        transcriber=WhisperTranscriber(settings.speech),
        attributor=absent,
        locator=absent,
        detector=absent,
        scorer=absent,
        channel_parties=settings.audio.channel_map,
    )


def is_synthetic_model(settings: Settings) -> bool:
    """Whether the speech model of the settings knows synthetic speech only.

    Raises:
        ModelError: it cannot be had.
    """
    from callaudit.speech.models import find_model

    return find_model(settings.speech.model).synthetic_only


class _Elsewhere:
    """In place of an engine that only other workers have: to use it would be a bug."""

    name = "elsewhere"
    version = ""
