from __future__ import annotations

import pytest

from callaudit.domain.findings import Severity
from callaudit.lexicon.check import Fault, check
from callaudit.lexicon.entries import Entry, Lexicon
from callaudit.lexicon.matcher import LexiconMatcher
from callaudit.text.segment import Segmenter
from tests.lexicon.conftest import make_entry

SOUND = make_entry("神经病", hits=("你神经病啊",), misses=("挂神经内科",))


def faults(segmenter: Segmenter, *entries: Entry) -> list[tuple[Fault, str]]:
    return [(problem.fault, problem.entry_id) for problem in check(LexiconMatcher(Lexicon(entries), segmenter))]


def test_a_sound_lexicon_has_no_problems(segmenter: Segmenter) -> None:
    assert faults(segmenter, SOUND) == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (make_entry("不要脸", misses=("不要脸部遮挡",)), Fault.NO_HITS),
        (make_entry("不要脸", hits=("真不要脸",)), Fault.NO_MISSES),
        (make_entry("不要脸", hits=("请不要脸部遮挡",), misses=("脸",)), Fault.HIT_NOT_FOUND),
        (make_entry("不要脸", hits=("他骂我不要脸",), misses=("脸",)), Fault.HIT_NOT_FOUND),
        (make_entry("不要脸", hits=("真不要脸",), misses=("你不要脸",)), Fault.MISS_FLAGGED),
        (make_entry("不要脸", hits=("真不要脸",), misses=("神经病",)), Fault.MISS_FLAGGED),
        (make_entry("[像]神经病", hits=("像神经病",), misses=("神经",)), Fault.DUPLICATE),
    ],
)
def test_each_fault_is_told_with_its_entry(segmenter: Segmenter, entry: Entry, fault: Fault) -> None:
    assert (fault, entry.id) in faults(segmenter, SOUND, entry)


def test_an_entry_that_another_always_covers_is_told(segmenter: Segmenter) -> None:
    longer = make_entry("你神经病", severity=Severity.CRITICAL, hits=("你神经病",), misses=("神经内科",))
    assert (Fault.SHADOWED, SOUND.id) in faults(segmenter, SOUND, longer)


def test_weak_entries_may_be_found_in_the_misses_of_others(segmenter: Segmenter) -> None:
    weak = make_entry("神经", alone=False, hits=("神经，",), misses=("经过",))
    assert faults(segmenter, SOUND, weak) == []


def test_a_problem_reads_as_one_line_with_its_place(segmenter: Segmenter) -> None:
    entry = make_entry("不要脸", hits=("真不要脸",), file="insult.toml", line=12)
    (problem,) = check(LexiconMatcher(Lexicon((entry,)), segmenter))
    assert str(problem) == "insult.toml:12: insult.不要脸: no example in `misses`"


def test_an_entry_that_gets_a_harmless_line_flagged_is_told(segmenter: Segmenter) -> None:
    problems = check(
        LexiconMatcher(Lexicon((SOUND,)), segmenter),
        {SOUND.id: ["clean.csv:2", "clean.csv:7"], "other": ["clean.csv:3"]},
    )

    assert [(problem.fault, problem.entry_id) for problem in problems] == [(Fault.SET_OFF, SOUND.id)] * 2
    assert [problem.message.rpartition(" ")[2] for problem in problems] == ["clean.csv:2", "clean.csv:7"]
