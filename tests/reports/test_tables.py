from __future__ import annotations

import csv
import json
import unicodedata
import weakref
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from callaudit.domain.analysis import CallOutcome, JudgedCall
from callaudit.domain.findings import Finding
from callaudit.errors import StorageError
from callaudit.reports import tables
from callaudit.reports.rows import (
    CALL_COLUMNS,
    FAILURE_COLUMNS,
    FINDING_COLUMNS,
    TIMER_COLUMNS,
    call_row,
    failure_row,
    finding_row,
)
from callaudit.reports.tables import write_csv, write_jsonl, write_xlsx
from tests.builders import make_finding, make_judged
from tests.reports.hostile import hostile_call, hostile_failure
from tests.reports.origin_case import clean_call, failed_call, origin_call

NIGHT: list[CallOutcome] = [origin_call(), clean_call(), failed_call()]
Writer = Callable[[Path, Callable[[], Iterable[CallOutcome]]], None]


class LooseRow(dict[str, Any]):
    """A row that can be referred to weakly."""


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_xlsx(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(path)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    book.close()
    return sheets


def test_rows_have_the_columns_that_are_announced() -> None:
    judged = origin_call()
    assert tuple(finding_row(judged, judged.findings[0])) == FINDING_COLUMNS
    assert tuple(call_row(judged)) == CALL_COLUMNS
    assert tuple(failure_row(failed_call())) == FAILURE_COLUMNS


def test_a_line_of_json_holds_the_whole_finding(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "f.jsonl", lambda: NIGHT)
    rows = read_jsonl(tmp_path / "f.jsonl")
    assert len(rows) == 3
    evidence = rows[0].pop("evidence")
    assert rows[0] == {
        "schema": "callaudit.finding/1",
        "finding_id": origin_call().findings[0].finding_id,
        "call_id": "20261120-140307_3107",
        "recording": "calls/20261120-140307_3107.wav",
        "recording_sha256": "5e" * 32,
        "detector": "rude_speech",
        "category": "insult",
        "severity": "critical",
        "confidence": 0.97,
        "party": "agent",
        "party_basis": "setting",
        "start_ms": 37_500,
        "end_ms": 40_560,
        "phase": "after_hangup",
        "quote": "为了45块钱打了仨电话，真是不要脸。",
        "hangup_at_ms": 31_400,
        "hangup_uncertainty_ms": 600,
        "timer_quiet_ms": 5_810,
        "timer_limit_ms": 5_000,
        "timer_flags": True,
        "agent_id": "3107",
        "queue": "回访一组",
        "call_score": 96.5,
        "fingerprint": "f3a91c0d77e2b845",
    }
    assert [item["kind"] for item in evidence] == ["lexicon", "classifier", "post_hangup", "context"]
    assert evidence[0]["chars"] == {"start": 14, "end": 17}
    assert evidence[2]["sources"] == ["call_record", "tone"]


def test_without_a_hangup_the_timer_says_nothing() -> None:
    row = call_row(clean_call())
    assert [row[name] for name in TIMER_COLUMNS] == [None, None, None]


def test_chinese_stands_readable_in_the_file(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "f.jsonl", lambda: NIGHT)
    assert "不要脸" in (tmp_path / "f.jsonl").read_text(encoding="utf-8")


def test_json_lines_stand_in_the_order_of_outcomes_and_findings(tmp_path: Path) -> None:
    first, last = make_judged(findings=(make_finding(),)), origin_call()
    write_jsonl(tmp_path / "f.jsonl", lambda: [first, last, failed_call()])
    ids = [row["finding_id"] for row in read_jsonl(tmp_path / "f.jsonl")]
    assert ids == [finding.finding_id for call in (first, last) for finding in call.findings]
    assert first.analysis.call.recording.path > last.analysis.call.recording.path, "else sorting would do"


@pytest.mark.parametrize("write", [write_jsonl, write_csv])
def test_a_finding_is_let_go_as_soon_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Writer
) -> None:
    made: list[weakref.ref[LooseRow]] = []

    def loose_row(judged: JudgedCall, finding: Finding) -> dict[str, Any]:
        row = LooseRow(finding_row(judged, finding))
        made.append(weakref.ref(row))
        return row

    def night() -> Iterator[CallOutcome]:
        for _ in range(5):
            yield make_judged(findings=(make_finding(),))
            assert sum(row() is not None for row in made) <= 1

    monkeypatch.setattr(tables, "finding_row", loose_row)
    write(tmp_path / "f", night)
    assert len(made) == 5


def test_json_escapes_what_could_upset_a_terminal(tmp_path: Path) -> None:
    quote = "a\x1b[2J\x9b\u202e\udcb2"
    write_jsonl(tmp_path / "f.jsonl", lambda: [make_judged(findings=(make_finding(quote=quote),))])
    text = (tmp_path / "f.jsonl").read_text(encoding="utf-8")
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in text.rstrip("\n"))
    assert json.loads(text)["quote"] == "a\x1b[2J\x9b\u202e\\xb2"  # strict readers refuse half of a surrogate pair


