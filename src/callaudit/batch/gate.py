"""Where recordings come in: what is to be worked on goes through, all else is accounted for at once."""

from __future__ import annotations

from dataclasses import dataclass

from callaudit.batch.admission import Admission, Decision, Work
from callaudit.batch.arrivals import Arrival, Arrivals
from callaudit.batch.books import Books
from callaudit.batch.intake import Intake, Taken, Waiting
from callaudit.batch.tasks import Fault
from callaudit.domain.analysis import FailedCall
from callaudit.domain.runs import SkippedCall, SkipReason


@dataclass(slots=True, eq=False)
class Gate:
    """Lets recordings in, up to the limit of a run."""

    admission: Admission
    intake: Intake
    books: Books
    arrivals: Arrivals
    limit: int | None = None
    """Recordings to work on at most."""
    is_dry: bool = False
    """Nothing is to be worked on."""
    begun: int = 0
    """Recordings let in, or of a dry run those that would be."""

    def admit(self, arrival: Arrival | FailedCall) -> Work | None:
        """What is to be done with a recording that has come in; None where it is accounted for already.

        Raises:
            StorageError: the ledger refuses.
        """
        if isinstance(arrival, FailedCall):
            self.books.save(arrival)
            return None
        source, taken = arrival
        if isinstance(taken, Waiting):
            self.books.count(SkippedCall(path=source.path, reason=SkipReason.STILL_WRITTEN))
        elif isinstance(taken, Fault):
            self.books.save(Work(Taken(source, None), self.admission.fingerprints(source)).fault(taken))
        elif isinstance(decision := self._decide(taken), Work) and not self.is_dry:
            return decision
        else:
            self.intake.release(taken)
            self._account_for(taken, decision)
        return None

    def _decide(self, taken: Taken) -> Decision:
        decision = self.admission.decide(taken)
        if not isinstance(decision, Work):
            return decision
        if self.begun == self.limit:
            return self._left_over(decision)
        self.begun += 1
        if self.begun == self.limit:
            self._leave_remote()
        return decision

    def _left_over(self, work: Work) -> SkippedCall:
        """Leave a recording to another run; those with the same bytes are no copies of a call then."""
        if work.sha256 and not work.is_copy:
            self.admission.forget(work.sha256)
        return SkippedCall(path=work.source.path, reason=SkipReason.OVER_LIMIT)

    def _leave_remote(self) -> None:
        """Fetch no more to learn what it is, where it is not going to be worked on."""
        for source in self.arrivals.leave_remote():
            self.books.count(SkippedCall(path=source.path, reason=SkipReason.OVER_LIMIT))

    def _account_for(self, taken: Taken, decision: Decision) -> None:
        match decision:
            case Work():
                self.books.plan(decision)
            case FailedCall():
                self.books.save(decision)
            case _:
                self.books.pass_by(taken.source, decision, taken.sha256)
