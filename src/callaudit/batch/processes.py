"""Worker processes as the coordinator sees them: start, look at, kill, reap.

They are started by `posix_spawn`, not by `multiprocessing`: it puts a worker into a session of its own before its first
instruction, so that no Ctrl-C ever reaches it, gives it an environment of its own, imports no main module, and leaves
the reaping to us.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from callaudit.batch import sessions
from callaudit.batch.channel import Channel
from callaudit.batch.tasks import Crash, CrashKind

_WORKER = "import sys; sys.path[:] = sys.argv[1:]; from callaudit.batch.worker import main; main()"
_REAP_S = 5.0


def _spawn(arguments: Sequence[str], stdin: int, environment: Mapping[str, str] | None = None) -> int:
    """Start Python in a session of its own, its standard output closed; the process id.

    Raises:
        OSError: the system has no room for another process.
    """
    return os.posix_spawn(
        sys.executable,
        [sys.executable, *arguments],
        {**os.environ, **(environment or {})},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, stdin, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),  # libraries may chat there
        ],
        setsid=True,
        setsigmask=(),
    )


class WorkerProcess:
    """A process that runs `worker.main`, and the channel to it. One thread owns it; any may look and kill."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it.

        Args:
            environment: variables that it has besides or instead of ours.

        Raises:
            OSError: the system has no room for another process.
        """
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        try:
            folders = [str(Path(entry).absolute()) for entry in sys.path]
            self.pid = _spawn(["-c", _WORKER, *folders], theirs.fileno(), environment)
        except BaseException:
            self.channel.close()
            raise
        finally:
            theirs.close()

    def is_dead(self) -> bool:
        """Whether it ended, however; its exit status stays where it is."""
        if not hasattr(os, "waitid"):
            return False  # macOS before Python 3.13: the end of the channel tells
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def is_gone(self) -> bool:
        """Whether it ended, while it has nothing to say."""
        return self.channel.is_at_end() or self.is_dead()

    def resident_bytes(self) -> int | None:
        """Memory it holds; as `resident_bytes`."""
        return resident_bytes(self.pid)

    def kill(self) -> None:
        """Send SIGKILL to it and everything it started; it need not be gone yet."""
        sessions.kill_session(self.pid)

    def end(self) -> int | None:
        """Kill it with everything it started, and reap it. To be called once.

        Returns:
            Its exit status, negative for a signal; None where it cannot be told.
        """
        sessions.end_session(self.pid)
        self.channel.close()
        deadline_s = time.monotonic() + _REAP_S
        while time.monotonic() < deadline_s:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.002)
        return None


def resident_bytes(pid: int | Literal["self"]) -> int | None:
    """Memory that a process holds; None where the system does not tell.

    Args:
        pid: of the process; `self` for this one, whose number may be another one's in a container.
    """
    try:
        pages = Path(f"/proc/{pid}/statm").read_bytes().split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def crash_of(status: int | None) -> Crash:
    """What an exit status tells of how a worker ended."""
    if status is None:
        return Crash(CrashKind.EXIT, "exit status unknown")
    if status >= 0:
        return Crash(CrashKind.EXIT, f"exit status {status}")
    try:
        return Crash(CrashKind.SIGNAL, signal.Signals(-status).name)
    except ValueError:
        return Crash(CrashKind.SIGNAL, f"signal {-status}")


class Warden:
    """A small process that outlives the coordinator just long enough to kill the sessions it leaves behind."""

    def __init__(self) -> None:
        """Start it.

        Raises:
            OSError: the system has no room for another process.
        """
        theirs, self._pipe = os.pipe()
        try:
            self._pid = _spawn(["-I", "-S", sessions.__file__], theirs)
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(theirs)

    def watch(self, session: int) -> None:
        """Note a session that is to end with the coordinator."""
        self._tell(f"+{session}\n")

    def forget(self, session: int) -> None:
        """Note that nothing of a session is left."""
        self._tell(f"-{session}\n")

    def close(self) -> None:
        """Let it go, once every session has ended."""
        os.close(self._pipe)
        with suppress(OSError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def _tell(self, line: str) -> None:
        with suppress(OSError):  # it is a second line: a run goes on without
            os.write(self._pipe, line.encode())
