from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callaudit.domain.findings import MatchPath, Severity
from callaudit.domain.spans import CharSpan
from callaudit.lexicon.entries import Lexicon
from callaudit.lexicon.matcher import LexiconMatcher
from callaudit.text.normalize import fold
from callaudit.text.segment import Segmenter
from tests.lexicon.conftest import MatcherOf, make_entry


def found(matcher: LexiconMatcher, text: str) -> list[str]:
    return [match.matched for match in matcher.match(text)]


@pytest.mark.parametrize(
    ("phrase", "text", "matched"),
    [
        ("不要脸", "真不要脸！", "不要脸"),
        ("不要脸", "真不要臉！", "不要臉"),
        ("三个电话", "打了仨电话", "仨电话"),
        ("45块钱", "为了四十五块钱", "四十五块钱"),
        ("四十五块钱", "为了４５块钱", "４５块钱"),
        ("你烦不烦", "您，烦不烦啊", "您，烦不烦"),
        ("烦的很", "烦得很", "烦得很"),
        ("不要脸", "不要嗯脸", "不要嗯脸"),
        ("傻x", "这个傻Ｘ", "傻Ｘ"),
        ("为了{..}块{..}打了", "为了四十五块钱，居然打了三个电话", "为了四十五块钱，居然打了"),
        ("^滚$", "你好，滚，别打了", "滚"),
    ],
)
def test_a_match_quotes_the_raw_text(matcher_of: MatcherOf, phrase: str, text: str, matched: str) -> None:
    (match,) = matcher_of(phrase).match(text)
    assert match.matched == match.chars.cut(text) == matched
    assert match.path is MatchPath.EXACT


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("不要脸", "请不要脸部遮挡"),
        ("不要脸", "不要。脸上有伤"),
        ("不要脸", "不要，脸疼"),
        ("狗东西", "海狗东西"),
        ("神经病", "神经病变"),
        ("滚蛋", "滚蛋糕"),
        ("有病", "有病历"),
        ("45块", "一百四十五块"),
        ("45", "458"),
        ("为了{..}块{..}打了", "为了您好。一块。打了"),
        ("为了{..2}块", "为了四五六七块"),
        ("^滚$", "点击滚动条"),
        ("^滚$", "水滚了"),
        ("滚$", "滚水"),
    ],
)
def test_what_only_looks_like_a_phrase_is_no_match(matcher_of: MatcherOf, phrase: str, text: str) -> None:
    assert found(matcher_of(phrase), text) == []


def test_a_longer_phrase_may_cut_one_word(matcher_of: MatcherOf) -> None:
    assert found(matcher_of("关我什么事"), "关我什么事情") == ["关我什么事"]


def test_unless_contexts_void_the_match_they_overlap_and_no_other(matcher_of: MatcherOf) -> None:
    matcher = matcher_of(make_entry("傻子", unless=("当傻子",)))
    assert found(matcher, "把我当傻子") == []
    assert [match.chars for match in matcher.match("当傻子，你个傻子")] == [CharSpan(6, 8)]


def test_of_matches_at_one_place_the_longest_is_told(matcher_of: MatcherOf) -> None:
    assert found(matcher_of("不要脸", "这种人都不要脸"), "这种人都不要脸") == ["这种人都不要脸"]


def test_a_graver_match_is_told_even_within_a_longer_one(matcher_of: MatcherOf) -> None:
    matcher = matcher_of(make_entry("傻逼", severity=Severity.CRITICAL), make_entry("你就是个傻逼吧"))
    assert sorted(found(matcher, "你就是个傻逼吧")) == ["你就是个傻逼吧", "傻逼"]


def test_weak_matches_do_not_hide_those_that_count_alone(matcher_of: MatcherOf) -> None:
    matcher = matcher_of("滚", make_entry("我不知道滚", alone=False))
    assert "滚" in found(matcher, "我不知道滚")


def test_of_two_alike_the_graver_is_told(matcher_of: MatcherOf) -> None:
    first, second = make_entry("废物", severity=Severity.MINOR), make_entry("[大]废物", severity=Severity.MAJOR)
    (match,) = matcher_of(first, second).match("废物")
    assert match.entry == second


