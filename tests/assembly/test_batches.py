"""What enters the fingerprints of a recording."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import pytest

from callaudit.assembly import fingerprinter, recorded_run
from callaudit.batch.account import RunSummary
from callaudit.domain.analysis import CallSource
from callaudit.domain.calls import Party
from callaudit.domain.runs import RunEnding
from callaudit.errors import StorageError
from callaudit.settings import Settings
from callaudit.storage.store import SqlStore

VERSIONS = {"decoder": "ffmpeg 7", "transcriber": "whisper 1", "detector": "fusion 6"}


def of(settings=None, versions=VERSIONS, **source):
    fingerprints = fingerprinter(Settings.model_validate(settings or {}), versions)
    return fingerprints(CallSource(**{"path": Path("a.wav"), **source}))


@pytest.mark.parametrize(
    "settings",
    [
        {"speech": {"model": "mini"}},
        {"speech": {"vad_pad_ms": 100}},
        {"audio": {"raw_rate_hz": 8000}},
    ],
)
def test_what_changes_what_is_heard_enters_both(settings):
    changed = of(settings)

    assert changed.transcribe != of().transcribe
    assert changed.judge != of().judge


@pytest.mark.parametrize(
    "settings",
    [
        {"audio": {"channel_map": "customer,agent"}},
        {"hangup": {"chat_ms": 1}},
        {"classifier": {"threshold": 0.5}},
    ],
)
def test_what_changes_what_is_judged_alone_has_nothing_heard_again(settings):
    changed = of(settings)

    assert changed.transcribe == of().transcribe
    assert changed.judge != of().judge


def test_a_changed_lexicon_has_nothing_heard_again():
    changed = of(versions={**VERSIONS, "detector": "fusion 7"})

    assert changed.transcribe == of().transcribe
    assert changed.judge != of().judge


def test_the_channel_map_of_a_folder_enters_the_judgement():
    assert of(folder_parties=(Party.CUSTOMER, Party.AGENT)).judge != of().judge


@pytest.mark.parametrize(
    "settings", [{"db": "sqlite:///other.db"}, {"batch": {"workers": 7}}, {"report": {"lang": "en"}}]
)
def test_what_changes_no_result_enters_none(settings):
    assert of(settings) == of()


@pytest.mark.parametrize(
    "settings",
    [
        {"audio": {"max_duration_s": 60}},
        {"audio": {"decode_timeout_s": 1}},
        {"batch": {"worker_memory_mb": 9000}},
        {"batch": {"time_limit_factor": 99}},
    ],
)
def test_a_changed_limit_has_failures_tried_again_and_nothing_else(settings):
    changed = of(settings)

    assert changed.failure != of().failure
    assert (changed.transcribe, changed.judge) == (of().transcribe, of().judge)


def test_what_enters_the_judgement_has_failures_tried_again():
    assert of({"speech": {"model": "mini"}}).failure != of().failure
    assert of(folder_parties=(Party.CUSTOMER, Party.AGENT)).failure != of().failure


def test_headerless_sound_is_heard_again_where_the_name_tells_of_another_codec():
    assert of(path=Path("a.al")).transcribe != of(path=Path("a.ul")).transcribe
    assert of(path=Path("a.wav")) == of(path=Path("b.mp3"))


@pytest.mark.parametrize(
    ("error", "stopped_by", "summary", "ending"),
    [
        (None, None, RunSummary(total=1, done=1), RunEnding("complete")),
        (None, None, RunSummary(total=2, done=1), RunEnding("unbalanced")),
        (None, signal.SIGTERM, RunSummary(total=2, done=1), RunEnding("SIGTERM")),
        (SystemExit(143), signal.SIGINT, RunSummary(total=2), RunEnding("SIGINT")),
        (
            StorageError("", code="storage.low", hint=""),
            signal.SIGINT,
            RunSummary(),
            RunEnding("broken_off", "storage.low"),
        ),
        (ZeroDivisionError(), None, RunSummary(), RunEnding("broken_off", "bug")),
        (KeyboardInterrupt(), None, RunSummary(), RunEnding("broken_off")),
    ],
)
def test_however_a_run_ends_the_store_is_told(tmp_path, error, stopped_by, summary, ending):
    with SqlStore(f"sqlite:///{tmp_path}/a.db") as store:
        with suppress(BaseException), recorded_run(store, "f", summary, lambda: stopped_by):
            if error is not None:
                raise error
        (run,) = store.status().runs

    assert (run.ended, run.error) == (ending.how, ending.error)
    assert run.not_reached == summary.total - summary.done
