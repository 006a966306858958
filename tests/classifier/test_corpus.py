"""Labelled utterances are read or refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.classifier.corpus import corpus_digest, read_corpus
from callaudit.domain.calls import Party
from callaudit.domain.findings import SPEECH_CATEGORIES, Category, Phase
from callaudit.errors import InputError
from callaudit.resources import bundled
from callaudit.text.normalize import fold

HELD_OUT = Path(__file__).parents[1] / "data" / "heldout_utterances.csv"
BLIND = HELD_OUT.with_name("blind_utterances.csv")
BLIND_2 = HELD_OUT.with_name("blind_utterances_2.csv")
HEADER = "label,category,party,family,text\n"


def bundled_corpus() -> list[Path]:
    return sorted(bundled("models", "rudeness", "corpus").glob("*.csv"))


def write(folder: Path, text: str, name: str = "some.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_row_is_read_with_all_columns(tmp_path: Path) -> None:
    (row,) = read_corpus([write(tmp_path, HEADER + "1,insult,customer,insult.001.2,滚蛋\n")])
    assert (row.rude, row.category, row.party) == (True, Category.INSULT, Party.CUSTOMER)
    assert (row.family, row.topic) == ("insult.001.2", "insult.001")


def test_the_phase_is_a_column_and_every_row_knows_its_place(tmp_path: Path) -> None:
    rows = read_corpus([write(tmp_path, "label,text,phase\n0,您好,\n0,再见,after_hangup\n")])
    assert [(row.phase, row.place) for row in rows] == [
        (Phase.BEFORE_HANGUP, "some.csv:2"),
        (Phase.AFTER_HANGUP, "some.csv:3"),
    ]


def test_without_family_every_row_is_its_own(tmp_path: Path) -> None:
    rows = read_corpus([write(tmp_path, "label,category,text\n0,,您好\n0,,再见\n")])
    assert len({row.family for row in rows}) == 2
    assert {row.party for row in rows} == {Party.AGENT}


def test_a_file_without_categories_has_none_to_learn_and_its_other_columns_are_passed_over(tmp_path: Path) -> None:
    rows = read_corpus([write(tmp_path, ",split,topic,label,TEXT\n7,train,race,1,滚蛋\n8,train,race,0,您好\n")])
    assert [(row.text, row.rude, row.category) for row in rows] == [("滚蛋", True, None), ("您好", False, None)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("label,category\n0,\n", "lacks the column text"),
        (HEADER + "2,,agent,a,您好\n", "line 2: has a label other than 0 and 1"),
        (HEADER + "1,,agent,a,滚\n", "line 2: needs one of the seven categories"),
        (HEADER + "0,insult,agent,a,您好\n", "line 2: needs one of the seven categories"),
        (HEADER + "1,post_hangup,agent,a,滚\n", "line 2: needs one of the seven categories"),
        (HEADER + "0,,agent,a,您好\n0,,boss,a,您好\n", "line 3: names an unknown party"),
        (HEADER + "0,,agent,a,\n", "line 2: has no text"),
        (HEADER + "0,,agent,a,您好,您贵姓\n", "line 2: has another number of cells"),
        (HEADER + "0,,agent\n", "line 2: has another number of cells"),
        (HEADER + '0,,agent,a,"您好\n0,,agent,a,您贵姓\n', "a quotation mark loose"),
        ("label,text,text\n0,您好,您好\n", "names a column twice"),
        ("label,text,phase\n0,您好,later\n", "line 2: names an unknown phase"),
        (HEADER, "no labelled utterances"),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        read_corpus([write(tmp_path, text)])
    assert "您好" not in caught.value.message


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gbk.csv").write_bytes((HEADER + "0,,agent,a,您好\n").encode("gbk"))
    with pytest.raises(InputError, match="not in UTF-8"):
        read_corpus([tmp_path / "gbk.csv"])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_corpus([tmp_path / "none.csv"])


def test_the_digest_follows_the_contents_and_nothing_else(tmp_path: Path) -> None:
    one, two = write(tmp_path, "a", "one.csv"), write(tmp_path, "b", "two.csv")
    digest = corpus_digest([one, two])
    assert corpus_digest([two, one]) == digest
    two.write_text("c", encoding="utf-8")
    assert corpus_digest([one, two]) != digest


def test_the_bundled_corpus_is_large_and_at_least_half_harmless() -> None:
    rows = read_corpus(bundled_corpus())
    harmless = sum(not row.rude for row in rows)
    assert len(rows) >= 45_000
    assert harmless >= len(rows) / 2
    assert len({row.topic for row in rows}) >= 500
    assert {row.category for row in rows} == {None, *SPEECH_CATEGORIES}


def test_no_text_of_the_bundled_corpus_has_two_labels() -> None:
    label_by_text: dict[str, bool] = {}
    rows = read_corpus(bundled_corpus())
    doubtful = [row.text for row in rows if label_by_text.setdefault(row.text, row.rude) is not row.rude]
    assert doubtful == []


def test_no_held_out_utterance_is_in_the_corpus() -> None:
    corpus = {fold(row.text).text for row in read_corpus(bundled_corpus())}
    held_out = read_corpus([HELD_OUT, BLIND, BLIND_2])
    assert len(held_out) >= 2000
    assert [row.text for row in held_out if fold(row.text).text in corpus] == []
