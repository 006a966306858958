"""How good a classifier is: precision, recall, false flags, by category, and the errors themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from callaudit.classifier.corpus import LabelledUtterance
from callaudit.classifier.rates import FlagRates, area_under_curve, flag_rates
from callaudit.domain.findings import SPEECH_CATEGORIES, Category

EVEN_ODDS = 0.5


class Scored(Protocol):
    """A classifier's word on one utterance."""

    @property
    def rude(self) -> float:
        """0 to 1."""

    @property
    def label(self) -> Category:
        """Category that fits best."""


class Scorer(Protocol):
    """What can be measured."""

    @property
    def threshold(self) -> float:
        """Score that makes a flag."""

    def score_many(self, texts: Iterable[str]) -> Sequence[Scored]:
        """One score for each text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The measure of a classifier on labelled utterances."""

    utterances: int
    rude: int
    auc: float | None
    """Chance that a rude utterance outscores a harmless one; None where one of the two kinds is missing."""
    threshold: float
    at_threshold: FlagRates
    even_odds: FlagRates
    """At a probability of one half: what a set without any preference for few false flags is measured by."""
    recall_by_category: tuple[tuple[Category, float], ...]
    """Share of the rude that are flagged, for the categories that occur."""
    label_accuracy: float
    """Share of the rude that get their category, flagged or not."""
    missed: tuple[LabelledUtterance, ...]
    false_flags: tuple[LabelledUtterance, ...]


def evaluate(scorer: Scorer, rows: Sequence[LabelledUtterance]) -> Evaluation:
    """Score labelled utterances and compare."""
    scores = scorer.score_many([row.text for row in rows])
    return measure(rows, [score.rude for score in scores], [score.label for score in scores], scorer.threshold)


def measure(
    rows: Sequence[LabelledUtterance], scores: Sequence[float], labels: Sequence[Category], threshold: float
) -> Evaluation:
    """The measure of given scores and labels, one of each for each row."""
    rude = np.array([row.rude for row in rows], dtype=np.bool_)
    values = np.array(scores, dtype=np.float64)
    flagged = values >= threshold
    return Evaluation(
        utterances=len(rows),
        rude=int(rude.sum()),
        auc=area_under_curve(rude, values),
        threshold=threshold,
        at_threshold=flag_rates(rude, flagged),
        even_odds=flag_rates(rude, values >= EVEN_ODDS),
        recall_by_category=_recall_by_category(rows, flagged),
        label_accuracy=_share(label == row.category for label, row in zip(labels, rows, strict=True) if row.rude),
        missed=tuple(row for row, flag in zip(rows, flagged, strict=True) if row.rude and not flag),
        false_flags=tuple(row for row, flag in zip(rows, flagged, strict=True) if flag and not row.rude),
    )


def choose_threshold(rude: NDArray[np.bool_], scores: NDArray[np.float64], max_false_flags: float) -> float:
    """The lowest threshold that flags no more than this share of the harmless; lowest, because it finds most."""
    harmless = np.sort(scores[~rude])[::-1]
    allowed = int(max_false_flags * len(harmless))
    return float(np.nextafter(harmless[allowed], 1.0)) if allowed < len(harmless) else 0.0


def _recall_by_category(
    rows: Sequence[LabelledUtterance], flagged: NDArray[np.bool_]
) -> tuple[tuple[Category, float], ...]:
    present = {row.category for row in rows}
    return tuple(
        (category, _share(bool(flag) for row, flag in zip(rows, flagged, strict=True) if row.category is category))
        for category in SPEECH_CATEGORIES
        if category in present
    )


def _share(facts: Iterable[bool]) -> float:
    values = list(facts)
    return sum(values) / len(values) if values else 0.0
