from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.domain.analysis import FailedCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import TimeSpan
from callaudit.errors import StorageError
from callaudit.ports import OutcomeStore
from callaudit.storage import engine as engine_module
from callaudit.storage.address import sqlite_address
from callaudit.storage.store import SqlStore
from tests.builders import make_analysis, make_call, make_finding, make_judged, make_recording, make_utterance
from tests.reports.origin_case import clean_call, failed_call, origin_call

MUSIC = HoldSource.MUSIC
STARTED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "callaudit.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with SqlStore(f"sqlite:///{path}") as opened:
        yield opened


def judged(sha256: str, score: float = 0.0, name: str = "one.wav", fingerprint: str = "test") -> JudgedCall:
    call = make_call(call_id=Path(name).stem, recording=make_recording(sha256=sha256, path=Path("calls") / name))
    return make_judged(analysis=make_analysis(call=call), score=score, fingerprint=fingerprint)


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def count(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    (number,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(number)


def test_every_field_of_an_outcome_comes_back(store: SqlStore) -> None:
    saved = [origin_call(), clean_call(), failed_call()]
    for outcome in saved:
        store.save(outcome)
    assert list(store.outcomes()) == saved


def test_holds_come_back(store: SqlStore) -> None:
    holds = (Hold(TimeSpan(2000, 9000), HoldSource.RECORD_HOLD, 1000), Hold(TimeSpan(12_000, 19_000), MUSIC, 1000))
    store.save(make_judged(analysis=make_analysis(holds=holds)))
    (outcome,) = store.outcomes()
    assert isinstance(outcome, JudgedCall)
    assert outcome.analysis.holds == holds


def test_it_is_an_outcome_store(store: SqlStore) -> None:
    port: OutcomeStore = store
    port.save(clean_call())
    assert next(store.outcomes()) == clean_call()


def test_saving_the_same_outcome_again_changes_nothing(store: SqlStore, path: Path) -> None:
    for outcome in (origin_call(), failed_call()):
        store.save(outcome)
    before = dump(path)
    for outcome in (origin_call(), failed_call()):
        store.save(outcome)
    assert dump(path) == before


def test_a_new_outcome_takes_the_place_of_the_old_one_with_all_its_parts(store: SqlStore, path: Path) -> None:
    store.save(origin_call())
    milder = replace(origin_call(), findings=origin_call().findings[:1], score=10.0, fingerprint="newer")
    store.save(milder)
    assert list(store.outcomes()) == [milder]
    assert count(path, "findings") == 1
    assert count(path, "recordings") == 1


def test_the_same_outcomes_make_the_same_contents(tmp_path: Path) -> None:
    dumps = []
    for name in ("a.db", "b.db"):
        with SqlStore(f"sqlite:///{tmp_path / name}") as opened:
            opened.begin_run(STARTED, "f")
            opened.save(origin_call())
            opened.save(failed_call())
        dumps.append(dump(tmp_path / name))
    assert dumps[0] == dumps[1]


def test_outcomes_come_by_falling_score_with_failures_last(store: SqlStore) -> None:
    for outcome in (
        failed_call("b.mp3", sha256=None),
        judged("1" * 64, 20, "c.wav"),
        judged("2" * 64, 80, "z.wav"),
        judged("3" * 64, 20, "a.wav"),
        failed_call("a.mp3", sha256=None),
    ):
        store.save(outcome)
    names = [(o.path if isinstance(o, FailedCall) else o.analysis.call.recording.path).name for o in store.outcomes()]
    assert names == ["z.wav", "a.wav", "c.wav", "a.mp3", "b.mp3"]


def test_two_files_with_the_same_bytes_fail_on_a_row_each(store: SqlStore) -> None:
    store.save(failed_call("a.wav", sha256="0" * 64, code="audio.empty"))
    store.save(failed_call("b.wav", sha256="0" * 64, code="audio.empty"))
    assert len(list(store.outcomes())) == 2


def test_a_failure_without_digest_is_keyed_by_its_path(store: SqlStore) -> None:
    store.save(failed_call("a.wav", sha256=None, code="audio.missing"))
    store.save(failed_call("a.wav", sha256=None, code="audio.unreadable"))
    assert [outcome.code for outcome in store.outcomes() if isinstance(outcome, FailedCall)] == ["audio.unreadable"]


@pytest.mark.parametrize("digest", ["1" * 64, "2" * 64, None])
def test_a_judged_call_clears_the_failure_of_the_same_file(store: SqlStore, digest: str | None) -> None:
    store.save(failed_call("one.wav", sha256=digest))
    store.save(judged("1" * 64))
    assert list(store.outcomes()) == [judged("1" * 64)]


def test_a_judged_call_leaves_other_failures_alone(store: SqlStore) -> None:
    store.save(failed_call("other.wav", sha256="2" * 64))
    store.save(judged("1" * 64))
    assert len(list(store.outcomes())) == 2


@pytest.mark.parametrize("name", ["one.wav", "copy.wav"])
@pytest.mark.parametrize("digest", ["1" * 64, None])
def test_a_failure_stands_beside_what_was_judged_before(store: SqlStore, name: str, digest: str | None) -> None:
    call = judged("1" * 64)
    call = replace(call, findings=(make_finding(),), score=50.0)
    failure = failed_call(name, sha256=digest, code="speech.engine", stage="transcribe")
    store.save(call)
    store.save(failure)
    assert list(store.outcomes()) == [call, failure]
    assert store.finished("1" * 64, "test") == (Severity.MAJOR,)


def test_a_failure_that_was_overcome_is_gone(store: SqlStore) -> None:
    store.save(judged("1" * 64))
    store.save(failed_call("one.wav", sha256="1" * 64, stage="transcribe"))
    store.save(judged("1" * 64))
    assert list(store.outcomes()) == [judged("1" * 64)]


@pytest.mark.parametrize(
    ("sha256", "fingerprint", "expected"),
    [("1" * 64, "test", ()), ("1" * 64, "other", None), ("2" * 64, "test", None), ("1" * 63, "test", None)],
)
def test_only_the_same_bytes_and_fingerprint_are_finished(
    store: SqlStore, sha256: str, fingerprint: str, expected: tuple[Severity, ...] | None
) -> None:
    store.save(judged("1" * 64))
    assert store.finished(sha256, fingerprint) == expected


def test_what_is_finished_comes_with_the_severities_of_its_findings(store: SqlStore) -> None:
    found = tuple(
        make_finding(finding_id=severity.value, severity=severity) for severity in (Severity.MINOR, Severity.CRITICAL)
    )
    store.save(replace(judged("1" * 64), findings=found))
    store.save(judged("2" * 64, name="two.wav"))
    assert sorted(store.finished("1" * 64, "test") or ()) == [Severity.CRITICAL, Severity.MINOR]
    assert store.finished("2" * 64, "test") == ()


def test_a_failed_call_is_never_finished(store: SqlStore) -> None:
    store.save(failed_call(sha256="1" * 64))
    assert store.finished("1" * 64, "") is None


def test_calls_are_listed_in_the_order_of_outcomes(store: SqlStore) -> None:
    for outcome in (failed_call("b.mp3", code="audio.empty"), judged("1" * 64, 20), judged("2" * 64, 80, "two.wav")):
        store.save(outcome)
    assert [(call.call_id, call.path.name, call.score, call.code) for call in store.calls()] == [
        ("two", "two.wav", 80.0, None),
        ("one", "one.wav", 20.0, None),
        ("b", "b.mp3", 0.0, "audio.empty"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("one", ["one"]),
        ("one.wav", ["one"]),
        ("calls/one.wav", ["one"]),
        ("abcdef", ["one"]),
        ("ABCDEF12", ["one"]),
        ("abcde", []),
        ("bcdef1", []),
        ("on", []),
        ("%", []),
        ("' OR 1=1 --", []),
        ("two", ["two"]),
        ("three.b", ["other"]),
        ("three", []),
        ("thre_.b", []),
    ],
)
def test_a_call_is_found_by_id_name_path_or_digest(store: SqlStore, text: str, found: list[str]) -> None:
    store.save(judged("abcdef12" + "0" * 56))
    store.save(failed_call("two.mp3"))
    call = make_call(call_id="other", recording=make_recording(sha256="9" * 64, path=Path("calls/three.b.wav")))
    store.save(make_judged(analysis=make_analysis(call=call)))
    calls = [o.call_id if isinstance(o, FailedCall) else o.analysis.call.call_id for o in store.find_calls(text)]
    assert calls == found


def test_a_run_keeps_its_times_counts_and_outcomes(store: SqlStore, path: Path) -> None:
    run_id = store.begin_run(STARTED, "fingerprint")
    store.save(clean_call())
    store.finish_run(run_id, STARTED.replace(hour=2), {"done": 1, "failed": 0})
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT started_at, finished_at, fingerprint, counts FROM runs").fetchone()
    assert row == ("2026-11-21T01:00:00+00:00", "2026-11-21T02:00:00+00:00", "fingerprint", '{"done":1,"failed":0}')
    assert connection.execute("SELECT run_id FROM outcomes").fetchone() == (run_id,)
    connection.close()


def test_outcomes_of_one_run_are_those_it_saved_last(store: SqlStore) -> None:
    assert store.runs() == ()
    first = store.begin_run(STARTED, "f")
    for outcome in (judged("1" * 64, 10, "one.wav"), judged("2" * 64, 20, "two.wav"), failed_call("b.mp3")):
        store.save(outcome)
    store.finish_run(first, STARTED, {})
    second = store.begin_run(STARTED, "f")
    assert store.runs() == (first, second)
    assert list(store.outcomes(second)) == []
    store.save(judged("1" * 64, 30, "one.wav"))
    store.save(judged("3" * 64, 40, "three.wav"))
    assert list(store.outcomes(second)) == [judged("3" * 64, 40, "three.wav"), judged("1" * 64, 30, "one.wav")]
    assert list(store.outcomes(first)) == [judged("2" * 64, 20, "two.wav"), failed_call("b.mp3")]
    assert list(store.outcomes(second + 1)) == []
    assert len(list(store.outcomes())) == 4


@pytest.mark.parametrize("text", ["\udcb2\udce2", "json:{}", "a\0b", "😀 𠮷"])
def test_any_text_survives(store: SqlStore, text: str) -> None:
    call = make_call(call_id=text, recording=make_recording(path=Path(f"calls/{text.replace(chr(0), '')}.wav")))
    utterances = (make_utterance(text),)
    odd = make_judged(analysis=make_analysis(utterances, call=call), findings=(make_finding(quote=text),))
    store.save(odd)
    assert list(store.outcomes()) == [odd]
    assert store.find_calls(text) == (odd,)


def test_the_file_is_durable_and_checks_its_references(path: Path, store: SqlStore) -> None:
    with store._reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_an_outcome_that_breaks_halfway_leaves_nothing(store: SqlStore) -> None:
    store.save(clean_call())
    unstorable = make_judged((make_utterance("真是不要脸", avg_logprob=math.nan),))
    with pytest.raises(StorageError) as caught:
        store.save(unstorable)
    assert caught.value.code == "storage.failed"
    assert "不要脸" not in f"{caught.value}{caught.value.__cause__}"
    assert list(store.outcomes()) == [clean_call()]


def test_a_reader_is_not_stopped_by_a_writer(path: Path, store: SqlStore) -> None:
    store.save(clean_call())
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert list(store.outcomes()) == [clean_call()]
    writer.close()


def test_a_database_in_use_is_reported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 50)
    with SqlStore(f"sqlite:///{path}") as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError) as caught:
            store.save(clean_call())
        other.close()
    assert caught.value.code == "storage.locked"
    assert str(path) in caught.value.message


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"RIFF" + bytes(4096))
    with pytest.raises(StorageError) as caught:
        SqlStore(f"sqlite:///{tmp_path}/no.db")
    assert caught.value.code == "storage.corrupt"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outcomes SET hangup = '{\"at_ms\": 1}' WHERE status = 'done'",
        "UPDATE outcomes SET acoustics = '{' WHERE status = 'done'",
        "UPDATE outcomes SET call = NULL WHERE status = 'done'",
        "UPDATE findings SET severity = 'dire'",
        "UPDATE utterances SET end_ms = -1",
        "PRAGMA foreign_keys = OFF; DELETE FROM recordings",
    ],
)
def test_a_row_that_makes_no_sense_is_reported(path: Path, store: SqlStore, damage: str) -> None:
    store.save(origin_call())
    connection = sqlite3.connect(path)
    connection.executescript(damage)
    connection.close()
    with pytest.raises(StorageError) as caught:
        list(store.outcomes())
    assert caught.value.code == "storage.corrupt"


