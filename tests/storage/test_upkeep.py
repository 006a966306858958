from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.spans import TimeSpan
from callaudit.storage.rereading import Rereading
from callaudit.storage.store import SqlStore
from tests.builders import make_analysis, make_call, make_finding, make_judged, make_recording, make_utterance
from tests.reports.origin_case import failed_call, origin_call
from tests.storage.conftest import execute

STARTED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def judged(name: str) -> JudgedCall:
    """A call whose recording holds its own name."""
    call = make_call(call_id=name, recording=make_recording(sha256=digest(name), path=Path("calls") / name))
    return make_judged(analysis=make_analysis([make_utterance("不要脸")], call=call), findings=(make_finding(),))


def own_name(path: Path) -> str | None:
    return digest(path.name)


def damage(path: Path, statements: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(statements)
    connection.close()


def test_a_whole_store_has_no_problems(store: SqlStore) -> None:
    run = store.begin_run(STARTED, "f")
    for outcome in (judged("a.wav"), judged("b.wav"), origin_call(), failed_call("c.wav", sha256=None)):
        store.save(outcome)
    store.save(judged("d.wav"))
    store.finish_run(run, STARTED, {"done": 4, "failed": 1})
    report = store.verify(lambda path: "5e" * 32 if "3107" in path.name else own_name(path))
    assert report.problems == ()
    assert report.is_sound
    assert (report.outcomes, report.recordings) == (5, Rereading(same=4))


def test_recordings_that_changed_or_are_gone_are_named(store: SqlStore) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        store.save(judged(name))
    store.save(failed_call("d.wav", sha256=digest("d.wav")))
    store.link(Path("calls/e.wav"), digest("a.wav"))
    now = {"a.wav": digest("a.wav"), "b.wav": digest("other"), "d.wav": digest("d.wav"), "e.wav": digest("a.wav")}
    report = store.verify(lambda path: now.get(path.name))
    assert report.recordings == Rereading(same=3, changed=(Path("calls/b.wav"),), gone=(Path("calls/c.wav"),))
    assert report.is_sound


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.25, 10, 40), (1.0, 100, 100)])
def test_a_share_of_the_recordings_is_the_same_every_time(store: SqlStore, share: float, least: int, most: int) -> None:
    for n in range(100):
        store.link(Path(f"calls/{n}.wav"), digest(f"{n}.wav"))
    read: list[list[Path]] = [[], []]
    for times in read:
        report = store.verify(lambda path, times=times: times.append(path) or own_name(path), share)  # type: ignore[misc]
        assert report.recordings.same == len(times)
    assert read[0] == read[1]
    assert least <= len(read[0]) <= most


@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        ("UPDATE outcomes SET acoustics = '[]' WHERE path = 'calls/a.wav'", "cannot be read back"),
        ("UPDATE findings SET severity = 'dire'", "cannot be read back"),
        ("UPDATE findings SET end_ms = 30001", "1 findings lie outside the call"),
        ("UPDATE findings SET utterances = '[7]'", "1 findings lie outside the call"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_named(
    store: SqlStore, address: str, statements: str, complaint: str
) -> None:
    store.save(judged("a.wav"))
    execute(address, statements)
    report = store.verify(own_name)
    assert not report.is_sound
    told = [problem.complaint for problem in report.problems if problem.subject == "calls/a.wav"]
    assert len(told) == 1
    assert complaint in told[0]
    assert report.outcomes == 0


def test_an_outcome_under_another_recording_is_named(file_store: SqlStore, path: Path) -> None:
    file_store.save(judged("a.wav"))
    damage(path, "UPDATE outcomes SET outcome_id = 'sha256:0'")
    (complaint,) = [one.complaint for one in file_store.verify(own_name).problems if one.subject == "calls/a.wav"]
    assert "under another recording" in complaint


def test_the_neighbours_of_a_broken_outcome_are_read(store: SqlStore, address: str) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        store.save(judged(name))
    execute(address, "UPDATE outcomes SET warnings = '7' WHERE path = 'calls/b.wav'")
    report = store.verify(own_name)
    assert [problem.subject for problem in report.problems] == ["calls/b.wav"]
    assert (report.outcomes, report.recordings.same) == (2, 3)


def test_a_row_without_its_outcome_is_a_problem(file_store: SqlStore, path: Path) -> None:
    file_store.save(judged("a.wav"))
    damage(path, "PRAGMA foreign_keys = OFF; DELETE FROM outcomes")
    (utterance, finding) = sorted(problem.complaint for problem in file_store.verify(own_name).problems)[::-1]
    assert utterance == "a row of utterances belongs to a row of outcomes that is not there"
    assert finding == "a row of findings belongs to a row of outcomes that is not there"


@pytest.mark.parametrize(("counted", "is_sound"), [(2, False), (1, True), (0, True)])
def test_calls_that_the_last_run_counted_and_nobody_finds_are_a_problem(
    store: SqlStore, counted: int, is_sound: bool
) -> None:
    run = store.begin_run(STARTED, "f")
    store.save(judged("a.wav"))
    store.finish_run(run, STARTED, {"done": counted})
    assert store.verify(own_name).is_sound is is_sound


def test_calls_of_earlier_runs_may_have_been_replaced(store: SqlStore) -> None:
    for _ in range(2):
        run = store.begin_run(STARTED, "f")
        store.save(judged("a.wav"))
        store.finish_run(run, STARTED, {"done": 1})
    store.begin_run(STARTED, "f")
    assert store.verify(own_name).is_sound


def test_nothing_that_was_said_is_in_a_report(file_store: SqlStore, path: Path) -> None:
    file_store.save(judged("a.wav"))
    damage(path, "UPDATE findings SET quote = '不要脸' || char(0), end_ms = 1; UPDATE utterances SET end_ms = -1")
    assert "不要脸" not in repr(file_store.verify(own_name))


def test_a_finding_up_to_the_last_moment_lies_within_its_call(store: SqlStore) -> None:
    call = make_judged([make_utterance("不要脸")], findings=(make_finding(span=TimeSpan(29_000, 30_000)),))
    store.save(call)
    assert store.verify(lambda path: None).is_sound
