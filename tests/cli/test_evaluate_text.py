from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from callaudit import assembly
from callaudit.detectors.text_judge import TextJudge
from callaudit.errors import ExitCode
from tests.cli.runner import Ran, callaudit
from tests.detectors.fakes import CLASSIFIER, FakeMatcher

HEADER = "label,category,text"


@pytest.fixture(autouse=True)
def quick_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and engines that know a handful of words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(assembly, "build_text_judge", lambda settings: TextJudge(FakeMatcher(), CLASSIFIER))


def table(*lines: str, name: str = "lines.csv", encoding: str = "utf-8") -> Path:
    path = Path(name)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def evaluated(*arguments: object) -> Ran:
    return callaudit("evaluate-text", *arguments)


LINES = ("1,insult,你这个神经病", "1,mockery,打了仨电话", "0,,他骂我神经病", "0,,真是芝麻大的事", "0,,您好")


def test_everything_is_measured() -> None:
    result = json.loads(evaluated("--data", table(HEADER, *LINES), "--json").out)

    assert (result["precision"], result["recall"], result["f1"]) == (0.5, 0.5, 0.5)
    assert result["false_flag_rate"] == pytest.approx(1 / 3, abs=1e-4)
    assert result["categories"]["insult"]["recall"] == 1.0
    assert result["categories"]["mockery"]["recall"] == 0.0
    assert result["category_accuracy"] == 1.0
    assert 0 < result["auc"] < 1
    assert [step["threshold"] for step in result["sweep"]] == sorted({step["threshold"] for step in result["sweep"]})


def test_mistakes_are_listed_with_what_fired() -> None:
    result = json.loads(evaluated("--data", table(HEADER, *LINES), "--json").out)
    (missed,), (false,) = result["missed"], result["false_flags"]

    assert (missed["text"], missed["category"], missed["findings"]) == ("打了仨电话", "mockery", [])
    assert (false["text"], false["named"]) == ("真是芝麻大的事", "mockery")
    assert false["findings"][0]["evidence"][0]["kind"] == "classifier"


def test_for_people_there_are_tables_and_the_mistakes() -> None:
    ran = evaluated("--data", table(HEADER, *LINES))

    assert ran.code == ExitCode.OK
    assert "false-flag rate" in ran.out
    assert "missed: 1" in ran.out
    assert "falsely flagged: 1" in ran.out
    assert "真是芝麻大的事" in ran.out
    assert "分类模型" in ran.out


def test_a_threshold_flags_by_score() -> None:
    strict = json.loads(evaluated("--data", table(HEADER, *LINES), "--threshold", "0.9", "--json").out)

    assert (strict["threshold"], strict["recall"], strict["false_flag_rate"]) == (0.9, 0.5, pytest.approx(1 / 3, 1e-3))
    assert strict["false_flags"][0]["text"] == "他骂我神经病"


def test_party_and_phase_are_columns() -> None:
    lines = ("1,insult,customer,before_hangup,神经病", "1,impatience,agent,after_hangup,有完没完", "0,,agent,,您好")
    result = json.loads(
        evaluated("--data", table("label,category,party,phase,text", *lines), "--threshold", "1", "--json").out
    )

    assert result["not_judged"] == 1
    assert [(row["phase"], row["findings"][0]["severity"]) for row in result["missed"]] == [("after_hangup", "major")]


def test_without_categories_flags_are_measured_all_the_same() -> None:
    result = json.loads(
        evaluated("--data", table("Label,Text,Phase", "1,神经病,after_hangup", "0,您好,"), "--json").out
    )

    assert (result["recall"], result["false_flag_rate"]) == (1.0, 0.0)
    assert (result["category_accuracy"], result["wrong_category"]) == (None, [])


def test_several_files_are_one_set() -> None:
    one, other = table(HEADER, *LINES), table(HEADER, *LINES, name="other.csv")
    together = json.loads(evaluated("--data", one, "--data", other, "--json").out)
    in_a_row = json.loads(evaluated("--json", "--data", one, other).out)

    assert together == in_a_row
    assert (together["rude"], together["harmless"]) == (4, 6)


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER,),
        ("category,text", ",机密"),
        (HEADER, "2,,机密"),
        (HEADER, "1,nonsense,机密"),
        (HEADER, "0,insult,机密"),
        (HEADER, "0,,"),
        ("label,category,text,phase", "0,,机密,later"),
        ("label,category,text,party", "0,,机密,boss"),
    ],
)
def test_bad_tables_exit_with_5_and_name_the_file(lines: tuple[str, ...]) -> None:
    ran = evaluated("--data", table(*lines))

    assert ran.code == ExitCode.NO_INPUT
    assert "what to do" in ran.err
    assert "机密" not in ran.err
    assert "lines.csv" in ran.err or lines == (HEADER,)


def test_a_missing_file_a_folder_and_gbk_exit_with_5() -> None:
    table(HEADER, *LINES, name="gbk.csv", encoding="gbk")

    assert [evaluated("--data", name).code for name in ("nowhere.csv", ".", "gbk.csv")] == [ExitCode.NO_INPUT] * 3


def test_what_can_be_read_only_once_will_do() -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{HEADER}\n{LINES[0]}\n".encode())
    os.close(writing)
    ran = evaluated("--data", f"/dev/fd/{reading}")
    os.close(reading)

    assert ran.code == ExitCode.OK


def test_a_table_saved_by_excel_is_read() -> None:
    assert evaluated("--data", table(HEADER, *LINES, encoding="utf-8-sig")).code == ExitCode.OK


def test_data_must_be_named() -> None:
    assert evaluated().code == ExitCode.USAGE
    assert evaluated("--data", table(HEADER, *LINES), "--threshold", "1.5").code == ExitCode.USAGE
