"""Running another program on a file nobody vouches for: bounded in time, memory and output, and never left behind."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_BLOCK_BYTES = 1 << 16
_MAX_LOG_BYTES = 1 << 16
"""What is kept of a program's messages: the first ones say what it found in the file."""

_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Without these a program may not even load; everything else of the environment stays here."""


class TimeUpError(Exception):
    """The program did not end within its time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use."""

    timeout_s: float
    """Wall-clock time, in seconds."""
    memory_bytes: int | None = None
    """Address space; enforced on Linux only."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    returncode: int
    """Negative: killed by that signal."""
    log: str
    """Beginning of what it wrote to stderr. It may quote the file's own texts: read it, never show it."""


def stream(command: Sequence[str], limits: Limits, on_output: Callable[[bytes], None]) -> Ended:
    """Run a program without input, handing over its output as it comes.

    Args:
        command: program and arguments; no shell is involved.
        limits: what it may use.
        on_output: gets its stdout, block by block; may raise to say that it has seen enough.

    Raises:
        TimeUpError: it did not end in time.
        OSError: it could not be started.
    """
    with _child(command, limits, stdin=subprocess.DEVNULL) as (child, deadline):
        if os.name == "nt":  # pipes cannot be waited for there: collect first, then hand over
            output, log = child.communicate(timeout=_left_s(deadline))
            on_output(output)
        else:
            log = _drain(child, on_output, deadline)
            child.wait(_left_s(deadline))
    return Ended(child.returncode, log[:_MAX_LOG_BYTES].decode("utf-8", "replace"))


def convert(command: Sequence[str], limits: Limits, data: bytes = b"") -> tuple[Ended, bytes]:
    """Run a program on a few MiB of input, for all its output at once.

    Raises:
        TimeUpError: it did not end in time.
        OSError: it could not be started.
    """
    with _child(command, limits, stdin=subprocess.PIPE) as (child, deadline):
        output, log = child.communicate(data, timeout=_left_s(deadline))
    return Ended(child.returncode, log[:_MAX_LOG_BYTES].decode("utf-8", "replace")), output


@contextmanager
def _child(command: Sequence[str], limits: Limits, stdin: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A running program and its deadline; it has a process group of its own, which does not survive the block.

    It stays in the session of the caller: whoever kills a worker's session kills its decoder as well.
    """
    deadline = time.monotonic() + limits.timeout_s
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        command, stdin=stdin, stdout=pipe, stderr=pipe, bufsize=0, process_group=0, env=_environment()
    )
    try:
        _limit(child.pid, limits)
        yield child, deadline
    except subprocess.TimeoutExpired as error:
        raise TimeUpError from error
    finally:
        _end(child)


def _left_s(deadline: float) -> float:
    """Seconds until the deadline, never negative."""
    return max(0.0, deadline - time.monotonic())


def _environment() -> dict[str, str]:
    """What a program needs to load, and messages in a form that can be parsed."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # One arena: glibc reserves 64 MiB of address space for each thread otherwise.
    return {**kept, "LC_ALL": "C", "MALLOC_ARENA_MAX": "1"}


def _limit(pid: int, limits: Limits) -> None:
    """Set resource limits from outside: code between fork and exec is not safe where the caller has threads."""
    if sys.platform != "linux":
        return
    import resource

    # Twice the wall-clock time: for a program that outlives us because we were killed.
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: 2 * int(limits.timeout_s) + 2}
    if limits.memory_bytes is not None:
        wanted[resource.RLIMIT_AS] = limits.memory_bytes
    for kind, value in wanted.items():
        # It may be gone already, or a container may forbid the call: the deadline holds all the same.
        with suppress(OSError, ValueError):
            hard = resource.prlimit(pid, kind)[1]
            top = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(pid, kind, (top, top))


def _drain(child: subprocess.Popen[bytes], on_output: Callable[[bytes], None], deadline: float) -> bytes:
    """Read stdout and stderr together until both are closed; the beginning of stderr."""
    log = bytearray()
    with selectors.DefaultSelector() as selector:
        for pipe in (child.stdout, child.stderr):
            assert pipe is not None
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            # A program that writes without end never lets select time out: look at the clock here.
            if time.monotonic() >= deadline:
                raise TimeUpError
            for key, _ in selector.select(_left_s(deadline)):
                block = os.read(key.fd, _BLOCK_BYTES)
                if not block:
                    selector.unregister(key.fileobj)
                elif key.fileobj is child.stdout:
                    on_output(block)
                else:
                    log += block[: _MAX_LOG_BYTES - len(log)]
    return bytes(log)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group, take the exit status off the system, close the pipes."""
    if os.name == "nt":
        child.kill()
    else:
        # The group may be gone, or (macOS) hold nothing but a zombie.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    child.wait()
