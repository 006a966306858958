"""What tests of several rooms share."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder, apart from that of other tests; nothing may be left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def turn_read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder behave as if it lay on a file system that is mounted read-only: every change ends in EROFS."""

    def turn(folder: Path) -> None:
        def refusing(real: Callable[..., Any], changes: Callable[..., bool]) -> Callable[..., Any]:
            def call(path: Any, *args: Any, **options: Any) -> Any:
                is_path = isinstance(path, str | os.PathLike)
                if is_path and Path(path).absolute().is_relative_to(folder.absolute()) and changes(*args, **options):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
                return real(path, *args, **options)

            return call

        for name in ("unlink", "replace", "rename", "chmod", "mkdir", "rmdir"):
            monkeypatch.setattr(os, name, refusing(getattr(os, name), lambda *_, **__: True))
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        monkeypatch.setattr(os, "open", refusing(os.open, lambda flags, *_, **__: bool(flags & writes)))
        monkeypatch.setattr(io, "open", refusing(io.open, lambda mode="r", *_, **__: mode.strip("bt") != "r"))

    return turn
