"""Recordings whose names are no UTF-8, or no single line: they are spelled alike wherever they are told of."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from pathlib import Path

import pytest

from callaudit.domain.names import printable
from callaudit.errors import ExitCode
from tests.cli.quick import use
from tests.cli.runner import callaudit
from tests.fakes import ScriptedTranscriber

GOOD, BAD, CRASH, COPY = (os.fsdecode(name.encode("gbk")) for name in ("录音", "坏的", "意外", "又是"))
BROKEN = "a\nb\u202e"
SPELLED = r"¼\xd2\xf4"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALLAUDIT_BATCH__SETTLE_S", "0")
    monkeypatch.delenv("CALLAUDIT_DB", raising=False)
    (tmp_path / "in").mkdir()
    for name in ("plain", GOOD, BAD, CRASH, BROKEN):
        (tmp_path / "in" / f"{name}.wav").write_bytes(os.fsencode(name))
    (tmp_path / "in" / f"{COPY}.wav").write_bytes(os.fsencode(GOOD))
    use(
        monkeypatch,
        ScriptedTranscriber(script={GOOD: "真不要脸", BROKEN: "真不要脸"}),
        bad=(BAD,),
        crash=(CRASH,),
    )
    return tmp_path


def told_in(value):
    """Every text in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from told_in(part)


def strict(text):
    """JSON as a strict reader takes it: no half of a surrogate pair, not even an escaped one."""
    value = json.loads(text)
    for part in told_in(value):
        part.encode()
    return value


def path_of(name):
    return printable(Path("in", f"{name}.wav").absolute())


def test_the_account_of_a_scan_spells_every_name_alike():
    ran = callaudit("scan", "in")
    text = (ran.out + ran.err).encode().decode()

    assert ran.code == ExitCode.SOME_CALLS_FAILED
    assert "6 found, 3 done, 2 failed, 1 skipped" in ran.out
    assert f"failed: {printable(BAD)}.wav: not audio [audio.not_audio]" in text
    assert f"failed: {path_of(CRASH)}: unexpected ZeroDivisionError" in text
    assert f"skipped: {path_of(COPY)} has the same contents as {path_of(GOOD)}" in text
    (logged,) = (strict(line) for line in ran.err.splitlines() if line.startswith("{"))
    assert logged["call_id"] == printable(CRASH)


def test_json_of_a_scan_is_strict_and_spells_every_name_alike():
    callaudit("scan", "in")
    told = strict(callaudit("scan", "in", "--json", "--retry", "failed").out)

    assert {failure["call_id"] for failure in told["failures"]} == {printable(BAD), printable(CRASH)}
    assert {failure["recording"] for failure in told["failures"]} == {path_of(BAD), path_of(CRASH)}
    assert told["copies"] == [{"recording": path_of(COPY), "same_as": path_of(GOOD)}]


def test_every_report_spells_every_name_alike(monkeypatch):
    monkeypatch.setenv("CALLAUDIT_BATCH__DUPLICATES", "process")
    callaudit("scan", "in", "--metrics", "night.prom")
    written = callaudit("report", "--no-audio", "--out", f"{COPY} out")
    out = Path(f"{COPY} out")
    findings = [strict(line) for line in (out / "findings.jsonl").read_text("utf-8").splitlines()]
    rows = list(csv.DictReader((out / "findings.csv").read_text("utf-8-sig").splitlines()))
    with zipfile.ZipFile(out / "findings.xlsx") as book:
        cells = "".join(book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3))
    page = (out / "report.html").read_text("utf-8")

    assert f"wrote {printable(out)}/findings.jsonl" in written.out
    for kind in (findings, rows):
        assert {(row["call_id"], row["recording"]) for row in kind} == {
            (printable(name), path_of(name)) for name in (GOOD, BROKEN)
        }
    for text in (cells, page):
        assert all(printable(name) in text and path_of(name) in text for name in (GOOD, BAD, CRASH, COPY, BROKEN))
        assert f"{printable(BAD)}.wav: not audio" in text
    Path("night.prom").read_text("ascii")


@pytest.mark.parametrize("name", [GOOD, BROKEN])
def test_a_call_is_shown_by_its_name_as_it_is_and_as_it_is_printed(name):
    callaudit("scan", "in")
    listed = callaudit("show").out
    shown = callaudit("show", name)

    assert f"{printable(name)}  {path_of(name)}\n" in listed
    assert shown.code == ExitCode.OK
    assert printable(name) in shown.out.encode().decode()


def test_what_show_prints_it_takes_back():
    callaudit("scan", "in")
    for line in callaudit("show").out.splitlines():
        *_, call_id, path = line.split()
        by_id, by_path = callaudit("show", call_id), callaudit("show", path)
        assert (by_id.code, by_path.code) == (ExitCode.OK, ExitCode.OK)
        assert path in by_id.out
        assert by_id.out == by_path.out


def test_an_unknown_name_is_told_as_names_are_printed():
    callaudit("scan", "in")

    assert rf"no call '{SPELLED}.mp3' in" in callaudit("show", f"{GOOD}.mp3").err
    assert rf"no such file or folder: in/{SPELLED}.mp3" in callaudit("scan", f"in/{GOOD}.mp3").err
    assert rf"/{SPELLED}.mp3 in" in callaudit("retry", f"in/{GOOD}.mp3").err


@pytest.mark.parametrize("named", [f"in/{BAD}.wav", f"in/{printable(BAD)}.wav"])
def test_a_failure_is_tried_again_by_its_path_as_it_is_and_as_it_is_printed(monkeypatch, named):
    callaudit("scan", "in")
    use(monkeypatch)

    assert "1 found, 1 done, 0 failed" in callaudit("retry", named).out


def test_a_file_that_is_named_as_others_are_printed_is_meant_itself(folder):
    other = folder / "in" / f"{SPELLED}.wav"
    other.write_bytes(b"its own")
    callaudit("scan", str(other))

    assert str(other) in callaudit("show", SPELLED).out
    callaudit("scan", "in")
    assert callaudit("show", SPELLED).out.count(str(other)) == 1
