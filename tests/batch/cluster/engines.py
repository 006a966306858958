"""Engines that are imported on the nodes of a cluster: some die, some hang, some refuse."""

from __future__ import annotations

import ctypes
import os
import time
from dataclasses import dataclass, replace

from callaudit.errors import AudioError, ModelError
from tests.fakes import Fake, FakeDecoder, ScriptedTranscriber, make_engines

SCRIPT = {"rude": "你不要脸"}


@dataclass
class PoisonedDecoder(FakeDecoder):
    """Dies or hangs where the name of a recording says so."""

    def decode(self, source):
        match source.path.stem.split("_")[0]:
            case "segfault":
                ctypes.string_at(0)
            case "exit":
                os._exit(3)
            case "grip":  # no other thread of Python comes to its turn
                ctypes.PyDLL(None).sleep(600)
            case "hang":
                time.sleep(600)
            case "nap":
                time.sleep(0.4)
            case "meet":
                meet(source.path)
            case "longnap":
                time.sleep(3)
            case "content":  # read elsewhere than here, by another process
                recording, wave, warnings = super().decode(source)
                return replace(recording, container=str(source.readable_at.read_bytes())), wave, warnings
        return super().decode(source)


def meet(path):
    """Wait until three recordings of a folder are under way at once."""
    path.touch()
    until_s = time.monotonic() + 20
    while len(list(path.parent.iterdir())) < 3:
        if time.monotonic() > until_s:
            raise AudioError("nobody came", code="test.alone", hint="")
        time.sleep(0.05)


@dataclass
class SlowSpeech(Fake):
    """Takes long over a recording, once its length is told."""

    def detect(self, wave):
        time.sleep(5)
        return ()


@dataclass
class RefusingTranscriber(Fake):
    def transcribe(self, calls):
        raise ModelError("gone", code="model.absent", hint="fetch it")


def build(stages):
    """Engines that work, but for what the names of recordings say."""
    transcriber = ScriptedTranscriber(script=SCRIPT, poison=frozenset({"hoarse"}))
    return make_engines(decoder=PoisonedDecoder(bad=frozenset({"bad"})), transcriber=transcriber)


def build_slow(stages):
    return replace(build(stages), speech=SlowSpeech())


def build_refusing(stages):
    return replace(build(stages), transcriber=RefusingTranscriber())


def build_none(stages):
    raise ModelError("no model here", code="model.absent", hint="fetch it")


def build_dying(stages):
    os._exit(1)


def build_odd(stages):
    raise ZeroDivisionError("the text of a call must not get out")


def build_mixed(stages):
    """Engines of a version that no two nodes share."""
    import ray

    return replace(
        build(stages), locator=replace(build(stages).locator, version=ray.get_runtime_context().get_node_id())
    )


def build_by_crew(stages):
    """Engines whose names tell the stages they are for, and the GPUs that their process may see."""
    name = f"{'+'.join(sorted(stages))} {os.environ.get('CUDA_VISIBLE_DEVICES')}"
    return replace(build(stages), decoder=PoisonedDecoder(name), transcriber=ScriptedTranscriber(name, script=SCRIPT))
