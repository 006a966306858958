"""Random histories of the two ledgers, in a database and in memory, side by side."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import event

from callaudit.batch.memory import MemoryLedger
from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import HeardCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.storage.store import SqlStore
from tests.builders import (
    make_acoustics,
    make_analysis,
    make_call,
    make_finding,
    make_judged,
    make_recording,
    make_transcript,
)
from tests.reports.origin_case import failed_call

DIGESTS = st.sampled_from(["a" * 64, "b" * 64, "c" * 64])
PATHS = st.sampled_from([Path(f"calls/{name}.wav") for name in "pqrs"])
PRINTS = st.sampled_from(["old", "new"])
HISTORIES = settings(max_examples=100, stateful_step_count=30, deadline=None)
STATES = st.builds(ObjectState, size_bytes=st.sampled_from([None, 1, 2]), tag=st.sampled_from([None, "v1", "v2"]))
SEVERITIES = st.lists(st.sampled_from(Severity), max_size=2)


def judged(sha256: str, path: Path, fingerprint: str, severities: list[Severity], **changes: Any) -> JudgedCall:
    call = make_call(call_id=path.stem, recording=make_recording(sha256=sha256, path=path))
    found = tuple(make_finding(finding_id=str(n), severity=severity) for n, severity in enumerate(severities))
    return make_judged(analysis=make_analysis(call=call), findings=found, fingerprint=fingerprint, **changes)


def heard(sha256: str, engine: str) -> HeardCall:
    return HeardCall(
        recording=make_recording(sha256=sha256), acoustics=make_acoustics(), transcript=make_transcript(engine=engine)
    )


class LedgerMachine(RuleBasedStateMachine):
    """What happens to a ledger in any order, and what it is asked."""

    store: SqlStore
    file: Path

    @initialize()
    def begin_anew(self) -> None:
        self.store.close()
        shutil.copy(self.file.with_name("new.db"), self.file)
        self.model = MemoryLedger()

    @rule()
    def close_all_connections(self) -> None:
        self.store.close()  # the next question opens the file again

    def teardown(self) -> None:
        self.nothing_is_lost_and_nothing_there_twice()

    @rule(sha256=DIGESTS)
    def begin(self, sha256: str) -> None:
        for ledger in (self.store, self.model):
            ledger.begin_attempt(sha256)

    @rule(sha256=DIGESTS)
    def end(self, sha256: str) -> None:
        for ledger in (self.store, self.model):
            ledger.end_attempt(sha256)

    @rule(sha256=DIGESTS)
    def crash(self, sha256: str) -> None:
        assert self.store.note_crash(sha256) == self.model.note_crash(sha256)

    @rule(sha256=DIGESTS, path=PATHS, fingerprint=PRINTS, severities=SEVERITIES, is_copy=st.booleans())
    def done(self, sha256: str, path: Path, fingerprint: str, severities: list[Severity], is_copy: bool) -> None:
        outcome = judged(sha256, path, fingerprint, severities, is_copy=is_copy)
        for ledger in (self.store, self.model):
            ledger.save(outcome)

    @rule(sha256=DIGESTS | st.none(), path=PATHS, fingerprint=PRINTS)
    def fail(self, sha256: str | None, path: Path, fingerprint: str) -> None:
        outcome = failed_call(path.name, sha256=sha256, fingerprint=fingerprint, code="batch.quarantined")
        for ledger in (self.store, self.model):
            ledger.save(outcome)

    @rule(sha256=DIGESTS, path=PATHS)
    def link(self, sha256: str, path: Path) -> None:
        for ledger in (self.store, self.model):
            ledger.link(path, sha256)

    @rule(sha256=DIGESTS, fingerprint=PRINTS, engine=st.sampled_from(["whisper", "other"]))
    def hear(self, sha256: str, fingerprint: str, engine: str) -> None:
        for ledger in (self.store, self.model):
            ledger.keep_heard(heard(sha256, engine), fingerprint)

    @rule(sha256=DIGESTS, path=PATHS, state=STATES)
    def fetch(self, sha256: str, path: Path, state: ObjectState) -> None:
        for ledger in (self.store, self.model):
            ledger.note_fetched(path, state, sha256)

    @rule(states=st.dictionaries(PATHS, STATES))
    def list_objects(self, states: dict[Path, ObjectState]) -> None:
        assert self.store.fetched_before(states) == self.model.fetched_before(states)

    @rule(sha256=DIGESTS, fingerprint=PRINTS, path=PATHS)
    def ask(self, sha256: str, fingerprint: str, path: Path) -> None:
        for copy_at in (None, path):
            told = [ledger.finished(sha256, fingerprint, copy_at) for ledger in (self.store, self.model)]
            assert len({None if severities is None else tuple(sorted(severities)) for severities in told}) == 1
        assert self.store.path_of(sha256) == self.model.path_of(sha256)
        assert self.store.failed(path, sha256, fingerprint) == self.model.failed(path, sha256, fingerprint)
        assert self.store.heard(sha256, fingerprint) == self.model.heard(sha256, fingerprint)

    @rule()
    def nothing_is_lost_and_nothing_there_twice(self) -> None:
        kept = list(self.store.outcomes())
        assert sorted(map(repr, kept)) == sorted(map(repr, self.model.outcomes))
        assert self.store.open_attempts() == self.model.open_attempts()
        for (sha256, copy_at), outcome in self.model.kept.items():
            if sha256 and copy_at is None:
                linked = sorted(path for path, digest in self.model.links.items() if digest == sha256)
                assert list(self.store.copies_of(outcome)) == linked


def test_any_history_leaves_the_same_in_either_ledger(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    SqlStore(f"sqlite:///{file}").close()
    shutil.copy(file, tmp_path / "new.db")
    with SqlStore(f"sqlite:///{file}") as store:  # one for all: it compiles its statements once
        # No history cuts the power: nothing need wait for the disk.
        event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        LedgerMachine.store, LedgerMachine.file = store, file
        run_state_machine_as_test(LedgerMachine, settings=HISTORIES)
