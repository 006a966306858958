"""Phrases that are only heard: what was written sounds like them."""

from __future__ import annotations

import pytest

from callaudit.domain.findings import MatchPath
from callaudit.text.segment import Segmenter
from tests.lexicon.conftest import MatcherOf, make_entry


@pytest.mark.parametrize(
    ("phrase", "text", "matched"),
    [
        ("贱人", "你个贱仁", "贱仁"),
        ("废物", "肺物一个", "肺物"),
        ("滚蛋", "你给我滚旦", "滚旦"),
        ("[大]笨蛋", "本单 奔旦 笨旦", "笨旦"),
    ],
)
def test_two_syllables_are_heard_where_tones_agree(matcher_of: MatcherOf, phrase: str, text: str, matched: str) -> None:
    (match,) = matcher_of(phrase).match(text)

    assert (match.matched, match.path) == (matched, MatchPath.SOUND)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("傻逼", "沙笔"),  # other tones
        ("废物", "飞舞"),
        ("贱人", "简任"),
        ("白痴", "白吃了一顿"),  # a word of its own
        ("拉倒", "把绳子拉到这边"),
        ("智障", "纸张"),
        ("废物", "这肺，物业看不了"),  # over a pause
        ("贱人", "再见人家"),  # across words
        ("傻x", "沙x"),  # no Chinese syllable
        ("无{..}赖", "吴先生依赖"),  # with a gap
    ],
)
def test_two_syllables_are_not_heard_otherwise(matcher_of: MatcherOf, phrase: str, text: str) -> None:
    assert matcher_of(phrase).match(text) == ()


def test_an_entry_can_be_kept_from_being_heard_in_two_syllables_too(matcher_of: MatcherOf) -> None:
    assert matcher_of(make_entry("贱人", sound=False)).match("你个贱仁") == ()


def test_contexts_and_doubts_hold_for_what_is_heard(matcher_of: MatcherOf) -> None:
    assert matcher_of(make_entry("贱人", unless=("贱仁村",))).match("贱仁村") == ()
    assert "reported_speech" in matcher_of("贱人").match("他骂我贱仁")[0].doubts


def test_characters_go_before_sounds(matcher_of: MatcherOf) -> None:
    (match,) = matcher_of("贱人").match("你个贱人")

    assert match.path is MatchPath.EXACT


@pytest.mark.parametrize(
    ("word", "known"), [("白吃", True), ("纸张", True), ("贱仁", False), ("a", False), ("", False)]
)
def test_words_are_known_by_the_dictionary(segmenter: Segmenter, word: str, known: bool) -> None:
    assert segmenter.knows(word) is known
