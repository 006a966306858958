from __future__ import annotations

from pathlib import Path

import soundfile

from callaudit.evaluation.truth import read_truths
from tests.simulator.bridge import truth_of
from tests.simulator.files import write
from tests.simulator.render import render
from tests.simulator.shapes import scripts


def test_a_written_call_is_read_back_as_it_was(tmp_path: Path) -> None:
    calls = [render(script, 2) for script in scripts(2, 2)]
    paths = [write(call, tmp_path) for call in calls]
    truths = read_truths(tmp_path)
    for path, call in zip(paths, calls, strict=True):
        samples, rate_hz = soundfile.read(path, dtype="int16", always_2d=True)
        assert rate_hz == 8000
        assert (call.samples == samples.T).all()
        assert truths[path] == truth_of(call)
