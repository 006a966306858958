from __future__ import annotations

import pytest

from callaudit.lexicon.patterns import LONGEST_GAP, PatternError, parse, spellings


@pytest.mark.parametrize(
    ("pattern", "stages", "gaps"),
    [
        ("不要脸", (("不要脸",),), ()),
        ("[真]不要脸", (("真不要脸", "不要脸"),), ()),
        ("[真|太]烦", (("真烦", "太烦", "烦"),), ()),
        ("(不|没)归我管[的]", (("不归我管的", "不归我管", "没归我管的", "没归我管"),), ()),
        ("为了{..}块{..3}打了", (("为了",), ("块",), ("打了",)), (8, 3)),
        ("您看(一|两)遍", (("你看1遍", "你看2遍"),), ()),
    ],
)
def test_a_pattern_stands_for_its_strings(
    pattern: str, stages: tuple[tuple[str, ...], ...], gaps: tuple[int, ...]
) -> None:
    parsed = parse(pattern)
    assert (parsed.stages, parsed.gaps) == (stages, gaps)


@pytest.mark.parametrize(
    ("pattern", "edges"),
    [("滚", (False, False)), ("^滚", (True, False)), ("滚$", (False, True)), ("^滚$", (True, True))],
)
def test_anchors_ask_for_clause_edges(pattern: str, edges: tuple[bool, bool]) -> None:
    parsed = parse(pattern)
    assert (parsed.opens_clause, parsed.closes_clause) == edges
    assert parsed.stages == (("滚",),)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^$",
        "[真]",
        "{..}块",
        "块{..}",
        "为了{..}{..}块",
        "(不|没",
        "不)归",
        "(不(归|属))我",
        "a|b",
        "滚.*",
        "滚+",
        "滚\\w",
        "为了{..0}块",
        f"为了{{..{LONGEST_GAP + 1}}}块",
        "为了{5}块",
        "，。",
        "嗯",
        "(一|二|三|四|五)" * 5,
    ],
)
def test_what_is_not_of_the_language_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern)


def test_spellings_are_those_of_patterns_without_gaps() -> None:
    assert spellings("^[您]傻$") == ("您傻", "傻")
    assert spellings("为了{..}块") == ()
