from __future__ import annotations

import pickle
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callaudit.classifier.corpus import read_corpus
from callaudit.resources import bundled
from callaudit.text.segment import Segmenter


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def test_words_are_found(segmenter: Segmenter) -> None:
    assert segmenter.words("请您保持电话畅通，谢谢") == ("请", "您", "保持", "电话", "畅通", "，", "谢谢")


def test_traditional_text_is_cut_like_simplified(segmenter: Segmenter) -> None:
    assert segmenter.words("請您保持電話暢通") == ("請", "您", "保持", "電話", "暢通")


@pytest.mark.parametrize(
    ("text", "phrase", "position", "is_boundary"),
    [
        ("不要脸部识别", "不要脸", 3, False),
        ("海狗东西", "狗东西", 1, False),
        ("真不要脸", "不要脸", 1, True),
        ("你个狗东西", "狗东西", 2, True),
    ],
)
def test_a_phrase_in_question_is_no_evidence_for_itself(
    segmenter: Segmenter, text: str, phrase: str, position: int, is_boundary: bool
) -> None:
    assert (position in segmenter.boundaries(text, ignoring={phrase})) is is_boundary


@settings(max_examples=60)
@given(text=st.text(alphabet="不要脸部识别神经病，。 a1我你他\n為", max_size=20))
def test_words_joined_are_the_text(segmenter: Segmenter, text: str) -> None:
    assert "".join(segmenter.words(text)) == text
    assert {0, len(text)} <= segmenter.boundaries(text)


def test_survives_the_way_to_another_process(segmenter: Segmenter) -> None:
    again = pickle.loads(pickle.dumps(segmenter))
    assert again.words("不要脸部识别") == segmenter.words("不要脸部识别")


def test_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import jieba

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Segmenter().words("您好") == ("您好",)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")
    assert not jieba.dt.initialized


def test_text_is_cut_as_jieba_cuts_it(segmenter: Segmenter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own way into the dictionary is another one: with the beginnings of words, and a cache on disk."""
    import jieba

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    tokenizer = jieba.Tokenizer()
    texts = [row.text for row in read_corpus([bundled("models", "rudeness", "corpus", "calls.csv")])]
    runs = {run for text in texts for run in re.findall("[一-鿿]+", text)}
    assert len(runs) > 1000
    for run in runs:
        assert list(segmenter.words(run)) == tokenizer.lcut(run, HMM=False)
