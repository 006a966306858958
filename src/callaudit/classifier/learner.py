"""Everything that is learnt from labelled utterances, and how it does on utterances it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from callaudit.classifier.corpus import LabelledUtterance
from callaudit.classifier.features import Numbers
from callaudit.classifier.fitting import Bools, Floats, Fold, LinearModel, family_weights, fit_logistic
from callaudit.classifier.table import tabulate
from callaudit.domain.findings import SPEECH_CATEGORIES, Category

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RUDE_STRENGTH = 0.3
LABEL_STRENGTH = 0.3
"""Regularisation (scikit-learn's C), chosen among 0.1, 0.3 and 1 by figures for unseen pens; they differ little."""
MOST_PIECES = 220_000
"""So many are kept, those of the largest weights: half of what the bundled corpus yields, for 0.001 of the area under
the curve. Each of the others would add some hundredths to the log-odds, and all of them half a second to loading."""


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """Decision values of some utterances: `rude` of shape `(rows,)`, `labels` of shape `(rows, categories)`."""

    rude: Floats
    labels: Floats

    def best_labels(self) -> tuple[Category, ...]:
        """The category of the highest decision value, row by row."""
        return tuple(SPEECH_CATEGORIES[int(best)] for best in self.labels.argmax(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """One model of rudeness, and one of each category against the others; that of a corpus without any says nothing."""

    columns: Numbers
    """Columns of the table that have a weight."""
    rude: LinearModel
    labels: tuple[LinearModel, ...]

    def decide(self, matrix: csr_matrix) -> Decisions:
        """Decision values of rows of the table."""
        known = matrix[:, self.columns]
        return Decisions(self.rude.decide(known), np.column_stack([model.decide(known) for model in self.labels]))


class Learner:
    """Learns from labelled utterances, or some of them; the same rows in the same order give the same model.

    Args:
        rows: the utterances.
    """

    def __init__(self, rows: Sequence[LabelledUtterance]) -> None:
        self._rows = rows
        self._families = [row.family for row in rows]
        self.table = tabulate([row.text for row in rows], self._families)

    def learn(self, chosen: Numbers | None = None) -> Learnt:
        """Learn from the chosen rows; from all by default."""
        chosen = np.arange(len(self._rows)) if chosen is None else chosen
        rows = [self._rows[at] for at in chosen]
        columns = self.table.frequent(chosen)
        matrix = self.table.matrix[chosen][:, columns]
        weights = family_weights([self._families[at] for at in chosen])
        rude = fit_logistic(matrix, rude_of(rows), weights, RUDE_STRENGTH)
        telling = np.sort(np.argsort(-np.abs(rude.weights), kind="stable")[:MOST_PIECES])
        matrix = matrix[:, telling]
        named = np.array([row.category is not None for row in rows], dtype=np.bool_)
        labels = tuple(
            fit_logistic(matrix[named], _has(rows, category)[named], weights[named], LABEL_STRENGTH)
            if named.any()
            else LinearModel(np.zeros(matrix.shape[1]), 0.0)
            for category in SPEECH_CATEGORIES
        )
        return Learnt(columns[telling], LinearModel(rude.weights[telling], rude.bias), labels)

    def judge_unseen(self, folds: Sequence[Fold]) -> Decisions:
        """Decision values of every row by a model, vocabulary and all, that learnt from the other folds alone."""
        size = len(self._rows)
        unseen = Decisions(np.zeros(size), np.zeros((size, len(SPEECH_CATEGORIES))))
        for train, test in folds:
            decided = self.learn(train).decide(self.table.matrix[test])
            unseen.rude[test] = decided.rude
            unseen.labels[test] = decided.labels
        return unseen


def rude_of(rows: Sequence[LabelledUtterance]) -> Bools:
    """Which rows are rude."""
    return np.array([row.rude for row in rows], dtype=np.bool_)


def _has(rows: Sequence[LabelledUtterance], category: Category) -> Bools:
    return np.array([row.category is category for row in rows], dtype=np.bool_)
