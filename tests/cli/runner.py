"""Run the program as a user does: through `main`, with its exit code and what it printed."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock

from callaudit.cli import main


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    code: int
    out: str
    err: str


def callaudit(*arguments: object) -> Ran:
    """Run `callaudit ARGUMENTS` in this process."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", ["callaudit", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code or 0
    return Ran(int(str(code)), out.getvalue(), err.getvalue())
