from __future__ import annotations

import json
from typing import Any

import pytest

from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase
from callaudit.evaluation.text_flags import JudgedText, TextEvaluation, measure
from callaudit.evaluation.text_report import as_dict, category_rows, overall_rows, sweep_rows

INSULT, MOCKERY, THREAT = Category.INSULT, Category.MOCKERY, Category.THREAT


def row(rude: Category | None = None, named: Category | None = None, score: float = 0.5, **changes: Any) -> JudgedText:
    values: dict[str, Any] = {
        "text": "…",
        "party": Party.AGENT,
        "phase": Phase.BEFORE_HANGUP,
        "rude": rude is not None,
        "category": rude,
        "flagged": named is not None,
        "named": named,
        "score": score,
        "findings": (),
    }
    return JudgedText(**{**values, **changes})


ROWS = (
    row(INSULT, INSULT, 0.9),
    row(INSULT, MOCKERY, 0.8),
    row(MOCKERY, MOCKERY, 0.7),
    row(MOCKERY, None, 0.3),
    row(None, MOCKERY, 0.6),
    row(None, None, 0.2),
    row(None, None, 0.1),
    row(None, None, 0.1),
)


def test_flags_are_compared_with_labels() -> None:
    rates = measure(ROWS).overall
    assert (rates.precision, rates.recall, rates.f1, rates.false_flag_rate) == (0.75, 0.75, 0.75, 0.25)


def test_a_category_counts_where_it_is_named_right() -> None:
    categories = measure(ROWS).categories
    assert list(categories) == [INSULT, MOCKERY]
    insult, mockery = categories[INSULT], categories[MOCKERY]
    assert (insult.precision, insult.recall, insult.flagged_share) == (1.0, 0.5, 1.0)
    assert (mockery.precision, mockery.recall, mockery.flagged_share) == (pytest.approx(1 / 3), 0.5, 0.5)
    assert mockery.f1 == pytest.approx(2 * 1 / (3 + 2))


def test_category_accuracy_is_of_what_was_flagged_rightly() -> None:
    assert measure(ROWS).category_accuracy == pytest.approx(2 / 3)


def test_mistakes_are_listed() -> None:
    result = measure(ROWS)
    assert result.missed == (ROWS[3],)
    assert result.false_flags == (ROWS[4],)
    assert result.wrong_category == (ROWS[1],)


@pytest.mark.parametrize(
    ("rude", "harmless", "auc"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0),
        ([0.5], [0.5, 0.5], 0.5),
        ([0.5, 0.9], [0.5, 0.1], 0.875),
        ([0.5], [], None),
        ([], [0.5], None),
    ],
)
def test_auc_is_the_chance_that_the_rude_line_scores_higher(
    rude: list[float], harmless: list[float], auc: float | None
) -> None:
    rows = [row(INSULT, score=score) for score in rude] + [row(score=score) for score in harmless]
    assert measure(rows).auc == auc


def test_the_sweep_flags_by_score() -> None:
    sweep = dict(measure(ROWS).sweep)
    assert (sweep[0.05].recall, sweep[0.05].false_flag_rate) == (1.0, 1.0)
    assert (sweep[0.65].recall, sweep[0.65].false_flag_rate) == (0.75, 0.0)
    assert (sweep[0.95].recall, sweep[0.95].precision) == (0.0, None)


def test_a_threshold_takes_the_place_of_the_findings() -> None:
    result = measure(ROWS, 0.3)
    assert (result.overall.hits, result.overall.false_flags) == (4, 1)
    assert result.missed == ()
    assert ROWS[3] in result.wrong_category


@pytest.mark.parametrize("party", [Party.CUSTOMER, Party.SYSTEM])
def test_lines_of_others_change_no_rate(party: Party) -> None:
    others = (row(INSULT, None, 0.0, party=party), row(None, None, 0.0, party=party))
    result = measure((*ROWS, *others))
    assert result.overall == measure(ROWS).overall
    assert result.auc == measure(ROWS).auc
    assert (result.not_judged, result.not_judged_flagged) == (2, 0)
    assert result.missed == measure(ROWS).missed


def test_rude_lines_of_no_known_category_leave_categories_alone() -> None:
    result = measure((*ROWS, row(rude=None, named=INSULT, flagged=True), row(INSULT, INSULT, category=None)))
    assert result.overall.hits == 4
    assert result.category_accuracy == measure(ROWS).category_accuracy


def test_a_flag_on_a_customer_is_a_false_one() -> None:
    blamed = row(INSULT, INSULT, 0.9, party=Party.CUSTOMER)
    result = measure((*ROWS, blamed))
    assert result.not_judged_flagged == 1
    assert blamed in result.false_flags


def test_lines_of_nobody_knows_whom_are_judged() -> None:
    assert measure([row(INSULT, INSULT, party=Party.UNKNOWN)]).overall.hits == 1


@pytest.mark.parametrize("rows", [(), ROWS, ROWS[:3], ROWS[4:]])
def test_any_measure_can_be_written_and_shown(rows: tuple[JudgedText, ...]) -> None:
    result: TextEvaluation = measure(rows)
    assert json.loads(json.dumps(as_dict(result)))["sweep"]
    assert all(
        cell is not None for table in (overall_rows, category_rows, sweep_rows) for r in table(result) for cell in r
    )


def test_where_there_is_nothing_to_measure_there_is_no_rate() -> None:
    written = as_dict(measure(()))
    assert (written["precision"], written["recall"], written["auc"], written["category_accuracy"]) == (None,) * 4
