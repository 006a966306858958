"""What may befall a database: no room, no rights, damage, a killed process, any statement that fails."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event

from callaudit.domain.analysis import CallOutcome, HeardCall
from callaudit.domain.runs import Attempts
from callaudit.errors import StorageError
from callaudit.storage import engine as engine_module
from callaudit.storage.store import SqlStore
from tests.builders import make_finding, make_judged, make_utterance
from tests.reports.origin_case import clean_call, failed_call, origin_call

SHA = "5e" * 32


def code_of(work: Callable[[], object]) -> str | None:
    """Code of the error that some work ends in; None where it does not."""
    try:
        work()
    except StorageError as error:
        return error.code
    return None


def heard() -> HeardCall:
    analysis = origin_call(SHA).analysis
    return HeardCall(recording=analysis.call.recording, acoustics=analysis.acoustics, transcript=analysis.transcript)


def long_call() -> CallOutcome:
    return make_judged(tuple(make_utterance("喂" * 200, start_ms=n * 50_000, index=n) for n in range(100)))


WRITES: dict[str, Callable[[SqlStore], object]] = {
    "save": lambda store: store.save(long_call()),
    "keep_heard": lambda store: store.keep_heard(
        replace(heard(), acoustics=replace(heard().acoustics, peaks=((50,) * 60_000,))), "ears"
    ),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_on_a_full_disk_what_was_kept_stays_and_the_run_goes_on_later(
    file_store: SqlStore, write: Callable[[SqlStore], object]
) -> None:
    file_store.save(clean_call())
    file_store.begin_attempt(SHA)
    with file_store._reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            write(file_store)
        assert caught.value.code == "storage.full"
        assert "free space" in caught.value.hint
    assert list(file_store.outcomes()) == [clean_call()]
    assert file_store.open_attempts() == {SHA: Attempts(1, 0)}
    assert file_store.heard(SHA, "ears") is None
    with file_store._reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    write(file_store)
    assert file_store.verify(lambda path: None).is_sound


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept").chmod(0o555)
    with pytest.raises(StorageError) as caught:
        SqlStore(f"sqlite:///{tmp_path}/kept/new.db")
    assert caught.value.code == "storage.address"
    (tmp_path / "kept").chmod(0o755)


def test_a_file_that_turns_read_only_is_told(path: Path, file_store: SqlStore) -> None:
    file_store.save(clean_call())
    with SqlStore(f"sqlite:///file:{path}?mode=ro&uri=true") as reader:
        for operation in OPERATIONS.values():
            assert code_of(lambda operation=operation: operation(reader)) == "storage.readonly"
        assert list(reader.outcomes()) == [clean_call()]


def test_a_writer_that_does_not_let_go_is_told_and_what_follows_works(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 30)
    with SqlStore(f"sqlite:///{path}") as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for write in (
            lambda: store.save(clean_call()),
            lambda: store.begin_attempt(SHA),
            lambda: store.note_crash(SHA),
        ):
            with pytest.raises(StorageError) as caught:
                write()
            assert caught.value.code == "storage.locked"
        assert store.finished(SHA, "f") is None  # readers do not wait
        other.close()
        store.save(clean_call())
        assert list(store.outcomes()) == [clean_call()]


def filled(path: Path, number: int) -> None:
    with SqlStore(f"sqlite:///{path}") as store:
        for n in range(number):
            store.save(replace(clean_call(f"{n:064x}", f"call{n}"), findings=(make_finding(quote="坏话" * 50),)))


@pytest.mark.parametrize("page", range(3, 24, 4))
def test_a_damaged_page_is_found_and_never_a_traceback(path: Path, page: int) -> None:
    filled(path, 25)
    with path.open("r+b") as file:
        file.seek(page * 4096)
        torn = bytes(byte ^ 0xFF for byte in file.read(4096))
        file.seek(page * 4096)
        file.write(torn)

    def use() -> None:
        with SqlStore(f"sqlite:///{path}") as store:
            assert not store.verify(lambda path: None).is_sound
            assert code_of(lambda: list(store.outcomes())) in (None, "storage.corrupt")
            assert code_of(lambda: store.save(clean_call())) in (None, "storage.corrupt")

    assert code_of(use) in (None, "storage.corrupt")


@pytest.mark.parametrize("cut_bytes", [1, 4096, 40_000, 100_000])
def test_a_log_that_lost_its_end_loses_the_last_outcomes_and_halves_none(path: Path, cut_bytes: int) -> None:
    saved = [replace(clean_call(f"{n:064x}", f"call{n}"), findings=(make_finding(),)) for n in range(20)]
    with SqlStore(f"sqlite:///{path}") as store:
        for outcome in saved:
            store.save(outcome)
        log = Path(f"{path}-wal").read_bytes()
        left = path.read_bytes()
    path.write_bytes(left)
    Path(f"{path}-wal").write_bytes(log[:-cut_bytes])
    with SqlStore(f"sqlite:///{path}") as store:
        kept = list(store.outcomes())
        assert [outcome for outcome in saved if outcome in kept] == saved[: len(kept)]
        assert 0 < len(kept) < len(saved)
        assert store.verify(lambda path: None).is_sound


OPERATIONS: dict[str, Callable[[SqlStore], object]] = {
    "judged": lambda store: store.save(origin_call(SHA)),
    "judged anew": lambda store: store.save(replace(origin_call(SHA), score=1.0, findings=())),
    "failed": lambda store: store.save(failed_call("one.wav", sha256=SHA, code="batch.quarantined")),
    "heard": lambda store: store.keep_heard(heard(), "ears"),
    "linked": lambda store: store.link(Path("calls/copy.wav"), SHA),
    "begun": lambda store: store.begin_attempt(SHA),
    "crashed": lambda store: store.note_crash(SHA),
}


def everything(store: SqlStore) -> tuple[object, ...]:
    return (
        list(store.outcomes()),
        store.open_attempts(),
        store.heard(SHA, "old ears"),
        store.heard(SHA, "ears"),
        [call.copies for call in store.calls()],
        store.failed(Path("calls/one.wav"), SHA, ""),
    )


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_whichever_statement_fails_all_is_as_before_and_works_the_next_time(
    file_store: SqlStore, name: str, for_good: bool
) -> None:
    """The first statement that fails is the first, then the second, and so on to the commit."""
    operation, seen = OPERATIONS[name], iter(count())
    fails_at = 10**9

    def fail(*_: object) -> None:
        number = next(seen)
        if number == fails_at or (for_good and number > fails_at):
            raise sqlite3.OperationalError("disk I/O error")

    file_store.save(origin_call(SHA))
    file_store.save(failed_call("copy.wav", sha256=SHA))
    file_store.keep_heard(heard(), "old ears")
    file_store.begin_attempt(SHA)
    before = everything(file_store)
    for moment in ("before_cursor_execute", "commit"):
        event.listen(file_store._engine, moment, fail)
    for n in count():
        fails_at, seen = n, iter(count())
        code = code_of(lambda: operation(file_store))
        fails_at = 10**9
        if code is None:
            break
        assert code == "storage.failed"
        assert everything(file_store) == before
    assert n >= 3
    after = everything(file_store)
    assert after != before
    assert file_store.verify(lambda path: None).is_sound


def test_a_writer_killed_twenty_times_has_kept_what_it_said_it_had(path: Path) -> None:
    command = [sys.executable, "-m", "tests.storage.killed_writer", str(path), "20"]
    root = Path(__file__).parents[2]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    rounds = [int(number) for number in said.stdout.split()]
    assert len(rounds) == 20
    assert sum(rounds) > 20  # outcomes acknowledged: the kills came in the midst of work
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
