"""Everything that is learnt from labelled utterances, and how it does on utterances it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from callaudit.classifier.corpus import LabelledUtterance
from callaudit.classifier.features import Indexer, Vocabulary, build_vocabulary, edged
from callaudit.classifier.fitting import (
    Bools,
    Floats,
    Fold,
    LinearModel,
    binary_matrix,
    family_weights,
    fit_nb_logistic,
)
from callaudit.domain.findings import SPEECH_CATEGORIES, Category

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RUDE_STRENGTH = 0.3
LABEL_STRENGTH = 0.3
"""Regularisation (scikit-learn's C), chosen among 0.1, 0.3 and 1 by out-of-fold figures; they differ little."""


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

    vocabulary: Vocabulary
    rude: LinearModel
    labels: tuple[LinearModel, ...]

    def decide(self, texts: Sequence[str]) -> Decisions:
        """Decision values of edged utterances."""
        matrix = _matrix(texts, self.vocabulary)
        return Decisions(self.rude.decide(matrix), np.column_stack([model.decide(matrix) for model in self.labels]))


def learn(rows: Sequence[LabelledUtterance]) -> Learnt:
    """Learn from labelled utterances; the same rows in the same order give the same model."""
    texts, families = [edged(row.text).text for row in rows], [row.family for row in rows]
    vocabulary = build_vocabulary(texts, families)
    matrix, weights, rude = _matrix(texts, vocabulary), family_weights(families), rude_of(rows)
    named = np.array([row.category is not None for row in rows], dtype=np.bool_)
    labels = tuple(
        fit_nb_logistic(matrix[named], _has(rows, category)[named], weights[named], LABEL_STRENGTH)
        if named.any()
        else LinearModel(np.zeros(len(vocabulary)), 0.0)
        for category in SPEECH_CATEGORIES
    )
    return Learnt(vocabulary, fit_nb_logistic(matrix, rude, weights, RUDE_STRENGTH), labels)


def judge_unseen(rows: Sequence[LabelledUtterance], folds: Sequence[Fold]) -> Decisions:
    """Decision values of every row by a model, vocabulary and all, that learnt from the other folds alone."""
    texts = [edged(row.text).text for row in rows]
    unseen = Decisions(np.zeros(len(rows)), np.zeros((len(rows), len(SPEECH_CATEGORIES))))
    for train, test in folds:
        decided = learn([rows[at] for at in train]).decide([texts[at] for at in test])
        unseen.rude[test] = decided.rude
        unseen.labels[test] = decided.labels
    return unseen


def rude_of(rows: Sequence[LabelledUtterance]) -> Bools:
    """Which rows are rude."""
    return np.array([row.rude for row in rows], dtype=np.bool_)


def _has(rows: Sequence[LabelledUtterance], category: Category) -> Bools:
    return np.array([row.category is category for row in rows], dtype=np.bool_)


def _matrix(texts: Sequence[str], vocabulary: Vocabulary) -> csr_matrix:
    indexer = Indexer(vocabulary)
    return binary_matrix([indexer.features(text) for text in texts], len(vocabulary))
