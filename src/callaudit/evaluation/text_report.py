"""The measure of judged text as plain data and as rows of tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callaudit.classifier.rates import FlagRates
from callaudit.evaluation.text_flags import CategoryRates, TextEvaluation

SCHEMA = "callaudit.text_evaluation/1"


def as_dict(result: TextEvaluation) -> dict[str, Any]:
    """The measure without its mistakes, as JSON can hold it."""
    return {
        "schema": SCHEMA,
        "threshold": result.threshold,
        "not_judged": result.not_judged,
        "not_judged_flagged": result.not_judged_flagged,
        **_flag_rates(result.overall),
        "auc": _rounded(result.auc),
        "category_accuracy": _rounded(result.category_accuracy),
        "categories": {category.value: _category_rates(rates) for category, rates in result.categories.items()},
        "sweep": [{"threshold": step, **_flag_rates(rates)} for step, rates in result.sweep],
    }


def overall_rows(result: TextEvaluation) -> Iterator[tuple[str, str, str]]:
    """Measure, value and counts."""
    rates = result.overall
    flagged = rates.hits + rates.false_flags
    yield "precision", percent(rates.precision), f"{rates.hits} of {flagged} flagged"
    yield "recall", percent(rates.recall), f"{rates.hits} of {rates.rude} rude"
    yield "F1", percent(rates.f1), ""
    yield "accuracy", percent(rates.accuracy), ""
    yield "false-flag rate", percent(rates.false_flag_rate), f"{rates.false_flags} of {rates.harmless} harmless"
    yield "AUC", "-" if result.auc is None else f"{result.auc:.4f}", ""
    of_known = result.hits_with_category
    right = of_known - len(result.wrong_category)
    yield "category right", percent(result.category_accuracy), f"{right} of {of_known} rude and flagged"
    if result.not_judged:
        yield "not judged", "", f"{result.not_judged} by customers or machines, {result.not_judged_flagged} flagged"


def category_rows(result: TextEvaluation) -> Iterator[tuple[str, ...]]:
    """Category, precision, recall, F1, recall in any category, lines."""
    for category, rates in result.categories.items():
        shares = (rates.precision, rates.recall, rates.f1, rates.flagged_share)
        yield category.value, *map(percent, shares), str(rates.lines)


def sweep_rows(result: TextEvaluation) -> Iterator[tuple[str, ...]]:
    """Threshold, precision, recall, F1, false-flag rate."""
    for step, rates in result.sweep:
        yield f"{step:.2f}", *map(percent, (rates.precision, rates.recall, rates.f1, rates.false_flag_rate))


def percent(share: float | None) -> str:
    """A share of 1 for people, to a tenth."""
    return "-" if share is None else f"{share:.1%}"


def _flag_rates(rates: FlagRates) -> dict[str, Any]:
    return {
        "precision": _rounded(rates.precision),
        "recall": _rounded(rates.recall),
        "f1": _rounded(rates.f1),
        "accuracy": _rounded(rates.accuracy),
        "false_flag_rate": _rounded(rates.false_flag_rate),
        "rude": rates.rude,
        "harmless": rates.harmless,
        "hits": rates.hits,
        "false_flags": rates.false_flags,
    }


def _category_rates(rates: CategoryRates) -> dict[str, Any]:
    return {
        "precision": _rounded(rates.precision),
        "recall": _rounded(rates.recall),
        "f1": _rounded(rates.f1),
        "recall_any_category": _rounded(rates.flagged_share),
        "lines": rates.lines,
        "flagged": rates.flagged,
        "right": rates.right,
        "named": rates.named,
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
