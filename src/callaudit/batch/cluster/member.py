"""What runs on the nodes: a process with engines, and sound that stays in the cluster's memory.

Errors are values here: what Ray makes of an exception goes to its logs, with the text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from callaudit import __version__
from callaudit.batch.cluster.access import asks_for_token, open_cluster
from callaudit.batch.cluster.session import the_ray
from callaudit.batch.private import PrivateFolder
from callaudit.batch.processes import resident_bytes
from callaudit.batch.tasks import Fault, Outcome, PrepareTask, Task, TranscribeTask, guarded, perform
from callaudit.domain.analysis import CallSource, PreparedCall
from callaudit.domain.names import printable
from callaudit.domain.runs import Stage
from callaudit.domain.transcripts import Transcript
from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError, SetupError
from callaudit.logs import configure_logging
from callaudit.pipeline import Engines, decode

BuildEngines = Callable[[frozenset[Stage]], Engines]
"""Loads the engines that these stages need; picklable, and known on every node."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A recording as it goes to a node, which reads it where the coordinator would."""

    source: CallSource
    content: Any = None
    """Of a remote recording, which the coordinator has fetched: Ray's name of its bytes."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StoredWave(Waveform):
    """Sound that lies in the cluster's memory: here it has its length and reads as silence.

    The memory is freed once nobody holds this.
    """

    sent: Sent
    """What it was decoded from."""
    ref: Any = None
    """Ray's name for it; None as long as it has none."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _stored, (self.samples.shape, self.sample_rate_hz, self.sent, self.ref)


def _stored(shape: tuple[int, int], sample_rate_hz: int, sent: Sent, ref: Any = None) -> StoredWave:
    silence = np.broadcast_to(np.int16(0), shape)  # takes two bytes
    return StoredWave(samples=silence, sample_rate_hz=sample_rate_hz, sent=sent, ref=ref)


@dataclass(frozen=True, slots=True)
class Hello:
    """What a worker says of itself once it is loaded."""

    node_id: str
    host: str
    versions: Mapping[str, str]
    """Of its engines, by role (`Engines.versions`), and of callaudit."""

    def differs_from(self, other: Hello) -> str | None:
        """In what, in words; None where it does not."""
        for role, version in sorted(self.versions.items()):
            if version != other.versions.get(role):
                return f"{role} is {version} on {self.host} and {other.versions.get(role)} on {other.host}"
        return None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answers to a task."""

    result: Outcome | SetupError
    grown_bytes: int
    """Memory it holds besides what it held once it was loaded; 0 where the system does not tell."""


class Member:
    """A worker on a node: a Ray actor, which is killed and replaced when it hangs or grows."""

    def __init__(self, build: BuildEngines, stages: frozenset[Stage]) -> None:
        self._build = build
        self._stages = stages
        self._engines: Engines | None = None
        self._length_ms: int | None = None
        self._loaded_bytes = 0
        self._folder: PrivateFolder | None = None

    def load(self, needs_token: bool) -> Hello | SetupError:
        """Load the engines.

        Args:
            needs_token: refuse to work where this node was started without one.
        """
        ray = the_ray()
        configure_logging()
        host = ray.util.get_node_ip_address()
        if needs_token and not asks_for_token(os.environ):
            return open_cluster(host)
        if not ray.get_gpu_ids():
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        try:
            self._engines = self._build(self._stages)
        except SetupError as error:
            return error
        self._loaded_bytes = _resident_bytes()
        versions = {**self._engines.versions(), "callaudit": __version__}
        return Hello(ray.get_runtime_context().get_node_id(), host, versions)

    def prepare(self, sent: Sent) -> tuple[Reply, Waveform | None]:
        """Do a `PrepareTask`; the sound apart, so that it may stay where it is."""
        with self._readable(sent) as source:
            result, wave = self._result(PrepareTask(source)), None
        if isinstance(result, PreparedCall):
            wave = result.wave
            result = replace(result, wave=_stored(wave.samples.shape, wave.sample_rate_hz, sent))
        return self._reply(result), wave

    def perform(self, task: Task) -> Reply:
        """Do a task of any other kind."""
        return self._reply(self._result(task))

    def length_ms(self) -> int | None:
        """Length of the recording that is being prepared; None as long as it is not decoded."""
        return self._length_ms

    def _result(self, task: Task) -> Outcome | SetupError:
        self._length_ms = None
        try:
            if isinstance(task, TranscribeTask):
                return self._transcripts(task)
            return perform(task, self._loaded(), self._note)
        except SetupError as error:
            return error

    def _reply(self, result: Outcome | SetupError) -> Reply:
        return Reply(result, _resident_bytes() - self._loaded_bytes)

    def _loaded(self) -> Engines:
        if self._engines is None:
            raise RuntimeError("a worker was given a task before it was loaded")
        return self._engines

    def _note(self, length_ms: int) -> None:
        self._length_ms = length_ms

    def _transcripts(self, task: TranscribeTask) -> tuple[Transcript | Fault, ...]:
        calls = [self._with_sound(call) for call in task.calls]
        whole = tuple(call for call in calls if isinstance(call, PreparedCall))
        transcripts = perform(TranscribeTask(whole), self._loaded())
        assert isinstance(transcripts, tuple)
        heard = iter(transcripts)
        return tuple(call if isinstance(call, Fault) else next(heard) for call in calls)

    def _with_sound(self, call: PreparedCall) -> PreparedCall | Fault:
        """A call with its sound, decoded once more where the node that held it is gone."""
        ray = the_ray()
        wave = call.wave
        if not isinstance(wave, StoredWave):
            return call
        try:
            return replace(call, wave=ray.get(wave.ref))
        except ray.exceptions.RayError:
            return guarded(call.call.call_id, Stage.PREPARE, lambda: self._decoded_again(call, wave.sent))

    def _decoded_again(self, call: PreparedCall, sent: Sent) -> PreparedCall:
        with self._readable(sent) as source:
            decoded = decode(source, self._loaded())
        if decoded.recording.sha256 != call.call.recording.sha256:
            raise AudioError(
                f"{printable(source.path)}: it changed while it was scanned", code="audio.changed", hint="scan it again"
            )
        return replace(call, wave=decoded.wave)

    @contextmanager
    def _readable(self, sent: Sent) -> Iterator[CallSource]:
        """A recording that can be read on this node."""
        if sent.content is None:
            yield sent.source
            return
        self._folder = self._folder or PrivateFolder()
        file = self._folder.new_file()
        try:
            file.write_bytes(the_ray().get(sent.content))
            yield replace(sent.source, local=file)
        finally:
            file.unlink(missing_ok=True)


def _resident_bytes() -> int:
    return resident_bytes("self") or 0
