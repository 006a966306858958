"""Where recordings come in: what is to be worked on goes through, all else is accounted for at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callaudit.batch.admission import Admission, Decision, Work
from callaudit.batch.arrivals import Arrival, Arrivals
from callaudit.batch.books import Books
from callaudit.batch.intake import Intake, Taken, Waiting
from callaudit.batch.tasks import Fault
from callaudit.domain.analysis import CallSource, FailedCall
from callaudit.domain.runs import SkippedCall, SkipReason


@dataclass(slots=True, eq=False)
class Gate:
    """Lets recordings in, up to the limit of a run."""

    admission: Admission
    intake: Intake
    books: Books
    arrivals: Arrivals
    must_fetch: Callable[[CallSource], bool]
    """Whether a recording has to be fetched to be known."""
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
            reason = SkipReason.OVER_LIMIT if self._is_left(source) else SkipReason.STILL_WRITTEN
            self.books.count(SkippedCall(path=source.path, reason=reason))
        elif isinstance(taken, Fault):
            self.books.save(Work(Taken(source, None), self.admission.fingerprints(source)).fault(taken))
        else:
            return self._admit_taken(taken)
        return None

    def take_back(self, sha256: str | None) -> None:
        """A recording that was let in is no longer what it was: another one may be let in, or the same once more."""
        self.begun -= 1
        self.books.drop(sha256)

    def _admit_taken(self, taken: Taken) -> Work | None:
        self._note_fetched(taken)
        decision = self.admission.decide(taken)
        if isinstance(decision, Work):
            if self.begun == self.limit:
                decision = self._left_over(decision)
            elif not (taken.is_here or self.is_dry or decision.heard):
                self._have_fetched(decision)
                return None
            else:
                self._count()
                if not self.is_dry:
                    return decision
        self.intake.release(taken)
        self._account_for(taken, decision)
        return None

    def _note_fetched(self, taken: Taken) -> None:
        """Have the next run know a remote recording by what its store says of it."""
        source, sha256 = taken.source, taken.sha256
        if sha256 and source.local is not None and source.listed is not None:
            self.books.ledger.note_fetched(source.path, source.listed, sha256)

    def _have_fetched(self, work: Work) -> None:
        """Have a recording come again with its bytes, which are known and not at hand."""
        self._leave(work)
        self.arrivals.again(work.source, 0.0)

    def _count(self) -> None:
        """Count a recording that is let in; after the last one, fetch no more to learn what it is."""
        self.begun += 1
        if self.begun == self.limit:
            for source in self.arrivals.leave(self._is_left):
                self.books.count(SkippedCall(path=source.path, reason=SkipReason.OVER_LIMIT))

    def _is_left(self, source: CallSource) -> bool:
        """Whether a recording is left to another run without a look at it."""
        return self.begun == self.limit and self.must_fetch(source)

    def _left_over(self, work: Work) -> SkippedCall:
        """Leave a recording to another run."""
        self._leave(work)
        return SkippedCall(path=work.source.path, reason=SkipReason.OVER_LIMIT)

    def _leave(self, work: Work) -> None:
        """A recording is not worked on now: those with the same bytes are no copies of a call then."""
        if work.sha256 and not work.is_copy:
            self.admission.forget(work.sha256)

    def _account_for(self, taken: Taken, decision: Decision) -> None:
        match decision:
            case Work():
                self.books.plan(decision)
            case FailedCall():
                self.books.save(decision)
            case _:
                self.books.pass_by(taken.source, decision, taken.sha256)
