from __future__ import annotations

import logging
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callaudit.text.segment import Segmenter, _frequencies


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


def test_added_words_hold_and_show_in_the_version(segmenter: Segmenter) -> None:
    own = Segmenter(words=["话后整理"])
    assert own.words("进入话后整理")[-1] == "话后整理"
    assert segmenter.words("进入话后整理")[-1] != "话后整理"
    assert own.version != segmenter.version


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
    assert logging.getLogger("jieba").level >= logging.WARNING


def test_the_dictionary_is_read_as_jieba_reads_it(tmp_path: Path) -> None:
    import jieba

    lines = "AT&T 3 nz\n不要脸 12 a\n不要 40 d\n脸 5 n\n不要脸部 1 n\n脸 7 n\n"
    (tmp_path / "dict.txt").write_text(lines, encoding="utf-8")
    with (tmp_path / "dict.txt").open("rb") as file:
        expected = jieba.Tokenizer().gen_pfdict(file)

    assert _frequencies(lines) == expected
