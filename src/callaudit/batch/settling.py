"""Whether a recording is still being written, told from the outside: by what changes between two looks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

STEP_S = 0.5
"""The clocks part by more than this between two looks when somebody sets the wall clock; drift needs ten minutes."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Two clocks, in seconds."""

    monotonic: Callable[[], float]
    """Never set."""
    wall: Callable[[], float]
    """Since 1970, as files bear it; may be set forward and back at any time."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of a recording."""

    state: Hashable
    since_s: float
    """Since when it has been so, for all we know; monotonic."""
    is_old: bool
    """It was written long before it was first seen."""


class Settling:
    """Remembers what was seen of each recording; safe to use from several threads.

    What does not change is waited for `settle_s` of monotonic time at most, and not at all where its own time says that
    it was written longer ago. That time counts only at first sight, and not just after the wall clock was set: a file
    written a moment ago may look an hour old then. Set back, the clock makes files look written in the future: those
    are looked at twice.

    Args:
        settle_s: time without change after which a recording is whole.
        clocks: tell the time.
    """

    def __init__(self, settle_s: float, clocks: Clocks) -> None:
        self._settle_s = settle_s
        self._clocks = clocks
        self._looks: dict[Path, _Look] = {}
        self._ahead_s = clocks.wall() - clocks.monotonic()
        self._set_at_s = float("-inf")
        self._lock = Lock()

    def until_s(self, path: Path, state: Hashable, written_s: float | None) -> float | None:
        """When to look again at a recording that may be unfinished, on the monotonic clock; None where it is whole.

        Args:
            path: names the recording.
            state: differs when the recording does.
            written_s: when it was last written, in seconds since 1970; None where that is not known or not to be
                relied on.
        """
        with self._lock:
            now_s = self._clocks.monotonic()
            is_old = self._is_old(written_s, now_s)
            look = self._looks.get(path)
            if look is None:
                look = _Look(state, now_s, is_old)
            elif look.state != state:
                look = _Look(state, now_s, is_old=False)
            self._looks[path] = look
            settled_at_s = look.since_s + self._settle_s
            return None if look.is_old or now_s >= settled_at_s else settled_at_s

    def unsettle(self, path: Path, state: Hashable) -> float:
        """Note that a recording has just changed.

        Args:
            path: names the recording.
            state: as it is now; None where that is not known.

        Returns:
            When to look at it again, on the monotonic clock.
        """
        with self._lock:
            now_s = self._clocks.monotonic()
            self._looks[path] = _Look(state, now_s, is_old=False)
            return now_s + self._settle_s

    def forget(self, path: Path) -> None:
        """The recording is done with."""
        with self._lock:
            self._looks.pop(path, None)

    def _is_old(self, written_s: float | None, now_s: float) -> bool:
        """Whether its own time says that it was written long ago, and the clock can be relied on."""
        wall_s = self._clocks.wall()
        ahead_s = wall_s - now_s
        if abs(ahead_s - self._ahead_s) > STEP_S:
            self._set_at_s = now_s
        self._ahead_s = ahead_s
        if now_s - self._set_at_s < self._settle_s or written_s is None:
            return False
        return wall_s - written_s >= self._settle_s
