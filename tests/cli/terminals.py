"""A terminal for tests, and what was written to it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Terminal:
    """Everything that was written, control sequences included."""

    written: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        return self.written.decode("utf-8", "replace")


@contextmanager
def terminal_as_stderr(monkeypatch, columns: int = 80, term: str = "xterm-256color") -> Iterator[Terminal]:
    """Let standard error be a terminal until the block ends; all is read by then."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", str(columns))  # the size is asked of the process's own streams, which stay
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = os.openpty()
    terminal = Terminal()

    def read() -> None:
        try:
            while data := os.read(ours, 65536):
                terminal.written.extend(data)
        except OSError:
            pass  # the other end is closed

    reader = threading.Thread(target=read)
    reader.start()
    with monkeypatch.context() as patched, os.fdopen(theirs, "w", encoding="utf-8") as stderr:
        patched.setattr(sys, "stderr", stderr)
        yield terminal
    reader.join()
    os.close(ours)
