"""Writes outcomes in child processes and kills each in the midst of it; run by `test_faults`, as a program.

    python -m tests.storage.killed_writer DATABASE ROUNDS

Prints how many outcomes each child acknowledged. Ends with a traceback where one of them is lost, halved or there
twice, or where an attempt outlives its outcome.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field, replace

from callaudit.domain.analysis import HeardCall, JudgedCall
from callaudit.storage.store import SqlStore
from tests.reports.origin_case import origin_call

CALLS = 15
"""Fewer than a child can save: they are saved again and again."""


def call(number: int, turn: int) -> JudgedCall:
    """A call as it was judged in one turn."""
    return replace(origin_call(f"{number:064x}"), fingerprint=f"turn {turn}", score=turn % 100)


def write(address: str, turn: int, tell: int) -> None:
    """Begin, hear and save calls for ever; tell the number of each that is saved."""
    with SqlStore(address) as store, store.exclusive():
        for number in range(10**9):
            judged = call(number % CALLS, turn)
            analysis = judged.analysis
            sha256 = analysis.call.recording.sha256
            store.begin_attempt(sha256)
            store.keep_heard(
                HeardCall(
                    recording=analysis.call.recording, acoustics=analysis.acoustics, transcript=analysis.transcript
                ),
                f"turn {turn}",
            )
            store.save(judged)
            os.write(tell, f"{number}\n".encode())


def killed(address: str, turn: int, after_s: float) -> list[int]:
    """Run a writer for a while and kill it; what it had acknowledged."""
    reader, teller = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        write(address, turn, teller)
    os.close(teller)
    with os.fdopen(reader) as told:
        begun = told.readline()  # not before it writes
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return [int(line) for line in (begun + told.read()).split()]


@dataclass
class Account:
    """What is known of the database."""

    turns: dict[int, int] = field(default_factory=dict)
    """Turn of the outcome that is kept, by call."""
    begun: set[int] = field(default_factory=set)
    """Calls that a writer was at when it was killed and that none has saved since."""

    def check(self, address: str, turn: int, told: list[int]) -> None:
        """Compare the store with what was acknowledged, in this turn and before."""
        saved = {number % CALLS for number in told}
        self.turns.update(dict.fromkeys(saved, turn))
        self.begun = (self.begun - saved) | {(told[-1] + 1) % CALLS}
        with SqlStore(address) as store:
            kept = list(store.outcomes())
            by_number = {int(outcome.analysis.call.recording.sha256, 16): outcome for outcome in kept}
            assert len(by_number) == len(kept), "an outcome is there twice"
            assert by_number.keys() >= self.turns.keys(), "an outcome is lost"
            for number, outcome in by_number.items():
                # The one that was being saved may be of this turn without having been acknowledged.
                possible = {self.turns.get(number, turn)} | ({turn} if number in self.begun else set())
                assert outcome in [call(number, its) for its in possible], "an outcome is halved or old"
                self.turns[number] = int(outcome.fingerprint.removeprefix("turn "))
            open_ = {int(sha256, 16) for sha256 in store.open_attempts()}
            assert open_ <= self.begun, "an attempt outlived its outcome"
            assert store.verify(lambda path: None).is_sound


def main() -> None:
    """Kill writers, and look at what each left behind."""
    address, rounds = f"sqlite:///{sys.argv[1]}", int(sys.argv[2])
    chance, account = random.Random(20261121), Account()
    for turn in range(rounds):
        told = killed(address, turn, chance.uniform(0.0, 0.1))
        account.check(address, turn, told)
        sys.stdout.write(f"{len(told)}\n")


if __name__ == "__main__":
    main()
