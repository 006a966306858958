from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from callaudit.batch.account import FinishedEarlier, RunSummary
from callaudit.cli.interrupts import StopRequest
from callaudit.cli.progress import PLAIN_LINE_EVERY_S, STOPPING, progress_of
from tests.builders import make_failed, make_finding, make_judged
from tests.cli.terminals import terminal_as_stderr

ERASE = "\x1b[2K"


class Clock:
    """Monotonic seconds, set by the test."""

    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def summary():
    return RunSummary(total=4)


def test_without_a_terminal_there_is_a_line_at_first_one_a_minute_and_one_at_last(capsys, clock, summary):
    with progress_of(4, workers=2, clock=clock) as progress:
        progress(summary)
        for after_s in (10, 50, 60, 61, 119):
            clock.now_s = 100 + after_s
            if after_s == 50:
                summary.count(make_judged(findings=(make_finding(),)))
            progress(summary)
        for outcome in (make_failed(), make_judged(), FinishedEarlier(Path("d.wav"), ())):
            summary.count(outcome)
            progress(summary)
        progress(summary)

    assert capsys.readouterr().err.splitlines() == [
        "[0:00:00] 0 of 4 calls, 0 findings in 0 calls, 0 failed, 0 skipped, 2 workers",
        "[0:01:00] 1 of 4 calls, 0.01 h of audio at 0.5 × real time, 1 findings in 1 calls, 0 failed, 0 skipped,"
        " about 0:03:00 left, 2 workers",
        "[0:01:59] 4 of 4 calls, 0.02 h of audio at 0.5 × real time, 1 findings in 1 calls, 1 failed, 1 skipped",
    ]


def test_a_run_of_hours_writes_a_line_a_minute_however_often_it_tells(capsys, clock):
    summary = RunSummary(total=100_000)
    with progress_of(summary.total, clock=clock) as progress:
        for _ in range(2 * 3600):
            clock.now_s += 0.5
            progress(summary)

    assert len(capsys.readouterr().err.splitlines()) == 3600 / PLAIN_LINE_EVERY_S


def test_lost_workers_are_told_of(capsys, clock, summary):
    summary.crashes = 2
    with progress_of(4, clock=clock) as progress:
        progress(summary)

    assert "2 workers replaced" in capsys.readouterr().err


def test_a_stop_request_is_answered_once_and_nothing_is_said_afterwards(capsys, clock, summary):
    stop = StopRequest()
    with progress_of(4, stop=stop, clock=clock) as progress:
        progress(summary)
        stop.number = 2
        for _ in range(3):
            clock.now_s += 2 * PLAIN_LINE_EVERY_S
            progress(summary)
        for _ in range(4):
            summary.count(make_judged())
            progress(summary)

    assert capsys.readouterr().err.splitlines()[1:] == [STOPPING]


class Broken:
    """Standard error that cannot be written, as of a terminal that went away."""

    encoding = "utf-8"

    def isatty(self):
        return False

    def write(self, text):
        raise OSError(5, "Input/output error")

    def flush(self):
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("number", [None, 1])
def test_a_run_goes_on_when_nobody_can_be_told(monkeypatch, clock, summary, number):
    monkeypatch.setattr(sys, "stderr", Broken())
    with progress_of(4, stop=StopRequest(number), clock=clock) as progress:
        progress(summary)
        clock.now_s += 2 * PLAIN_LINE_EVERY_S
        progress(summary)


def test_on_a_terminal_the_display_is_written_over_and_wiped_at_the_end(monkeypatch, clock, summary):
    with terminal_as_stderr(monkeypatch) as terminal, progress_of(4, workers=3, clock=clock) as progress:
        for outcome in (make_judged(findings=(make_finding(),)), make_judged(), make_failed(), make_judged()):
            clock.now_s += 10
            summary.count(outcome)
            progress(summary)
    shown = terminal.text

    assert "2 of 4 calls, 50%" in shown
    assert "0:00:20 gone, about 0:00:20 left, 3 workers" in shown
    assert "0.02 h of audio at 3.0 × real time" in shown
    assert "1 findings in 1 calls, 1 failed, 0 skipped" in shown
    assert "failed: audio.corrupt  bad.wav" in shown
    assert ERASE in shown
    assert shown.endswith(f"{ERASE}\x1b[?25h") or shown.rstrip("\r\n").endswith(ERASE)


def test_a_terminal_is_not_written_to_more_often_than_the_eye_can_see(monkeypatch, clock, summary):
    with terminal_as_stderr(monkeypatch) as terminal, progress_of(4, clock=clock) as progress:
        for _ in range(1000):
            clock.now_s += 0.001
            progress(summary)

    assert 4 <= terminal.text.count("0 of 4 calls") <= 6


def test_names_of_recordings_reach_no_terminal_as_they_are(monkeypatch, clock, summary):
    summary.count(make_failed(path=Path("evil\x1b[31m\x07\u202e\udc80.wav")))
    with terminal_as_stderr(monkeypatch) as terminal, progress_of(4, clock=clock) as progress:
        progress(summary)

    assert r"evil\x1b[31m\x07\u202e\x80.wav" in terminal.text


def test_no_line_is_longer_than_the_terminal_with_room_for_a_ctrl_c(monkeypatch, clock, summary):
    summary.count(make_failed(path=Path("长" * 200 + ".wav")))
    with terminal_as_stderr(monkeypatch, columns=40) as terminal, progress_of(4, clock=clock) as progress:
        progress(summary)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.text)
    widths = [sum(2 if char == "长" else 1 for char in line) for line in re.split(r"[\r\n]+", plain)]

    assert 30 < max(widths) <= 37


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_be_written_over_gets_lines(monkeypatch, clock, summary, term):
    with terminal_as_stderr(monkeypatch, term=term) as terminal, progress_of(4, clock=clock) as progress:
        progress(summary)

    assert terminal.text == "[0:00:00] 0 of 4 calls, 0 findings in 0 calls, 0 failed, 0 skipped\r\n"


def test_no_color_means_none(monkeypatch, clock, summary):
    summary.count(make_failed())
    with terminal_as_stderr(monkeypatch) as terminal:
        monkeypatch.setenv("NO_COLOR", "1")
        with progress_of(4, clock=clock) as progress:
            progress(summary)

    assert "1 of 4 calls" in terminal.text
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]", terminal.text)


def test_a_stop_request_on_a_terminal_wipes_the_display_before_it_is_answered(monkeypatch, clock, summary):
    stop = StopRequest()
    with terminal_as_stderr(monkeypatch, columns=120) as terminal, progress_of(4, stop=stop, clock=clock) as progress:
        progress(summary)
        stop.number = 2
        clock.now_s += 10
        progress(summary)
        clock.now_s += 10
        progress(summary)
    before, _, after = terminal.text.partition(STOPPING)

    assert ERASE in before
    assert after.strip() == ""


def test_a_line_that_is_logged_stands_above_the_display(monkeypatch, clock, summary):
    import structlog

    from callaudit.logs import configure_logging

    with terminal_as_stderr(monkeypatch, columns=200) as terminal:
        configure_logging()
        with progress_of(4, clock=clock) as progress:
            progress(summary)
            structlog.get_logger("test").warning("worker_lost", stage="prepare")
            clock.now_s += 10
            progress(summary)
    before, _, after = terminal.text.partition("worker_lost")

    assert ERASE in before.rpartition("0 of 4 calls")[2]
    assert "0 of 4 calls" in after