@pytest.mark.parametrize(
    ("phrase", "text"),
    [("神经病", "神精病"), ("不要脸", "真不要连"), ("你听不懂人话", "你听不冻人话"), ("你给我小心点", "你给我晓心点")],
)
def test_misheard_phrases_are_found_by_ear(matcher_of: MatcherOf, phrase: str, text: str) -> None:
    (match,) = matcher_of(phrase).match(text)
    assert match.path is MatchPath.SOUND
    assert match.chars.cut(text) == match.matched


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("傻逼", "沙比"),
        ("这么闲", "这么香"),
        ("不要脸", "不要练习"),
        ("不要脸", "部药敛"),
        ("不要脸", "不要，连"),
        ("不要脸", "不要钱"),
        ("为了{..}傻子", "为了四十五沙子"),
    ],
)
def test_hearing_has_limits(matcher_of: MatcherOf, phrase: str, text: str) -> None:
    assert found(matcher_of(phrase), text) == []


def test_an_entry_can_be_kept_from_being_heard(matcher_of: MatcherOf) -> None:
    assert found(matcher_of(make_entry("神经病", sound=False)), "神精病") == []


def test_what_was_ruled_out_by_characters_does_not_come_back_by_ear(matcher_of: MatcherOf) -> None:
    matcher = matcher_of(make_entry("不要脸", unless=("不要脸上",)))
    assert found(matcher, "不要脸上抹药") == []


PLAIN = ("电话", "你好吗朋友", "人都不", "我不管你")


@settings(max_examples=150)
@given(text=st.text(alphabet="你好吗朋友人都不我管电话，。 四5", max_size=24))
def test_plain_phrases_are_found_where_a_naive_search_finds_them(segmenter: Segmenter, text: str) -> None:
    matcher = _plain_matcher(segmenter)
    folded = fold(text)
    told = {(match.entry.phrase, match.chars) for match in matcher.match_all(text) if match.path is MatchPath.EXACT}
    boundaries = segmenter.boundaries(text, ignoring=PLAIN)
    expected = set()
    for phrase in PLAIN:
        for start in range(len(folded.text)):
            end = start + len(phrase)
            inside = range(start + 1, end)
            torn = any(at in (folded.pauses if len(phrase) <= 3 else folded.breaks) for at in inside)
            if folded.text[start:end] == phrase and not torn:
                span = folded.raw_span(start, end)
                cuts = (span.start not in boundaries) + (span.end not in boundaries)
                if cuts < (1 if len(phrase) <= 3 else 2):
                    expected.add((phrase, span))
    assert told == expected


_MATCHERS: dict[int, LexiconMatcher] = {}


def _plain_matcher(segmenter: Segmenter) -> LexiconMatcher:
    return _MATCHERS.setdefault(
        id(segmenter), LexiconMatcher(Lexicon(tuple(make_entry(phrase) for phrase in PLAIN)), segmenter)
    )


@settings(max_examples=100)
@given(text=st.text(alphabet="为了四十五块钱打了仨电话您不要臉真神经病滚，。？ 嗯12", max_size=30))
def test_matches_lie_within_the_text_and_in_order(matcher: LexiconMatcher, text: str) -> None:
    matches = matcher.match(text)
    assert [match.chars for match in matches] == sorted(match.chars for match in matches)
    for match in matches:
        assert 0 <= match.chars.start < match.chars.end <= len(text)
        assert match.matched == text[match.chars.start : match.chars.end]


def test_survives_the_way_to_another_process(matcher_of: MatcherOf) -> None:
    matcher = matcher_of("不要脸")
    again = pickle.loads(pickle.dumps(matcher))
    assert again.version == matcher.version
    assert again.match("真不要脸") == matcher.match("真不要脸")


def test_version_follows_the_lexicon(matcher_of: MatcherOf) -> None:
    assert matcher_of("不要脸").version != matcher_of("神经病").version
