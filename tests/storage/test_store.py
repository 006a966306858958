from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callaudit.domain.analysis import FailedCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import TimeSpan
from callaudit.errors import StorageError
from callaudit.ports import OutcomeStore
from callaudit.storage.address import parse_address, without_secrets
from callaudit.storage.schema import metadata
from callaudit.storage.store import SqlStore
from tests.builders import make_analysis, make_call, make_finding, make_judged, make_recording, make_utterance
from tests.reports.origin_case import clean_call, failed_call, origin_call
from tests.storage.conftest import execute

MUSIC = HoldSource.MUSIC
STARTED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def judged(sha256: str, score: float = 0.0, name: str = "one.wav", fingerprint: str = "test") -> JudgedCall:
    call = make_call(call_id=Path(name).stem, recording=make_recording(sha256=sha256, path=Path("calls") / name))
    return make_judged(analysis=make_analysis(call=call), score=score, fingerprint=fingerprint)


def dump(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    tables = metadata.sorted_tables
    keys = [", ".join(f'"{column.name}"' for column in table.primary_key) for table in tables]
    return {
        table.name: execute(address, f"SELECT * FROM {table.name} ORDER BY {key}")
        for table, key in zip(tables, keys, strict=True)
    }


def count(address: str, table: str) -> int:
    return int(execute(address, f"SELECT count(*) FROM {table}")[0][0])


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


def test_saving_the_same_outcome_again_changes_nothing(store: SqlStore, address: str) -> None:
    for outcome in (origin_call(), failed_call()):
        store.save(outcome)
    before = dump(address)
    for outcome in (origin_call(), failed_call()):
        store.save(outcome)
    assert dump(address) == before


def test_a_new_outcome_takes_the_place_of_the_old_one_with_all_its_parts(store: SqlStore, address: str) -> None:
    store.save(origin_call())
    milder = replace(origin_call(), findings=origin_call().findings[:1], score=10.0, fingerprint="newer")
    store.save(milder)
    assert list(store.outcomes()) == [milder]
    assert count(address, "findings") == 1
    assert count(address, "recordings") == 1


def test_the_same_outcomes_make_the_same_contents(new_address: Callable[[], str]) -> None:
    dumps = []
    for address in (new_address(), new_address()):
        with SqlStore(address) as opened:
            opened.begin_run(STARTED, "f")
            opened.save(origin_call())
            opened.save(failed_call())
        dumps.append(dump(address))
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


def test_a_run_keeps_its_times_counts_and_outcomes(store: SqlStore, address: str) -> None:
    run_id = store.begin_run(STARTED, "fingerprint")
    store.save(clean_call())
    store.finish_run(run_id, STARTED.replace(hour=2), {"done": 1, "failed": 0})
    (row,) = execute(address, "SELECT started_at, finished_at, fingerprint, CAST(counts AS TEXT) FROM runs")
    assert row == ("2026-11-21T01:00:00+00:00", "2026-11-21T02:00:00+00:00", "fingerprint", '{"done":1,"failed":0}')
    assert execute(address, "SELECT run_id FROM outcomes") == [(run_id,)]


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


def test_an_outcome_that_breaks_halfway_leaves_nothing(store: SqlStore) -> None:
    store.save(clean_call())
    unstorable = make_judged((make_utterance("真是不要脸", avg_logprob=None),))
    with pytest.raises(StorageError) as caught:
        store.save(unstorable)
    assert caught.value.code == "storage.failed"
    assert "不要脸" not in "".join(traceback.format_exception(caught.value))
    assert list(store.outcomes()) == [clean_call()]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE outcomes SET hangup = '{\"at_ms\": 1}' WHERE status = 'done'",
        "UPDATE outcomes SET acoustics = '[]' WHERE status = 'done'",
        "UPDATE outcomes SET call = NULL WHERE status = 'done'",
        "UPDATE findings SET severity = 'dire'",
        "UPDATE utterances SET end_ms = -1",
    ],
)
def test_a_row_that_makes_no_sense_is_reported(store: SqlStore, address: str, damage: str) -> None:
    store.save(origin_call())
    execute(address, damage)
    with pytest.raises(StorageError) as caught:
        list(store.outcomes())
    assert caught.value.code == "storage.corrupt"


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


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore("nosuchdb://me:secret@host/calls")
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


def test_two_processes_may_open_a_new_database_together(address: str) -> None:
    with SqlStore(address) as first, SqlStore(address) as second:
        first.save(clean_call())
        second.save(origin_call())
        assert len(list(first.outcomes())) == 2


def test_a_store_tells_its_address_without_the_password(store: SqlStore, address: str) -> None:
    assert store.address == without_secrets(parse_address(address))
