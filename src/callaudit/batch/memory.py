"""A ledger that lives as long as the process: for evaluations and for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from callaudit.domain.analysis import CallOutcome


@dataclass(slots=True)
class MemoryLedger:
    """Keeps outcomes in a list and has never seen a recording before."""

    outcomes: list[CallOutcome] = field(default_factory=list)

    def save(self, outcome: CallOutcome) -> None:
        """Keep one outcome."""
        self.outcomes.append(outcome)

    def finished(self, sha256: str, fingerprint: str) -> None:
        """Nothing is finished before it was scanned here."""
