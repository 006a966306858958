from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callaudit.text.normalize import _fold_cells, fold, folded_texts, normalise_for_cer

SPEECH = st.text(
    alphabet="您好不要脸為了四十五塊錢打仨電話她，。？！ …嗯啊呃ＡＢ１２３45一百千万亿零幺㊿ﬁ.:个x", max_size=14
)
ANY_TEXT = st.one_of(SPEECH, st.text(max_size=14))


@given(ANY_TEXT)
def test_every_stretch_maps_to_a_stretch_of_the_raw_text(text: str) -> None:
    folded = fold(text)
    for start in range(len(folded.text) + 1):
        for end in range(start, len(folded.text) + 1):
            span = folded.raw_span(start, end)
            assert 0 <= span.start <= span.end <= len(text)
            assert (span.length > 0) == (end > start)


@given(ANY_TEXT)
def test_map_runs_forward(text: str) -> None:
    folded = fold(text)
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)


@given(ANY_TEXT)
def test_whole_span_covers_all_that_was_not_dropped(text: str) -> None:
    folded = fold(text)
    whole = folded.raw_span(0, len(folded.text))
    assert fold(whole.cut(text)).text == folded.text
    outside = text[: whole.start] + "，" + text[whole.end :]
    assert folded.text == "" or fold(outside).text == ""


@given(ANY_TEXT)
def test_pauses_hold_the_breaks_and_lie_within_the_text(text: str) -> None:
    folded = fold(text)
    assert folded.breaks <= folded.pauses
    assert all(0 <= at <= len(folded.text) for at in folded.pauses)


@given(st.text(alphabet="您好不要脸為她，。 嗯啊ＡＢ得做", max_size=20))
def test_folding_folded_text_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("您怎么，又来了？", "你怎么又来了"),
        ("啊嗯，您说", "你说"),
        ("去告啊嗯", "去告啊"),
        ("嗯，那个人呃不要脸", "那个人不要脸"),
        ("啊，你说什么", "你说什么"),
        ("去告啊！", "去告啊"),
        ("额度不够", "额度不够"),
        ("ＴＭＤ", "tmd"),
        ("煩得很", "烦的很"),
        ("她说它", "他说他"),
        ("", ""),
        ("……", ""),
    ],
)
def test_fold_keeps_what_was_said(raw: str, folded: str) -> None:
    assert fold(raw).text == folded


def test_sentence_ends_are_told_from_pauses() -> None:
    folded = fold("不要。脸，疼")
    assert (folded.text, folded.breaks, folded.pauses) == ("不要脸疼", {2}, {2, 3})


def test_a_number_maps_to_the_whole_numeral() -> None:
    raw = "为了四十五块"
    folded = fold(raw)
    at = folded.text.index("45")
    assert folded.raw_span(at, at + 1).cut(raw) == "四十五"


@pytest.mark.parametrize("stretch", [(-1, 1), (2, 1), (0, 4)])
def test_a_stretch_outside_the_text_is_refused(stretch: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        fold("不要脸").raw_span(*stretch)


@pytest.mark.parametrize(
    ("reference", "transcript"),
    [
        ("您好，请问是12345热线吗？", "您好 请问是一二三四五热线吗"),
        ("多收了四十五块钱。", "多收了45块钱"),
        ("為什麼", "为什么"),
        ("ＯＫ", "ok"),
    ],
)
def test_spelling_is_no_recognition_error(reference: str, transcript: str) -> None:
    assert normalise_for_cer(reference) == normalise_for_cer(transcript)


@pytest.mark.parametrize(
    ("reference", "transcript"), [("您好", "你好"), ("她说", "他说"), ("嗯好的", "好的"), ("四十五", "五十五")]
)
def test_another_word_is_a_recognition_error(reference: str, transcript: str) -> None:
    assert normalise_for_cer(reference) != normalise_for_cer(transcript)


PLAIN_SPEECH = st.text(alphabet="您她做得嘛不要脸後嗯啊额一二两零幺十万仨个3 ,.!?;:，。！？；：、\u3000", max_size=9)


@settings(max_examples=1000)
@given(st.one_of(PLAIN_SPEECH, SPEECH, st.text(max_size=14)))
def test_the_short_way_for_simple_text_leads_to_the_same_place(text: str) -> None:
    assert fold(text) == _fold_cells(text)


@given(st.lists(st.one_of(PLAIN_SPEECH, SPEECH, st.text(max_size=14)), max_size=6))
def test_many_texts_fold_as_each_by_itself(texts: list[str]) -> None:
    assert folded_texts(texts) == [fold(text).text for text in texts]


@pytest.mark.parametrize("text", ["\n", "a\nb", ""])
def test_line_breaks_within_a_text_part_no_texts(text: str) -> None:
    assert folded_texts([text, "您"]) == [fold(text).text, "你"]


@pytest.mark.parametrize("text", ["至于吗 一个差评", "嗯 至于吗 一个差评", "至于吗 十个差评"])
def test_a_space_before_a_numeral_in_characters_is_a_pause(text: str) -> None:
    folded = fold(text)

    assert folded.text.index("吗") + 1 in folded.pauses


@pytest.mark.parametrize("text", ["一共 5 个", "打 12345 吧", " 您好 "])
def test_a_space_beside_figures_or_at_an_end_is_none(text: str) -> None:
    assert fold(text).pauses == frozenset()