def test_a_read_only_database_is_reported(path: Path) -> None:
    SqlStore(f"sqlite:///{path}").close()
    with SqlStore(f"sqlite:///file:{path}?mode=ro&uri=true") as store, pytest.raises(StorageError) as caught:
        store.save(clean_call())
    assert caught.value.code == "storage.readonly"


def test_a_full_disk_is_reported(path: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with store._reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = tuple(make_utterance("喂" * 200, start_ms=n * 50_000, index=n) for n in range(100))
    with pytest.raises(StorageError) as caught:
        store.save(make_judged(many))
    assert caught.value.code == "storage.full"


@pytest.mark.parametrize(
    "address",
    [
        "night.db",
        "",
        "sqlite:////no/such/folder/callaudit.db",
        "nosuchdb://host/calls",
    ],
)
def test_an_address_that_leads_nowhere_is_reported(address: str) -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore(address)
    assert caught.value.code == "storage.address"
    assert "sqlite:///" in caught.value.hint


def test_a_missing_database_is_made_only_where_it_may_be(path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore(f"sqlite:///{path}", to_read=True)
    assert caught.value.code == "storage.missing"
    assert not path.exists()
    SqlStore(f"sqlite:///{path}").close()
    SqlStore(f"sqlite:///{path}", to_read=True).close()


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore("nosuchdb://me:secret@host/calls")
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


def test_two_processes_may_open_a_new_database_together(path: Path) -> None:
    with SqlStore(f"sqlite:///{path}") as first, SqlStore(f"sqlite:///{path}") as second:
        first.save(clean_call())
        second.save(origin_call())
        assert len(list(first.outcomes())) == 2


def modes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize("name", ["callaudit.db", "a?b#c%41 d.db", "\udcb2\udce2.db"])
def test_a_new_database_and_its_side_files_are_private(tmp_path: Path, name: str) -> None:
    with SqlStore(sqlite_address(tmp_path / name)) as store:
        store.save(clean_call())
        assert modes(tmp_path) == {f"{name}{ending}": 0o600 for ending in ("", "-wal", "-shm")}


@pytest.mark.usefixtures("open_umask")
def test_a_new_database_behind_a_link_is_private(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "calls.db")
    SqlStore(f"sqlite:///{tmp_path}/link.db").close()
    assert modes(tmp_path / "real") == {"calls.db": 0o600}


def test_the_mode_of_a_database_that_is_there_is_left_alone(path: Path) -> None:
    path.touch()
    path.chmod(0o640)
    SqlStore(f"sqlite:///{path}").close()
    assert modes(path.parent) == {path.name: 0o640}


def test_an_address_that_may_not_make_a_file_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        SqlStore(f"sqlite:///file:{tmp_path}/no.db?mode=rw&uri=true")
    assert modes(tmp_path) == {}


def test_a_store_tells_its_address(path: Path, store: SqlStore) -> None:
    assert store.address == f"sqlite:///{path}"
