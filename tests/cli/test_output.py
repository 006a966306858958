from __future__ import annotations

import io
import sys

import pytest

from callaudit.cli.output import put


def test_a_line_goes_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="utf-8"))
    put("您好")
    assert buffer.getvalue().decode() == "您好\n"
    monkeypatch.undo()
