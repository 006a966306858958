"""Killing a worker with everything it started, also when the coordinator is gone.

A worker leads a session of its own, and what it starts stays in it. Run as a program, this module is the *warden*: it
is told which sessions there are, and kills them when the coordinator goes without a word, as after `kill -9`. The
warden runs without site-packages, so that it is small and quick to start: nothing but the standard library here.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_RETRY_S = 0.005
_GIVE_UP_S = 5.0
"""A process that waits for a dead disk cannot even be killed."""


def end_session(session: int) -> bool:
    """Kill every process of a session; whether none of them runs any more.

    Args:
        session: id of the process that leads it, which may be dead, but not reaped: its id could be another's by now.
    """
    deadline_s = time.monotonic() + _GIVE_UP_S
    while kill_session(session):  # again and again: one may have forked meanwhile
        if time.monotonic() > deadline_s:
            return False
        time.sleep(_RETRY_S)
    return True


def kill_session(session: int) -> int:
    """Send SIGKILL to every process of a session once; how many were still running."""
    if sys.platform != "linux":
        with suppress(OSError):
            os.killpg(session, signal.SIGKILL)
        return 0
    running = 0
    for pid, is_dead in _members(session):
        if not is_dead:
            running += 1
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        elif pid != session:
            with suppress(ChildProcessError):  # it is our child only where we are the init process of a container
                os.waitpid(pid, os.WNOHANG)
    return running


def _members(session: int) -> Iterator[tuple[int, bool]]:
    """Process ids of a session, and whether only the exit status is left of each."""
    for name in os.listdir("/proc"):  # noqa: PTH208 half the time of Path.iterdir where thousands of processes run
        if not name.isdigit():
            continue
        try:
            state, _, _, member_of = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()[:4]
        except (OSError, ValueError):
            continue  # gone meanwhile
        if int(member_of) == session:
            yield int(name), state in b"ZX"


def main() -> None:
    """The warden: read `+ID` and `-ID` from standard input; when it ends, kill the sessions that are left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    watched: set[int] = set()
    for line in sys.stdin:
        (watched.add if line[0] == "+" else watched.discard)(int(line[1:]))
    for session in watched:
        end_session(session)


if __name__ == "__main__":
    main()
