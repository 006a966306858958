"""How well text is judged: flags against labels, overall, by category and by threshold, and the mistakes themselves.

A line counts as an offence where it is rude and an agent, or nobody knows who, says it. What customers and machines say
is never judged: such lines are counted apart, for every one of them would flatter the rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callaudit.classifier.rates import FlagRates, area_under_curve, flag_rates, share
from callaudit.domain.calls import JUDGED_PARTIES, Party
from callaudit.domain.findings import SPEECH_CATEGORIES, Category, Finding, Phase

SWEEP = tuple(step / 20 for step in range(1, 20))
"""Thresholds tried on the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedText:
    """A labelled line and what was made of it."""

    text: str
    party: Party
    phase: Phase
    rude: bool
    category: Category | None
    """The true one; None where harmless, or where the data knows no categories."""
    flagged: bool
    named: Category | None
    """The category that the judgement gives the line; None where it gives none."""
    score: float
    """0 to 1."""
    findings: tuple[Finding, ...]
    """What fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRates:
    """One category: right is a line that is flagged and given this category."""

    lines: int
    """Lines that are of the category."""
    flagged: int
    """Of those, how many are flagged, as whatever."""
    right: int
    """Of those, how many as this."""
    named: int
    """All lines that are flagged as this."""

    @property
    def precision(self) -> float | None:
        """Right over named."""
        return share(self.right, self.named)

    @property
    def recall(self) -> float | None:
        """Right over lines."""
        return share(self.right, self.lines)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        return share(2 * self.right, self.named + self.lines)

    @property
    def flagged_share(self) -> float | None:
        """Recall where naming the wrong category is forgiven."""
        return share(self.flagged, self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEvaluation:
    """The measure of a judgement on labelled lines."""

    threshold: float | None
    """Score that flagged; None where the findings did."""
    not_judged: int
    """Lines of customers and machines."""
    not_judged_flagged: int
    """Of those, how many are flagged: each is a fault."""
    overall: FlagRates
    categories: dict[Category, CategoryRates]
    """Those that occur or are named, in the order of `Category`."""
    auc: float | None
    """Chance that a rude line outscores a harmless one; None without lines of both kinds."""
    sweep: tuple[tuple[float, FlagRates], ...]
    """Rates by threshold on the score."""
    missed: tuple[JudgedText, ...]
    false_flags: tuple[JudgedText, ...]
    wrong_category: tuple[JudgedText, ...]
    """Rude and flagged, with another category than the true one."""

    @property
    def hits_with_category(self) -> int:
        """Rude lines flagged whose true category is known."""
        return sum(rates.flagged for rates in self.categories.values())

    @property
    def category_accuracy(self) -> float | None:
        """Share of those that get their category."""
        return share(self.hits_with_category - len(self.wrong_category), self.hits_with_category)


def measure(rows: Sequence[JudgedText], threshold: float | None = None) -> TextEvaluation:
    """Compare flags with labels.

    Args:
        rows: labelled lines with what was made of them.
        threshold: flag by this score instead of by findings.
    """
    judged = [row for row in rows if row.party in JUDGED_PARTIES]
    others = [row for row in rows if row.party not in JUDGED_PARTIES]
    flags = [_is_flagged(row, threshold) for row in judged]
    pairs = list(zip(judged, flags, strict=True))
    rude = np.array([row.rude for row in judged], dtype=np.bool_)
    scores = np.array([row.score for row in judged], dtype=np.float64)
    stray = [row for row in others if _is_flagged(row, threshold)]
    return TextEvaluation(
        threshold=threshold,
        not_judged=len(others),
        not_judged_flagged=len(stray),
        overall=flag_rates(rude, np.array(flags, dtype=np.bool_)),
        categories=_categories(pairs),
        auc=area_under_curve(rude, scores),
        sweep=tuple((step, flag_rates(rude, scores >= step)) for step in SWEEP),
        missed=tuple(row for row, flagged in pairs if row.rude and not flagged),
        false_flags=(*(row for row, flagged in pairs if flagged and not row.rude), *stray),
        wrong_category=tuple(row for row, flagged in pairs if flagged and row.category not in (None, row.named)),
    )


def _is_flagged(row: JudgedText, threshold: float | None) -> bool:
    return row.flagged if threshold is None else row.score >= threshold


def _categories(pairs: Sequence[tuple[JudgedText, bool]]) -> dict[Category, CategoryRates]:
    flagged = [row for row, is_flagged in pairs if is_flagged]
    by_category: dict[Category, CategoryRates] = {}
    for category in SPEECH_CATEGORIES:
        rates = CategoryRates(
            lines=sum(row.category is category for row, _ in pairs),
            flagged=sum(row.category is category for row in flagged),
            right=sum(row.category is category and row.named is category for row in flagged),
            named=sum(row.named is category for row in flagged),
        )
        if rates.lines or rates.named:
            by_category[category] = rates
    return by_category
