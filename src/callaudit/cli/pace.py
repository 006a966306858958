"""How fast a run gets on, and when it will be over."""

from __future__ import annotations

from collections import deque

WINDOW_S = 600.0
"""The pace is that of the last ten minutes: what recordings there are at one in the morning tells little of three."""
FEWEST = 20
"""Or of the last twenty calls, where those took longer: large models on long calls do one in minutes."""
STEP_S = 5.0
"""Nothing is noted more often than this."""


class Pace:
    """Estimates the time that is left from the calls worked on lately.

    How long a recording is turns out when it is decoded, so that calls are all there is to count beforehand. Skipped
    recordings take no time and are left out: what is left may need work, and comes down at once where it does not.
    """

    def __init__(self, now_s: float) -> None:
        """Begin.

        Args:
            now_s: monotonic clock.
        """
        self._notes: deque[tuple[float, int]] = deque([(now_s, 0)])
        self._latest = (now_s, 0)

    def note(self, now_s: float, worked: int) -> None:
        """Note how many calls were worked on up to now."""
        self._latest = (now_s, worked)
        last_s, last = self._notes[-1]
        if worked == last or now_s - last_s < STEP_S:
            return
        self._notes.append(self._latest)
        while len(self._notes) > 1 and self._is_past(*self._notes[1]):
            self._notes.popleft()

    def _is_past(self, at_s: float, worked: int) -> bool:
        """Whether the pace can be told from this note on, without what was before."""
        return self._latest[0] - at_s >= WINDOW_S and self._latest[1] - worked >= FEWEST

    def remaining_s(self, left: int) -> float | None:
        """The time that so many calls will take; None as long as nobody can tell.

        Args:
            left: calls that are not done.
        """
        (then_s, before), (now_s, worked) = self._notes[0], self._latest
        if left <= 0:
            return 0.0
        if worked <= before or now_s - then_s < STEP_S:
            return None
        return left * (now_s - then_s) / (worked - before)
