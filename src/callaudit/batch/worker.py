"""What runs in a worker process: build a handler, then do one task after the other until the coordinator is gone.

It knows nothing of calls. Before the handler is built nothing is imported that an environment variable or a setting of
this process could still influence, such as numpy or torch.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

import structlog

from callaudit.batch.channel import Channel
from callaudit.errors import SetupError
from callaudit.logs import configure_logging, place_of

Task_contra = TypeVar("Task_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""

log = structlog.get_logger("callaudit.batch")


class Handler(Protocol[Task_contra, Result_co]):
    """Does tasks in a worker."""

    @property
    def hello(self) -> Any:
        """What the coordinator should know of it, picklable."""

    def __call__(self, task: Task_contra, note: Callable[[int], None]) -> Result_co:
        """Do one task.

        Args:
            task: what to do.
            note: told the length of the recording in ms, it begins a new time limit.

        Raises:
            SetupError: something that concerns every task.
        """


class Word(StrEnum):
    """What a worker says; each with a value."""

    READY = "ready"
    """It can take tasks: the handler's hello."""
    NOTE = "note"
    """The length of the recording at hand is known: in ms."""
    DONE = "done"
    """A task is over: its result."""
    REFUSED = "refused"
    """No task can be done: a `SetupError`."""


def main() -> NoReturn:
    """Serve the coordinator on standard input, which is the channel to it."""
    channel = Channel(socket.socket(fileno=os.dup(0)))
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    _settle()
    configure_logging()
    status = 0
    try:
        _serve(channel)
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException as error:
        log.error("worker_broke", error=type(error).__name__, at=place_of(error))
        status = 1
    os._exit(status & 0xFF)  # at once: no library is asked to tidy up


def _serve(channel: Channel) -> None:
    try:
        handle: Handler[Any, Any] = _receive(channel)()
        _send(channel, Word.READY, handle.hello)
        while True:
            # The task is named nowhere, so that its sound is not kept while the worker waits for the next one.
            _send(channel, Word.DONE, handle(_receive(channel), lambda ms: _send(channel, Word.NOTE, ms)))
    except SetupError as error:
        _send(channel, Word.REFUSED, error)


def _receive(channel: Channel) -> Any:
    try:
        return channel.recv()
    except (EOFError, ConnectionError):
        os._exit(0)  # the coordinator is gone


def _send(channel: Channel, word: Word, value: object) -> None:
    try:
        channel.send((word, value))
    except ConnectionError:
        os._exit(0)


def _settle() -> None:
    """Make a process that ends with the coordinator, when and only when that wants it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to all by a service manager: the coordinator answers for us
    if sys.platform == "linux":
        import ctypes
        import resource

        # Where it is gone already, the channel is at its end. The thread that started us lives as long as we do.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core holds what was said
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")  # when memory is short, one of us and not all
