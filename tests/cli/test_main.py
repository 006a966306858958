from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from callaudit import __version__
from callaudit.errors import ExitCode
from callaudit.resources import bundled
from callaudit.storage.store import SqlStore
from tests.cli.runner import callaudit


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def test_version_is_printed():
    assert callaudit("--version").out.strip() == f"callaudit {__version__}"


def test_help_comes_in_half_a_second():
    def once():
        begun_s = time.perf_counter()
        subprocess.run([sys.executable, "-m", "callaudit", "--help"], check=True, capture_output=True)
        return time.perf_counter() - begun_s

    assert min(once() for _ in range(3)) < 0.5


def test_wrong_usage_exits_with_2():
    assert callaudit("scan").code == ExitCode.USAGE
    assert callaudit("scan", "x.wav", "--no-such-option").code == ExitCode.USAGE


def test_a_bad_settings_file_exits_with_3_and_names_the_setting(empty_folder):
    (empty_folder / "callaudit.toml").write_text("[speech]\nmodl = 1\n", encoding="utf-8")
    ran = callaudit("scan", "x.wav")

    assert ran.code == ExitCode.SETTINGS
    assert "speech.modl" in ran.err
    assert "what to do" in ran.err


def test_a_missing_model_stops_the_run_before_any_call_with_4(empty_folder):
    shutil.copy(bundled("samples", "corrupt.flac"), empty_folder)
    ran = callaudit("scan", empty_folder, "--model", "nowhere.pt")

    assert ran.code == ExitCode.DEPENDENCY
    assert "nowhere.pt" in ran.err
    assert not (empty_folder / "callaudit.db").exists()


def test_nothing_to_scan_exits_with_5():
    ran = callaudit("scan", "nowhere", "--model", "mini")

    assert ran.code == ExitCode.NO_INPUT
    assert "nowhere" in ran.err


@pytest.mark.parametrize("command", [("report",), ("show", "x")])
def test_reading_a_database_that_is_not_there_exits_with_7_and_makes_none(empty_folder, command):
    ran = callaudit(*command)

    assert ran.code == ExitCode.STORAGE
    assert "callaudit scan" in ran.err
    assert list(empty_folder.iterdir()) == []


def test_a_call_that_cannot_be_read_exits_with_6_and_says_why(empty_folder):
    (empty_folder / "empty.wav").touch()
    ran = callaudit("scan", empty_folder, "--model", "mini")

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "recordings: 1 found, 0 done, 1 failed, 0 skipped" in ran.out
    assert "[audio.empty]" in ran.err


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(empty_folder):
    (empty_folder / "evil\x1b[31m\u202e.wav").touch()
    ran = callaudit("scan", empty_folder, "--model", "mini")

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ran.out + ran.err)


@pytest.mark.parametrize("command", ["models list", "--help", "show --help"])
def test_a_reader_that_wants_no_more_is_no_error_worth_a_word(command):
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [sys.executable, "-m", "callaudit", *command.split()], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert (ran.returncode, ran.stderr) == (ExitCode.OUTPUT_CLOSED, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["models list", "--version", "--help"])
def test_a_full_disk_is_said_in_one_line(command):
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "callaudit", *command.split()], stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert ran.returncode == ExitCode.STORAGE
    assert ran.stderr.decode().startswith("callaudit: cannot write the output: No space left on device")
    assert b"Traceback" not in ran.stderr


def test_the_bundled_lexicon_passes_its_check():
    ran = callaudit("lexicon", "check")

    assert ran.code == ExitCode.OK
    assert "0 problems" in ran.out


def test_a_bad_lexicon_exits_with_3(empty_folder):
    (empty_folder / "insult.toml").write_text("[[entry]]\nphrase = 1\n", encoding="utf-8")
    ran = callaudit("lexicon", "check", empty_folder)

    assert ran.code == ExitCode.SETTINGS
    assert "insult.toml" in ran.err


def test_models_are_listed_with_the_bundled_one_present():
    ran = callaudit("models", "list")

    assert re.search(r"mini\b.*\byes\b", ran.out)
    assert re.search(r"large-v3\b", ran.out)


def test_doctor_is_content_with_the_bundled_model():
    ran = callaudit("doctor", "--model", "mini")

    assert ran.code == ExitCode.OK, ran.out
    assert ran.out.count("ok ") == 6


def test_doctor_leaves_nothing_behind(empty_folder):
    callaudit("doctor", "--model", "mini")

    assert list(empty_folder.iterdir()) == []


def test_doctor_loads_the_model(empty_folder):
    whole = bundled("models", "mini", "mini.pt").read_bytes()
    (empty_folder / "cut.pt").write_bytes(whole[: len(whole) // 2])
    ran = callaudit("doctor", "--model", "./cut.pt")

    assert ran.code == ExitCode.DEPENDENCY
    assert re.search(r"FAIL  speech model: .*cut\.pt", ran.out)


def test_doctor_says_what_is_missing():
    ran = callaudit("doctor", "--model", "nowhere.pt")

    assert ran.code == ExitCode.DEPENDENCY
    assert re.search(r"FAIL  speech model: .*nowhere\.pt", ran.out)


def test_a_model_of_synthetic_speech_is_warned_of(empty_folder):
    (empty_folder / "empty.wav").touch()

    assert "synthetic speech alone" in callaudit("scan", empty_folder, "--model", "mini").err


def test_call_records_that_fit_no_recording_are_mentioned(empty_folder):
    (empty_folder / "empty.wav").touch()
    (empty_folder / "records.csv").write_text("recording,colour\nother.wav,red\n", encoding="utf-8")
    said = callaudit("scan", empty_folder / "empty.wav", "--model", "mini", "--calls", empty_folder / "records.csv").err

    assert "0 of 1 call records" in said
    assert "colour" in said


@pytest.mark.parametrize("run", ["99x", "last"])
def test_a_run_that_never_was_exits_with_5(empty_folder, run):
    SqlStore("sqlite:///callaudit.db").close()

    assert callaudit("report", "--run", run).code == ExitCode.NO_INPUT


def test_a_report_may_be_of_the_last_run_alone(empty_folder):
    for name in ("first.wav", "second.wav"):
        (empty_folder / name).touch()
        callaudit("scan", empty_folder / name, "--model", "mini")
    callaudit("report", "--run", "last", "--out", empty_folder / "last")
    html = (empty_folder / "last" / "report.html").read_text(encoding="utf-8")

    assert "second.wav" in html
    assert "first.wav" not in html
