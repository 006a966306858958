"""What the matcher tells of matches that it refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callaudit.domain.findings import Severity
from callaudit.lexicon.matcher import LexiconMatcher
from callaudit.lexicon.reading import Refusal
from tests.lexicon.conftest import MatcherOf, make_entry


def told(matcher: LexiconMatcher, text: str) -> list[tuple[str, Refusal | None, str]]:
    return [(one.match.matched, one.refusal, one.by) for one in matcher.explain(text)]


@pytest.mark.parametrize(
    ("entry", "text", "sighting"),
    [
        (make_entry("不要脸"), "请不要脸部遮挡", ("不要脸", Refusal.CUTS_WORD, "脸部")),
        (make_entry("有病"), "您有病历吗", ("有病", Refusal.CUTS_WORD, "病历")),
        (make_entry("傻子", unless=("当傻子", "(疯|傻)子瓜")), "把我当傻子", ("傻子", Refusal.UNLESS, "当傻子")),
        (make_entry("贱人", unless=("贱仁村",)), "贱仁村", ("贱仁", Refusal.UNLESS, "贱仁村")),
    ],
)
def test_a_refused_match_is_told_with_what_refused_it(
    matcher_of: MatcherOf, entry, text: str, sighting: tuple[str, Refusal, str]
) -> None:
    matcher = matcher_of(entry)

    assert told(matcher, text) == [sighting]
    assert matcher.match(text) == ()


def test_an_overshadowed_match_names_the_entry_that_holds_it(matcher_of: MatcherOf) -> None:
    longer = make_entry("就是个傻子", severity=Severity.CRITICAL)

    assert told(matcher_of("傻子", longer), "你就是个傻子") == [
        ("就是个傻子", None, ""),
        ("傻子", Refusal.SHADOWED, longer.id),
    ]


def test_what_stands_is_not_told_as_refused_for_its_shorter_spelling(matcher_of: MatcherOf) -> None:
    matcher = matcher_of(make_entry("[真]不要脸", unless=("脸上",)))

    assert told(matcher, "你真不要脸") == [("真不要脸", None, "")]


def test_a_text_without_phrases_has_nothing_to_tell(matcher_of: MatcherOf) -> None:
    assert told(matcher_of("不要脸"), "您好，请讲") == []


@settings(max_examples=100)
@given(text=st.text(alphabet="不要脸部真神经病内科滚动蛋糕你骂他，。 傻子当", max_size=24))
def test_what_stands_in_the_explanation_is_what_matches(matcher: LexiconMatcher, text: str) -> None:
    sightings = matcher.explain(text)

    assert tuple(one.match for one in sightings if one.refusal is None) == matcher.match(text)
    assert {one.match for one in sightings if one.refusal in (None, Refusal.SHADOWED)} == set(matcher.match_all(text))
