"""What talk near the end of a call is taken for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from callaudit.classifier.talk import TalkClassifier
from callaudit.classifier.talk_training import read_lines, train_talk
from callaudit.domain.talk import EVEN_SHARES, TalkKind
from callaudit.errors import InputError, ModelError
from callaudit.resources import bundled

CORPUS = sorted(bundled("models", "talk", "corpus").glob("*.csv"))


@pytest.fixture(scope="module")
def reader() -> TalkClassifier:
    return TalkClassifier()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("来电人要求核实二月电费 派营业厅 时限两个工作日", TalkKind.READ_BACK),
        ("喂 女士您还听得见吗 那我先挂机了", TalkKind.TO_CUSTOMER),
        ("那老头真能磨叽 为了几块钱打三回", TalkKind.ABOUT_CALLER),
        ("中午订什么外卖 我想吃面", TalkKind.ASIDE),
        ("请您对坐席的服务作出评价 满意请按一", TalkKind.SURVEY),
        ("您拨打的号码已停机 请您稍后再拨", TalkKind.ANNOUNCEMENT),
    ],
)
def test_lines_that_no_pen_wrote_are_read(reader: TalkClassifier, text: str, kind: TalkKind) -> None:
    shares = reader.read(text)
    assert max(shares, key=lambda one: shares[one]) is kind
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", "……"])
def test_text_without_anything_known_is_nothing_in_particular(reader: TalkClassifier, text: str) -> None:
    assert reader.read(text) == EVEN_SHARES


def test_what_the_manifest_claims_of_unseen_pens_is_better_than_chance() -> None:
    figures = json.loads(bundled("models", "talk", "manifest.json").read_text("utf-8"))["metrics"]["unseen_pen"]
    assert figures["lines"] == len(read_lines(CORPUS))
    assert figures["accuracy"] > 0.8
    assert min(figures["recall"].values()) > 0.6


def test_training_gives_the_same_bytes_again(tmp_path: Path) -> None:
    files = [write(tmp_path / name, lines) for name, lines in (("one.csv", LINES), ("two.csv", LINES[::-1]))]
    for out in ("a", "b"):
        train_talk(files, tmp_path / out)
    for name in ("manifest.json", "vocabulary.json", "weights.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert TalkClassifier(tmp_path / "a").read("中午吃什么")[TalkKind.ASIDE] > 0.3


def test_the_manifest_holds_no_number_that_decides_nothing() -> None:
    assert "threshold" not in json.loads(bundled("models", "talk", "manifest.json").read_text("utf-8"))


def test_a_model_of_rudeness_is_none_of_talk() -> None:
    with pytest.raises(ModelError, match="another kind of model"):
        TalkClassifier(bundled("models", "rudeness"))


@pytest.mark.parametrize("row", [["gossip", "他真烦"], ["kind"], ["aside"], ["aside", " "]])
def test_malformed_lines_are_an_error_that_names_the_file(tmp_path: Path, row: list[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("kind,text\n" + ",".join(row) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.csv"):
        read_lines([bad, bad])


def test_one_pen_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one pen"):
        read_lines([write(tmp_path / "one.csv", LINES)])


LINES = [
    ("read_back", "市民反映路灯不亮 派城管"),
    ("read_back", "市民反映水管漏水 派水务"),
    ("to_customer", "喂您好 还听得见吗"),
    ("to_customer", "喂您好 那我先挂了"),
    ("about_caller", "这人真烦 又是他"),
    ("about_caller", "这人真逗 又来了"),
    ("aside", "中午吃什么去"),
    ("aside", "中午吃面去"),
    ("survey", "满意请按一"),
    ("survey", "不满意请按二"),
    ("announcement", "您拨打的用户已关机"),
    ("announcement", "您拨打的用户无法接通"),
]


def write(path: Path, lines: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("kind", "text"), *lines])
    return path
