"""Worker processes hear and judge calls exactly as this process does."""

from __future__ import annotations

import dataclasses
import os
import time

import pytest

from callaudit.assembly import build_engines, build_stage_engines
from callaudit.assembly.executors import local_executor
from callaudit.batch.tasks import STAGES, JudgeTask, PrepareTask, TranscribeTask, perform
from callaudit.domain.analysis import CallSource, JudgedCall
from callaudit.domain.runs import Stage
from callaudit.resources import bundled
from callaudit.settings import BatchSettings, Settings, SpeechSettings

pytestmark = pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="there are no worker processes")

SETTINGS = Settings(speech=SpeechSettings(model="mini", device="cpu"), batch=BatchSettings(workers=1))
SAMPLES = ("abuse-midcall.ogg", "one-more-question.mp3")


def sources():
    return [CallSource(path=bundled("samples") / name) for name in SAMPLES]


def judged_by(do):
    """Both samples, transcribed together, as a run does it."""
    prepared = [do(PrepareTask(source), None) for source in sources()]
    length_ms = sum(call.acoustics.duration_ms for call in prepared)
    transcripts = do(TranscribeTask(tuple(prepared)), length_ms)
    return [
        do(JudgeTask(call.call, call.acoustics, transcript), call.acoustics.duration_ms)
        for call, transcript in zip(prepared, transcripts, strict=True)
    ]


def test_workers_come_to_the_very_results_of_this_process():
    engines = build_engines(SETTINGS)
    executor = local_executor(SETTINGS)

    def there(task, length_ms):
        deadline = time.monotonic() + 120
        while not executor.room(STAGES[type(task)]):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        executor.submit(0, task, length_ms)
        while not (over := executor.ended(1)):
            assert time.monotonic() < deadline
        return over[0].result

    try:
        assert executor.start() == engines.versions()
        theirs = judged_by(there)
    finally:
        executor.stop()
    ours = judged_by(lambda task, length_ms: perform(task, engines))

    assert all(isinstance(judged, JudgedCall) for judged in ours)
    assert [len(judged.findings) > 0 for judged in ours] == [True, False]
    assert theirs == ours


def test_workers_that_do_not_transcribe_load_no_speech_model_and_know_of_it_all_the_same():
    engines = build_stage_engines(SETTINGS, frozenset({Stage.PREPARE, Stage.JUDGE}))

    assert engines.is_synthetic_model
    assert engines.transcriber.name == "elsewhere"
    assert isinstance(perform(PrepareTask(sources()[0]), engines).acoustics.duration_ms, int)


def test_workers_that_transcribe_load_nothing_else_but_the_decoder():
    engines = build_stage_engines(SETTINGS, frozenset({Stage.TRANSCRIBE}))
    parts = {part.name: getattr(engines, part.name) for part in dataclasses.fields(engines)}

    assert engines.transcriber.name == "whisper"
    assert {name for name, part in parts.items() if getattr(part, "name", "") == "elsewhere"} == {
        *("speech", "tones", "line", "music", "attributor", "locator", "detector", "scorer")
    }
