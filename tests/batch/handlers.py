"""What tests let worker processes do: small handlers that behave, and tasks that misbehave in every way."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from callaudit.errors import ModelError

HOLD = bytearray()


@dataclass(frozen=True)
class Do:
    """A task: the name of a method of `Hands`, and its argument."""

    what: str
    value: object = None


@dataclass
class Hands:
    """Does what a task says; `hello` tells the process it lives in."""

    hello: dict[str, object] = field(default_factory=lambda: {"pid": os.getpid(), "threads": os.environ.get("THREADS")})

    def __call__(self, task: Do, note: Callable[[int], None]) -> object:
        if task.what == "note":
            length_ms, sleep_s = task.value
            note(length_ms)
            time.sleep(sleep_s)
            return "slept"
        return getattr(self, task.what)(task.value)

    def echo(self, value):
        return value

    def pid(self, _):
        return os.getpid()

    def sleep(self, seconds):
        time.sleep(seconds)
        return "slept"

    def segfault(self, _):
        ctypes.string_at(0)

    def hang_deaf(self, _):
        """Hang and ignore every signal that can be ignored."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(60)

    def hang_in_c(self, _):
        """Hang in C with the interpreter locked: no Python code of this process runs any more."""
        ctypes.PyDLL(None).sleep(600)

    def stop(self, _):
        os.kill(os.getpid(), signal.SIGSTOP)

    def stop_soon(self, seconds):
        """Stop a moment after this task is done."""
        threading.Timer(seconds, self.stop, [None]).start()

    def leave(self, status):
        os._exit(status)

    def leave_politely(self, status):
        sys.exit(status)

    def interrupt(self, _):
        raise KeyboardInterrupt

    def blunder(self, text):
        raise ZeroDivisionError(text)

    def unpicklable(self, _):
        return lambda: None

    def unreadable(self, _):
        return Spoiled()

    def refuse(self, _):
        raise ModelError("the model is gone", code="model.absent", hint="bring it back")

    def bomb(self, _):
        """Take memory without end."""
        hoard = []
        while True:
            hoard.append(b"x" * (8 << 20))

    def grow(self, size):
        HOLD.extend(b"x" * size)
        return os.getpid()

    def large(self, size):
        return os.urandom(1) * size

    def child(self, file):
        """Leave a child behind that ignores signals, has a group of its own and holds the connection open."""
        _leave_child(Path(file))
        return "left"

    def child_and_crash(self, file):
        _leave_child(Path(file))
        os.kill(os.getpid(), signal.SIGSEGV)

    def fork_and_crash(self, file):
        """Leave a fork behind: it holds everything open that we do."""
        if (pid := os.fork()) == 0:
            time.sleep(600)
        Path(file).write_text(str(pid))
        os.kill(os.getpid(), signal.SIGABRT)

    def chatter(self, text):
        """Print, as libraries do."""
        sys.stdout.write(text)
        sys.stdout.flush()
        os.write(1, text.encode())

    def settings(self, _):
        import resource

        return {
            "session": os.getsid(0) == os.getpid(),
            "core": resource.getrlimit(resource.RLIMIT_CORE),
            "int": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
            "term": signal.getsignal(signal.SIGTERM) == signal.SIG_IGN,
            "main": sys.modules["__main__"].__dict__.get("__file__"),
        }


class Spoiled:
    """Cannot be put together again where it arrives."""

    def __reduce__(self):
        return (int, ("not a number",))


def _leave_child(file: Path) -> None:
    deaf = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-S", "-c", deaf], process_group=0, close_fds=False)
    file.write_text(str(child.pid))


def refuse_to_start() -> Hands:
    raise ModelError("no such model", code="model.unknown", hint="name another")


def die_at_start(*_: object) -> Hands:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Hands()


def blunder_at_start() -> Hands:
    raise ZeroDivisionError("a secret")


def hang_at_start() -> Hands:
    time.sleep(600)
    return Hands()


@dataclass(frozen=True)
class DieOnce:
    """Dies at the first start, and lives at the second."""

    file: Path

    def __call__(self) -> Hands:
        if not self.file.exists():
            self.file.touch()
            os._exit(7)
        return Hands()


@dataclass(frozen=True)
class RefuseLater:
    """Starts once, and refuses from then on."""

    file: Path

    def __call__(self) -> Hands:
        if self.file.exists():
            return refuse_to_start()
        self.file.touch()
        return Hands()


def coordinate() -> None:
    """A coordinator of its own: two workers, one that left a child behind, one that hangs. Prints their ids."""
    from callaudit.batch.posts import Plan, WorkerLimits
    from callaudit.batch.supervisor import Supervisor

    limits = WorkerLimits(floor_s=60, per_length=1, first_s=60, load_s=60)
    supervisor = Supervisor([Plan(role=role, build=Hands) for role in ("parent", "other")], limits)
    pids = [hello["pid"] for hello in supervisor.start().values()]
    file = Path(sys.argv[1])
    supervisor.submit("parent", 0, Do("child", str(file)), None)
    while not supervisor.ended(1):
        pass
    supervisor.submit("other", 1, Do("hang_in_c"), None)
    sys.stdout.write(f"{pids[0]} {pids[1]} {file.read_text()}\n")
    sys.stdout.flush()
    while True:
        supervisor.ended(60)
