"""Remote recordings that need not be fetched to be known: their store says of them what it said the last time."""

from __future__ import annotations

from collections.abc import Iterable

from callaudit.batch.intake import Intake, Taken, Waiting
from callaudit.batch.ledger import Ledger
from callaudit.batch.tasks import Fault
from callaudit.domain.analysis import CallSource, FailedCall


class FamiliarIntake:
    """Takes recordings without their bytes where these are known from an earlier run; once, then with them.

    A finished night of a bucket is run again in the time that its listing takes.

    Args:
        intake: takes the others.
        sources: all recordings of a run.
        ledger: knows what was fetched before; asked at once, in the thread that may.
    """

    def __init__(self, intake: Intake, sources: Iterable[CallSource | FailedCall], ledger: Ledger) -> None:
        self._intake = intake
        remote = (source for source in sources if isinstance(source, CallSource))
        states = {source.path: source.listed for source in remote if source.listed is not None}
        self._known = dict(ledger.fetched_before(states)) if states else {}

    def take(self, source: CallSource) -> Taken | Waiting | Fault:
        """As `Intake.take`; several threads may use it at once."""
        sha256 = self._known.pop(source.path, None)
        return self._intake.take(source) if sha256 is None else Taken(source, sha256, is_here=False)

    def must_fetch(self, source: CallSource) -> bool:
        """Whether a recording has to be fetched to be known."""
        return source.url is not None and source.path not in self._known
