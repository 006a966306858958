"""Calls that wait to be transcribed, and how many of them go together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from callaudit.batch.admission import Work
from callaudit.domain.analysis import PreparedCall

MAX_HELD_BYTES = 512 * 1024**2
"""Sound that may wait to be transcribed: about two hours of stereo."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A call that waits to be transcribed."""

    work: Work
    call: PreparedCall


@dataclass(slots=True, eq=False)
class Grouping:
    """Holds prepared calls until there are enough of them; they leave in the order in which they came.

    Near the end of a run groups become small, so that those who are free to transcribe end at about the same time.
    """

    most: int
    """Calls transcribed together at most."""
    _calls: deque[Prepared] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Prepared) -> None:
        """Have a call wait."""
        self._calls.append(call)

    def has_room(self) -> bool:
        """Whether another call may come to wait."""
        return len(self) < self.most and self._held_bytes() < MAX_HELD_BYTES

    def is_ready(self, coming: int, hearers: int) -> bool:
        """Whether a group need not wait for more.

        Args:
            coming: calls that will come, for all that is known.
            hearers: who transcribe, or are free to.
        """
        return self._held_bytes() >= MAX_HELD_BYTES or (0 < self._fair_share(coming, hearers) <= len(self))

    def take(self, coming: int, hearers: int, free: int) -> tuple[Prepared, ...]:
        """The calls of one group, which wait no longer.

        Args:
            coming: as of `is_ready`.
            hearers: as of `is_ready`.
            free: who are free to transcribe: what waits is enough for each of them. One at least.
        """
        size = min(_parts(len(self), free), self._fair_share(coming, hearers))
        return tuple(self._calls.popleft() for _ in range(size))

    def _held_bytes(self) -> int:
        return sum(waiting.call.wave.samples.nbytes for waiting in self._calls)

    def _fair_share(self, coming: int, hearers: int) -> int:
        """Calls that one may take so that all end together."""
        return min(self.most, _parts(len(self) + coming, max(1, hearers)))


def _parts(calls: int, takers: int) -> int:
    """The largest of so many parts that are as equal as can be."""
    return -(-calls // takers)
