"""Figures are what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from callaudit.classifier.corpus import LabelledUtterance
from callaudit.classifier.evaluation import choose_threshold, measure
from callaudit.classifier.rates import flag_rates
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category


def row(text: str, category: Category | None = None) -> LabelledUtterance:
    return LabelledUtterance(text=text, rude=category is not None, category=category, party=Party.AGENT, family=text)


def test_rates_count_flags_right_and_wrong() -> None:
    rude = np.array([True, True, True, False, False, False, False, False])
    result = flag_rates(rude, np.array([0.9, 0.8, 0.1, 0.7, 0.2, 0.1, 0.1, 0.1]) >= 0.7)
    assert result.precision == pytest.approx(2 / 3)
    assert result.recall == pytest.approx(2 / 3)
    assert result.f1 == pytest.approx(2 / 3)
    assert result.false_flag_rate == pytest.approx(1 / 5)
    assert result.accuracy == pytest.approx(6 / 8)


def test_nothing_flagged_is_nothing_wrong() -> None:
    result = flag_rates(np.array([True, False]), np.array([False, False]))
    assert (result.precision, result.recall, result.false_flag_rate) == (None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("rude", "allowed", "flagged"),
    [
        ([1, 1, 0, 1, 0], 0.0, [1, 1, 0, 0, 0]),
        ([1, 1, 0, 1, 0], 0.5, [1, 1, 1, 1, 0]),
        ([1, 1, 0, 1, 0], 1.0, [1, 1, 1, 1, 1]),
        ([1, 1, 1, 1, 1], 0.0, [1, 1, 1, 1, 1]),
    ],
)
def test_the_lowest_threshold_that_flags_few_enough_harmless_is_taken(
    rude: list[int], allowed: float, flagged: list[int]
) -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    threshold = choose_threshold(np.array(rude, dtype=bool), scores, allowed)
    assert list(scores >= threshold) == [bool(flag) for flag in flagged]


def test_errors_are_listed_and_categories_counted() -> None:
    rows = [row("滚", Category.INSULT), row("你急什么", Category.IMPATIENCE), row("您好"), row("不知道")]
    result = measure(rows, [0.9, 0.2, 0.1, 0.8], [Category.INSULT] * 4, 0.5)
    assert [missed.text for missed in result.missed] == ["你急什么"]
    assert [flag.text for flag in result.false_flags] == ["不知道"]
    assert result.recall_by_category == ((Category.INSULT, 1.0), (Category.IMPATIENCE, 0.0))
    assert result.label_accuracy == 0.5
    assert result.auc == 0.75
    assert (result.utterances, result.rude) == (4, 2)


def test_harmless_rows_alone_can_be_measured() -> None:
    result = measure([row("您好")], [0.1], [Category.INSULT], 0.5)
    assert (result.auc, result.at_threshold.recall, result.recall_by_category) == (None, None, ())
