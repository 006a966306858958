"""Random histories of a ledger against a model of it that fits on a page."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import event

from callaudit.domain.analysis import CallOutcome, FailedCall, HeardCall, JudgedCall
from callaudit.domain.findings import Severity
from callaudit.domain.runs import Attempts
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
SEVERITIES = st.lists(st.sampled_from(Severity), max_size=2)


def judged(sha256: str, path: Path, fingerprint: str, severities: list[Severity], **changes: Any) -> JudgedCall:
    call = make_call(call_id=path.stem, recording=make_recording(sha256=sha256, path=path))
    found = tuple(make_finding(finding_id=str(n), severity=severity) for n, severity in enumerate(severities))
    return make_judged(analysis=make_analysis(call=call), findings=found, fingerprint=fingerprint, **changes)


def heard(sha256: str, engine: str) -> HeardCall:
    return HeardCall(
        recording=make_recording(sha256=sha256), acoustics=make_acoustics(), transcript=make_transcript(engine=engine)
    )


@dataclass
class Model:
    """What a ledger has to know, in dictionaries."""

    done: dict[str, JudgedCall] = field(default_factory=dict)
    """By digest."""
    apart: dict[tuple[str, Path], JudgedCall] = field(default_factory=dict)
    """Copies judged on their own, by digest and path."""
    failed: dict[Path, FailedCall] = field(default_factory=dict)
    links: dict[Path, str] = field(default_factory=dict)
    begun: dict[str, Attempts] = field(default_factory=dict)
    heard: dict[str, tuple[str, HeardCall]] = field(default_factory=dict)

    def save(self, outcome: CallOutcome) -> None:
        if isinstance(outcome, FailedCall):
            path, sha256 = outcome.path, outcome.sha256
            self.failed[path] = outcome
        else:
            path, sha256 = outcome.analysis.call.recording.path, outcome.analysis.call.recording.sha256
            self.failed.pop(path, None)
            if outcome.is_copy:
                self.apart[sha256, path] = outcome
            else:
                self.done[sha256] = outcome
                self.failed = {where: what for where, what in self.failed.items() if what.sha256 != sha256}
        self.links.pop(path, None)
        self.begun.pop(sha256 or "", None)

    def link(self, path: Path, sha256: str) -> None:
        if sha256 in self.done and self.done[sha256].analysis.call.recording.path == path:
            return
        self.failed.pop(path, None)
        self.apart.pop((sha256, path), None)
        self.links[path] = sha256

    def outcomes(self) -> list[CallOutcome]:
        return [*self.done.values(), *self.apart.values(), *self.failed.values()]


class LedgerMachine(RuleBasedStateMachine):
    """What happens to a ledger in any order, and what it is asked."""

    store: SqlStore
    file: Path

    @initialize()
    def begin_anew(self) -> None:
        self.store.close()
        shutil.copy(self.file.with_name("new.db"), self.file)
        self.model = Model()

    @rule()
    def close_all_connections(self) -> None:
        self.store.close()  # the next question opens the file again

    def teardown(self) -> None:
        self.nothing_is_lost_and_nothing_there_twice()

    @rule(sha256=DIGESTS)
    def begin(self, sha256: str) -> None:
        self.store.begin_attempt(sha256)
        before = self.model.begun.get(sha256, Attempts())
        self.model.begun[sha256] = replace(before, begun=before.begun + 1)

    @rule(sha256=DIGESTS)
    def crash(self, sha256: str) -> None:
        before = self.model.begun.get(sha256, Attempts(begun=1))
        self.model.begun[sha256] = replace(before, crashed=before.crashed + 1)
        assert self.store.note_crash(sha256) == self.model.begun[sha256]

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
        self.store.keep_heard(heard(sha256, engine), fingerprint)
        self.model.heard[sha256] = fingerprint, heard(sha256, engine)

    @rule(sha256=DIGESTS, fingerprint=PRINTS, path=PATHS)
    def ask(self, sha256: str, fingerprint: str, path: Path) -> None:
        for copy_at, known in ((None, self.model.done.get(sha256)), (path, self.model.apart.get((sha256, path)))):
            is_known = known is not None and known.fingerprint == fingerprint
            expected = sorted(finding.severity for finding in known.findings) if known and is_known else None
            told = self.store.finished(sha256, fingerprint, copy_at)
            assert (None if told is None else sorted(told)) == expected
        failure = self.model.failed.get(path)
        is_same = failure is not None and (failure.sha256, failure.fingerprint) == (sha256, fingerprint)
        assert self.store.failed(path, sha256, fingerprint) == (failure if is_same else None)
        kept_by, kept = self.model.heard.get(sha256, ("", None))
        assert self.store.heard(sha256, fingerprint) == (kept if kept_by == fingerprint else None)

    @rule()
    def nothing_is_lost_and_nothing_there_twice(self) -> None:
        kept = list(self.store.outcomes())
        assert sorted(map(repr, kept)) == sorted(map(repr, self.model.outcomes()))
        assert self.store.open_attempts() == self.model.begun
        for sha256, outcome in self.model.done.items():
            linked = sorted(path for path, digest in self.model.links.items() if digest == sha256)
            assert list(self.store.copies_of(outcome)) == linked


def test_any_history_of_a_ledger_is_that_of_its_model(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    SqlStore(f"sqlite:///{file}").close()
    shutil.copy(file, tmp_path / "new.db")
    with SqlStore(f"sqlite:///{file}") as store:  # one for all: it compiles its statements once
        # No history cuts the power: nothing need wait for the disk.
        event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        LedgerMachine.store, LedgerMachine.file = store, file
        run_state_machine_as_test(LedgerMachine, settings=HISTORIES)
