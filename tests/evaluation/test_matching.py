from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.evaluation.matching import CategoryScore, match_findings, score_late_speech
from callaudit.evaluation.truth import Truth
from tests.builders import make_finding
from tests.evaluation.builders import committed, said


def test_a_finding_of_the_right_kind_at_the_right_time_is_right() -> None:
    matched = match_findings([committed()], [make_finding()])
    assert matched.by_category == {Category.INSULT: CategoryScore(1, 1, 1, 1)}
    assert (matched.false, matched.missed, matched.wrong_phase) == ((), (), ())


@pytest.mark.parametrize("span", [TimeSpan(14_000, 15_000), TimeSpan(10_000, 11_000)])
def test_one_second_off_is_right(span: TimeSpan) -> None:
    assert match_findings([committed()], [make_finding(span=span)]).false == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"span": TimeSpan(14_001, 15_000)},
        {"span": TimeSpan(9_000, 10_999)},
        {"category": Category.MOCKERY},
        {"party": Party.CUSTOMER},
    ],
)
def test_another_time_category_or_party_is_false_and_missed(changes: dict[str, Any]) -> None:
    matched = match_findings([committed()], [make_finding(**changes)])
    assert len(matched.false) == len(matched.missed) == 1
    assert sum(matched.by_category.values(), CategoryScore()).right == 0


def test_a_finding_that_blames_nobody_may_be_right() -> None:
    assert match_findings([committed()], [make_finding(party=Party.UNKNOWN)]).missed == ()


def test_two_findings_of_one_offence_are_both_right() -> None:
    matched = match_findings([committed()], [make_finding(), make_finding(detector="other")])
    assert matched.by_category[Category.INSULT] == CategoryScore(true=1, found=1, reported=2, right=2)


def test_one_finding_may_cover_two_offences() -> None:
    truths = [committed(), committed(span=TimeSpan(15_000, 16_000))]
    matched = match_findings(truths, [make_finding(span=TimeSpan(12_000, 16_000))])
    assert matched.by_category[Category.INSULT] == CategoryScore(true=2, found=2, reported=1, right=1)


def test_a_finding_on_a_clean_call_is_false() -> None:
    matched = match_findings([], [make_finding()])
    assert [claim.quote for claim in matched.false] == ["不要脸"]
    assert matched.by_category[Category.INSULT].precision == 0.0
    assert matched.by_category[Category.INSULT].recall is None


def test_nothing_found_has_no_precision() -> None:
    score = match_findings([committed()], []).by_category[Category.INSULT]
    assert score.precision is None
    assert score.recall == 0.0


def test_the_wrong_side_of_the_hangup_is_listed() -> None:
    matched = match_findings([committed(phase=Phase.AFTER_HANGUP)], [make_finding(phase=Phase.BEFORE_HANGUP)])
    assert len(matched.wrong_phase) == 1
    assert matched.false == ()


def test_any_rude_forgives_the_category_but_not_the_place() -> None:
    truths = [committed(category=Category.MOCKERY), committed(span=TimeSpan(50_000, 51_000))]
    assert match_findings(truths, [make_finding()]).any_rude == CategoryScore(true=2, found=1, reported=1, right=1)


@pytest.mark.parametrize("timing", [Category.POST_HANGUP, Category.LATE_HANGUP])
def test_timing_is_no_rudeness(timing: Category) -> None:
    matched = match_findings([committed(category=timing)], [make_finding(category=timing)])
    assert matched.any_rude == CategoryScore()
    assert matched.by_category[timing].right == 1


LATE = {"category": Category.POST_HANGUP, "span": TimeSpan(12_000, 14_000), "phase": Phase.AFTER_HANGUP}
TALK = Truth(
    utterances=(
        said("再见", 9_000),
        said("真是的", 12_000),
        said("你好", 12_700, Party.CUSTOMER),
        said("要命", 13_600),
    ),
    findings=(committed(**LATE),),
)
"""The agent's sentences after the hang-up last from 12.0 to 12.6 s and 13.6 to 14.0 s; between them the customer's."""


@pytest.mark.parametrize(
    ("spans", "found", "right"),
    [
        ([TimeSpan(12_000, 14_000)], 2, 1),
        ([TimeSpan(12_000, 12_300)], 1, 1),
        ([TimeSpan(12_000, 12_299)], 0, 1),
        ([TimeSpan(12_000, 12_600), TimeSpan(13_500, 14_000)], 2, 2),
        ([TimeSpan(9_000, 9_400)], 0, 0),
        ([TimeSpan(12_700, 13_100)], 0, 0),
        ([], 0, 0),
    ],
)
def test_speech_after_the_hangup_is_counted_by_the_sentence(spans: list[TimeSpan], found: int, right: int) -> None:
    results = [make_finding(**{**LATE, "span": span}) for span in spans]
    assert score_late_speech(TALK, results) == CategoryScore(2, found, len(spans), right)


def test_rude_words_count_for_nothing_among_sentences_after_the_hangup() -> None:
    assert score_late_speech(TALK, [make_finding()]).reported == 0


def test_speech_that_the_truth_does_not_write_down_is_not_counted() -> None:
    truth = replace(TALK, categories=(Category.INSULT, Category.POST_HANGUP))
    on_hold = make_finding(category=Category.ON_HOLD, span=TimeSpan(3_000, 5_000), phase=Phase.ON_HOLD)
    assert score_late_speech(truth, [make_finding(**LATE), on_hold]) == CategoryScore(2, 2, 1, 1)


def test_a_true_finding_without_sentences_is_one() -> None:
    truth = Truth(findings=(committed(**LATE),))
    assert score_late_speech(truth, [make_finding(**LATE)]) == CategoryScore(1, 1, 1, 1)
