"""The scripts that make the bundled speech model."""

from __future__ import annotations

import importlib.util
import random
import re
from pathlib import Path

import pytest

RECIPE = Path(__file__).parents[2] / "models" / "mini" / "recipe"


@pytest.fixture(scope="module")
def sentences():
    spec = importlib.util.spec_from_file_location("recipe_sentences", RECIPE / "sentences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (0, "零"),
        (10, "十"),
        (15, "十五"),
        (45, "四十五"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (2003, "两千零三"),
    ],
)
def test_numbers_are_written_as_they_are_spoken(sentences, number, spoken):
    assert sentences.numeral(number) == spoken.replace("两", "二")


def test_sentences_hold_nothing_but_chinese_characters_and_pauses(sentences):
    rng = random.Random(3)
    made = [sentences.hotline_sentence(rng) for _ in range(500)]

    assert [sentence for sentence in made if not re.fullmatch(r"[\u4e00-\u9fff，]{1,26}", sentence)] == []
    assert len(set(made)) > 400


def test_clauses_are_cut_from_a_corpus(sentences, tmp_path):
    corpus = tmp_path / "corpus.csv"
    corpus.write_text("TEXT\n今天天气很好，我们去爬山吧！好\n", encoding="utf-8")

    assert sorted(sentences.clauses([corpus], 9, random.Random(1))) == sorted(["今天天气很好", "我们去爬山吧"])


def test_service_speech_is_written_as_it_is_spoken(sentences, tmp_path):
    (tmp_path / "corpus.csv").write_text("text\n我付了45块。谢谢\nVIP专线\n", encoding="utf-8")

    assert sentences.service_sentences(tmp_path) == ["我付了四五块，谢谢"]
