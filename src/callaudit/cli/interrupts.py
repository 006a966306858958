"""Signals during a run: the first asks it to stop, the next one ends it at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, a service manager, a terminal that goes away; each where this system has it."""

BEFORE_EXIT_STATUS = 128
"""A program that a signal ended leaves with this and the signal's number."""


@dataclass(slots=True)
class StopRequest:
    """Whether somebody asked a run to stop; whoever runs looks at it again and again."""

    number: int | None = None
    """Of the first signal; None as long as none came."""

    @property
    def requested(self) -> bool:
        """Whether a signal came."""
        return self.number is not None


def signal_of(error: BaseException) -> int | None:
    """The signal because of which a program is being left; None where it is left for something else."""
    if isinstance(error, KeyboardInterrupt):
        return signal.SIGINT
    code = error.code if isinstance(error, SystemExit) else None
    return code - BEFORE_EXIT_STATUS if isinstance(code, int) and code > BEFORE_EXIT_STATUS else None


@contextmanager
def stop_on_signals(request: StopRequest) -> Iterator[None]:
    """Let the first signal ask for the end instead of being it; the second raises `SystemExit` where the run stands.

    A signal that somebody set aside, as `nohup` does, stays so. The handler is silent: it may come in the middle of a
    line that is being written.

    Args:
        request: set by the first signal.
    """

    def ask(number: int, frame: FrameType | None) -> None:
        if request.requested:
            sys.exit(BEFORE_EXIT_STATUS + number)
        request.number = number

    numbers = [getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    # None: set by something that is not Python, and nothing that Python could bring back.
    ours = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in ours:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])
