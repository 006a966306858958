"""`callaudit evaluate` on two samples, with true words where no speech model is asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from callaudit.errors import ExitCode
from callaudit.resources import bundled
from tests.cli.runner import callaudit

RECORDINGS = ("origin-1s.wav", "record-hangup.wav")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*RECORDINGS, "calls.csv", *(f"{Path(name).stem}.truth.json" for name in RECORDINGS)):
        shutil.copy(bundled("samples", name), tmp_path)
    return tmp_path


def test_true_words_need_no_speech_model(folder: Path) -> None:
    ran = callaudit("evaluate", folder, "--oracle", "--model", "nowhere.pt", "--json")
    assert ran.code == ExitCode.OK, ran.err
    data = json.loads(ran.out)
    assert data["words"] == "oracle"
    assert data["cer"]["all"]["errors"] == 0
    assert data["endings"]["by"]["shape"].keys() == {"S1", "S2"}
    assert data["endings"]["all"]["found"] == 2


def test_engine_and_true_words_stand_side_by_side(folder: Path) -> None:
    ran = callaudit("evaluate", folder, "--side-by-side", "--json")
    assert ran.code == ExitCode.OK, ran.err
    data = json.loads(ran.out)
    assert data["oracle"]["cer"]["all"]["errors"] == 0 < data["engine"]["cer"]["all"]["errors"]
    assert data["engine"]["endings"]["by"].keys() == data["oracle"]["endings"]["by"].keys()


def test_groups_are_printed_below_the_measures(folder: Path) -> None:
    ran = callaudit("evaluate", folder, "--oracle")
    assert ran.code == ExitCode.OK, ran.err
    assert "ends of calls by shape" in ran.out
    assert "S1 stereo" in ran.out


def test_records_beside_the_recordings_are_read(folder: Path) -> None:
    (folder / "calls.csv").write_text("recording,end\nrecord-hangup.wav,tomorrow\n", encoding="utf-8")
    ran = callaudit("evaluate", folder, "--oracle", "--json")
    assert ran.code != ExitCode.OK
    assert "calls.csv" in ran.err


@pytest.mark.parametrize("options", [("--oracle", "--side-by-side"), ("--calls-format", "neutral")])
def test_options_that_contradict_are_wrong_usage(folder: Path, options: tuple[str, ...]) -> None:
    (folder / "calls.csv").unlink()
    assert callaudit("evaluate", folder, *options).code == ExitCode.USAGE


def test_records_of_another_format_than_named_are_refused(folder: Path) -> None:
    ran = callaudit("evaluate", folder, "--oracle", "--calls-format", "genesys")
    assert ran.code == ExitCode.NO_INPUT
    assert "calls.csv" in ran.err
