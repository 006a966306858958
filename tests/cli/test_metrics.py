"""The figures for Prometheus, read back with a parser as strict as the format's description."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from callaudit import __version__
from callaudit.batch.account import RunSummary
from callaudit.cli.metrics import LAST_SUCCESS, WRITE_EVERY_S, MetricsFile, last_success_in, metrics_of
from callaudit.domain.findings import Severity
from callaudit.domain.runs import SkippedCall, SkipReason
from callaudit.errors import BusyError, ModelError
from tests.builders import make_failed, make_finding, make_judged

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?)")


def parsed(text):
    """Samples by name and labels; refuses what Prometheus would, and what its authors advise against."""
    assert text.endswith("\n")
    samples, families = {}, []
    for line in text.splitlines():
        if found := re.fullmatch(rf"# HELP ({NAME}) \S.*", line):
            families.append(found[1])
            assert families.count(found[1]) == 1, "the lines of a metric stand together"
        elif found := re.fullmatch(rf"# TYPE ({NAME}) gauge", line):
            assert found[1] == families[-1]
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name == families[-1]
            assert (name, labels or "") not in samples
            samples[name, labels or ""] = float(value)
    assert {name for name, _ in samples} == set(families)
    return samples


class Clock:
    def __init__(self, now_s):
        self.now_s = now_s

    def __call__(self):
        return self.now_s


@pytest.fixture
def wall():
    return Clock(1_772_400_000.5)


@pytest.fixture
def clock():
    return Clock(50.0)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "callaudit.prom"


@pytest.fixture
def summary():
    return RunSummary(total=5)


def test_a_run_is_told_from_its_start_to_its_end(file, wall, clock, summary):
    metrics = MetricsFile(file, wall=wall, clock=clock)
    metrics(summary)
    told = parsed(file.read_text())

    assert told[LAST_SUCCESS, ""] == 0
    assert told["callaudit_run_start_timestamp_seconds", ""] == 1_772_400_000.5
    assert told["callaudit_run_end_timestamp_seconds", ""] == 0
    assert told["callaudit_run_recordings", 'state="left"'] == 5
    assert ("callaudit_run_exit_code", "") not in told

    summary.count(make_judged(findings=(make_finding(severity=Severity.MAJOR),) * 2))
    summary.count(make_failed())
    summary.count(SkippedCall(path=Path("c.wav"), reason=SkipReason.OLDER))
    wall.now_s, clock.now_s = 1_772_400_100.0, 149.5
    metrics.finish(summary, 6)
    told = parsed(file.read_text())

    assert told[LAST_SUCCESS, ""] == told["callaudit_run_end_timestamp_seconds", ""] == 1_772_400_100
    assert told["callaudit_run_duration_seconds", ""] == 99.5
    assert told["callaudit_run_exit_code", ""] == 6
    assert told["callaudit_run_found_recordings", ""] == 5
    states = ("done", "failed", "skipped", "left")
    assert [told["callaudit_run_recordings", f'state="{state}"'] for state in states] == [1, 1, 1, 2]
    assert told["callaudit_run_skipped_recordings", 'reason="older"'] == 1
    assert told["callaudit_run_findings", 'severity="major"'] == 2
    assert told["callaudit_run_findings", 'severity="critical"'] == 0
    assert told["callaudit_run_flagged_recordings", ""] == 1
    assert told["callaudit_run_audio_seconds", ""] == 30
    (build,) = [labels for name, labels in told if name == "callaudit_build_info"]
    assert f'version="{__version__}"' in build


def test_the_last_success_comes_first(file, summary):
    MetricsFile(file)(summary)

    assert file.read_text().splitlines()[2].startswith(f"{LAST_SUCCESS} ")


@pytest.mark.parametrize(
    ("status", "success_at_s"), [(0, 2000), (6, 2000), (10, 2000), (1, 1000), (7, 1000), (143, 1000)]
)
def test_a_run_that_does_not_come_to_its_end_leaves_the_last_success_where_it_was(file, summary, status, success_at_s):
    MetricsFile(file, wall=lambda: 1000.0).finish(summary, 0)
    second = MetricsFile(file, wall=lambda: 2000.0)
    second(summary)

    assert parsed(file.read_text())[LAST_SUCCESS, ""] == 1000

    second.finish(summary, status)

    assert parsed(file.read_text())[LAST_SUCCESS, ""] == success_at_s


@pytest.mark.parametrize(
    "text",
    ["", f"{LAST_SUCCESS}", f"{LAST_SUCCESS} soon\n", f"{LAST_SUCCESS} nan\n", f"{LAST_SUCCESS} -1\n", "\0\udcff"],
)
def test_a_file_that_tells_of_no_success_is_none(file, text):
    file.write_text(text, encoding="utf-8", errors="surrogateescape")

    assert last_success_in(file) == 0
    assert last_success_in(file / "none") == 0


def test_figures_are_written_once_a_minute(file, wall, clock, summary):
    metrics = MetricsFile(file, wall=wall, clock=clock)
    metrics(summary)
    summary.count(make_judged())
    clock.now_s += WRITE_EVERY_S - 1
    metrics(summary)

    assert parsed(file.read_text())["callaudit_run_recordings", 'state="done"'] == 0

    clock.now_s += 1
    metrics(summary)

    assert parsed(file.read_text())["callaudit_run_recordings", 'state="done"'] == 1


def test_everybody_may_read_the_file_whatever_the_umask_and_nothing_lies_beside_it(file, summary):
    before = os.umask(0o077)
    try:
        MetricsFile(file)(summary)
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(file.parent.iterdir()) == [file]


def test_who_reads_the_file_while_it_is_written_reads_a_whole_one(file, summary):
    metrics = MetricsFile(file)
    metrics(summary)
    with file.open(encoding="utf-8") as reader:
        summary.count(make_judged())
        metrics.finish(summary, 0)

        assert parsed(reader.read())["callaudit_run_recordings", 'state="done"'] == 0


def test_a_file_that_cannot_be_written_is_said_once_and_harms_nothing(tmp_path, clock, summary, capsys):
    metrics = MetricsFile(tmp_path / "no such folder" / "x.prom", clock=clock)
    for _ in range(3):
        metrics(summary)
        clock.now_s += WRITE_EVERY_S
    metrics.finish(summary, 0)
    told = capsys.readouterr().err

    assert told.count("warning: no metrics") == 1
    assert "no such folder" in told


def test_no_file_is_no_metrics(summary):
    with metrics_of(None, summary) as metrics:
        assert metrics is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ModelError("no model", code="model.unknown", hint=""), 4),
        (SystemExit(143), 143),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError(), 1),
    ],
)
def test_a_run_that_is_broken_off_is_told_with_its_exit_code(file, summary, error, status):
    with pytest.raises(type(error)), metrics_of(file, summary):
        raise error

    told = parsed(file.read_text())
    assert (told["callaudit_run_exit_code", ""], told[LAST_SUCCESS, ""]) == (status, 0)


def test_a_run_that_finds_another_one_at_work_leaves_its_figures_alone(file, summary):
    file.write_text("figures of the other run\n")
    with pytest.raises(BusyError), metrics_of(file, summary):
        raise BusyError("busy", code="storage.running", hint="")

    assert file.read_text() == "figures of the other run\n"