def test_csv_opens_in_excel_as_chinese(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", lambda: NIGHT)
    assert (tmp_path / "f.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    row = read_csv(tmp_path / "f.csv")[0]
    assert (row["category"], row["category_text"], row["severity_text"]) == ("insult", "辱骂", "致命")
    assert (row["start"], row["start_ms"]) == ("0:37.5", "37500")
    assert "命中服务禁语「不要脸」" in row["evidence_text"]


def test_csv_words_follow_the_language(tmp_path: Path) -> None:
    write_csv(tmp_path / "f.csv", lambda: NIGHT, "en")
    assert read_csv(tmp_path / "f.csv")[0]["category_text"] == "Insult"


def test_a_workbook_has_findings_calls_and_failures(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "f.xlsx", lambda: NIGHT)
    sheets = read_xlsx(tmp_path / "f.xlsx")
    assert {name: len(rows) - 1 for name, rows in sheets.items()} == {"findings": 3, "calls": 2, "failures": 1}
    finding = dict(zip(sheets["findings"][0], sheets["findings"][1], strict=True))
    assert finding["quote"] == "为了45块钱打了仨电话，真是不要脸。"
    assert finding["start_ms"] == 37_500
    failure = dict(zip(sheets["failures"][0], sheets["failures"][1], strict=True))
    assert failure["code"] == "audio.corrupt"


def test_a_night_without_findings_still_makes_files_with_headings(tmp_path: Path) -> None:
    for write, name in ((write_jsonl, "f.jsonl"), (write_csv, "f.csv"), (write_xlsx, "f.xlsx")):
        write(tmp_path / name, lambda: [])
    assert (tmp_path / "f.jsonl").read_bytes() == b""
    assert (tmp_path / "f.csv").read_text(encoding="utf-8-sig").startswith("finding_id,call_id,")
    assert {name: len(rows) for name, rows in read_xlsx(tmp_path / "f.xlsx").items()} == {
        "findings": 1,
        "calls": 1,
        "failures": 1,
    }


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "=cmd|' /C calc'!A0"]
)
def test_no_text_becomes_a_formula(tmp_path: Path, formula: str) -> None:
    night: list[CallOutcome] = [make_judged(findings=(make_finding(quote=formula),)), failed_call(message=formula)]
    write_csv(tmp_path / "f.csv", lambda: night)
    write_xlsx(tmp_path / "f.xlsx", lambda: night)
    assert read_csv(tmp_path / "f.csv")[0]["quote"].startswith("'")
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    told_as_it_is = 2 if formula.isprintable() else 1  # messages may hold names, in which controls are spelled out
    assert sum(isinstance(cell.value, str) and cell.value.startswith("'") for cell in cells) >= told_as_it_is
    book.close()


def test_hostile_texts_leave_files_that_can_be_read(tmp_path: Path) -> None:
    night: list[CallOutcome] = [hostile_call(), hostile_failure()]
    write_jsonl(tmp_path / "f.jsonl", lambda: night)
    write_csv(tmp_path / "f.csv", lambda: night)
    write_xlsx(tmp_path / "f.xlsx", lambda: night)
    assert len(read_jsonl(tmp_path / "f.jsonl")) == 3
    for row in read_csv(tmp_path / "f.csv"):
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for value in row.values() for c in value)
    assert len(read_xlsx(tmp_path / "f.xlsx")["findings"]) == 4
    with zipfile.ZipFile(tmp_path / "f.xlsx") as book:
        assert not any("hyperlink" in book.read(name).decode() for name in book.namelist() if "sheet" in name)


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "f.xlsx", lambda: [make_judged(findings=(make_finding(quote="骂" * 40_000),))])
    rows = read_xlsx(tmp_path / "f.xlsx")["findings"]
    assert len(dict(zip(rows[0], rows[1], strict=True))["quote"]) == 32_000


@pytest.mark.parametrize(("write", "name"), [(write_jsonl, "f.jsonl"), (write_csv, "f.csv"), (write_xlsx, "f.xlsx")])
def test_the_same_findings_make_the_same_bytes(tmp_path: Path, write: Writer, name: str) -> None:
    write(tmp_path / name, lambda: NIGHT)
    first = (tmp_path / name).read_bytes()
    write(tmp_path / name, lambda: NIGHT)
    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize("write", [write_jsonl, write_csv, write_xlsx])
def test_a_folder_that_is_not_there_is_reported(tmp_path: Path, write: Writer) -> None:
    with pytest.raises(StorageError) as caught:
        write(tmp_path / "no" / "findings", lambda: NIGHT)
    assert caught.value.code == "report.unwritable"
