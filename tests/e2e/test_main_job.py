"""The main job on the sample calls, with the real engines: what the README promises."""

from __future__ import annotations

import csv
import json
import re
import zipfile

import pytest

from tests.cli.runner import callaudit

ORIGIN_ENDINGS = ("origin-1s", "origin-4s", "origin-10s")
WITHOUT_FINDINGS = ("clean-stereo", "clean-mono", "survey-tail", "silent-caller", "customer-swears")
COLUMNS = {
    *("schema", "finding_id", "call_id", "recording", "detector", "category", "severity", "confidence", "party"),
    *("start_ms", "end_ms", "phase", "quote", "evidence"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "out"
    ran = callaudit("demo", "--out", folder)
    assert ran.code == 0, ran.err
    return folder


@pytest.fixture(scope="module")
def findings(demo):
    lines = (demo / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def of(findings, stem):
    return [row for row in findings if f"{stem}." in row["recording"]]


@pytest.fixture(scope="module")
def evaluation():
    from callaudit.resources import bundled

    ran = callaudit("evaluate", bundled("samples"), "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_the_demo_leaves_every_promised_file(demo):
    names = {path.name for path in demo.iterdir()}

    assert {"callaudit.db", "report.html", "findings.jsonl", "findings.csv", "findings.xlsx"} <= names


def test_a_row_has_every_promised_column(findings):
    assert findings
    for row in findings:
        assert row.keys() >= COLUMNS


@pytest.mark.parametrize("stem", ORIGIN_ENDINGS)
def test_the_origin_case_is_flagged_after_the_hangup_whenever_the_line_drops(findings, stem):
    after = [row for row in of(findings, stem) if row["phase"] == "after_hangup"]

    assert "post_hangup" in {row["category"] for row in after}
    assert {row["category"] for row in after} & {"insult", "mockery"}
    assert {row["party"] for row in after} == {"agent"}


@pytest.mark.parametrize("stem", WITHOUT_FINDINGS)
def test_innocent_calls_have_no_finding(findings, stem):
    assert [(row["category"], row["quote"]) for row in of(findings, stem)] == []


def test_nothing_is_held_against_a_customer(findings):
    assert "customer" not in {row["party"] for row in findings}


def test_the_report_is_one_file_that_asks_nobody_for_anything(demo):
    html = (demo / "report.html").read_text(encoding="utf-8")

    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", html)
    assert "data:audio/mpeg;base64," in html
    assert "audio.corrupt" in html or "audio.not_audio" in html


def test_the_tables_hold_the_same_findings(demo, findings):
    with (demo / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == len(findings)
    assert zipfile.is_zipfile(demo / "findings.xlsx")


def test_a_call_can_be_shown(demo):
    ran = callaudit("show", "origin-1s", "--db", f"sqlite:///{demo / 'callaudit.db'}")

    assert ran.code == 0
    assert "origin-1s" in ran.out


def test_a_second_scan_skips_what_is_done(tmp_path):
    from callaudit.resources import bundled

    command = (
        "scan",
        bundled("samples", "clean-mono.amr"),
        "--model",
        "mini",
        "--db",
        f"sqlite:///{tmp_path / 'a.db'}",
    )

    assert "1 done, 0 failed, 0 skipped" in callaudit(*command).out
    assert "0 done, 0 failed, 1 skipped" in callaudit(*command).out


def test_recognition_on_the_samples_is_as_good_as_promised(evaluation):
    assert evaluation["cer"]["all"]["rate"] < 0.15
    assert evaluation["cer"]["all"]["characters"] > 1500


def test_every_hangup_of_the_samples_is_found_in_time(evaluation):
    hangup = evaluation["hangup"]

    assert (hangup["missed"], hangup["elsewhere"], hangup["false"]) == (0, 0, 0)
    assert hangup["max_error_ms"] < 500


def test_only_the_corrupt_sample_fails(evaluation):
    assert [path.rpartition("/")[2] for path in evaluation["failed_as_expected"]] == ["corrupt.flac"]
    assert evaluation["failed"] == evaluation["not_failed"] == evaluation["not_scanned"] == []
