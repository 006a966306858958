from __future__ import annotations

import io
import subprocess
import sys

import pytest

from callaudit.cli.output import put


def test_a_line_goes_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(buffer, encoding="utf-8"))
    put("您好")
    assert buffer.getvalue().decode() == "您好\n"
    monkeypatch.undo()


def test_json_of_a_file_name_that_is_not_utf_8_is_written_as_utf_8():
    program = "from callaudit.cli.output import prepare_output, put; prepare_output(as_json=True); put('\\udcc4.wav')"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout

    assert said.strip() == b"?.wav"
