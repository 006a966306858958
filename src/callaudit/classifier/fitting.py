"""Fitting linear models on n-grams with scikit-learn: naive-Bayes weighting first, logistic regression on top.

The recipe is NB-LR (Wang and Manning 2012, "Baselines and Bigrams"): each n-gram is scaled by its log-count ratio
between the two classes, then a regularised logistic regression learns how far to trust it. The product of both is one
weight for each n-gram, so using the model is a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Row numbers to learn from, row numbers to judge."""

SMOOTHING = 1.0
"""Added to every count before the ratio, so that an n-gram of one class does not get an infinite weight."""
SEED = 20_240


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`score = weights[features].sum() + bias`."""

    weights: Floats
    bias: float

    def decide(self, matrix: csr_matrix) -> Floats:
        """Decision values of the rows of a binary feature matrix."""
        return np.asarray(matrix @ self.weights + self.bias, dtype=np.float64)


def binary_matrix(features: Sequence[NDArray[np.intp]], width: int) -> csr_matrix:
    """Sparse matrix of shape `(utterances, width)` with ones at the features of each utterance."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(row) for row in features)])
    columns = np.concatenate(features) if len(features) else np.zeros(0, dtype=np.intp)
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(features), width))


def log_count_ratio(matrix: csr_matrix, positive: Bools, sample_weight: Floats) -> Floats:
    """How much more often each n-gram occurs in the positive class, as a logarithm."""
    counts_for = SMOOTHING + sample_weight[positive] @ matrix[positive]
    counts_against = SMOOTHING + sample_weight[~positive] @ matrix[~positive]
    ratio = np.log(counts_for / counts_for.sum()) - np.log(counts_against / counts_against.sum())
    return np.asarray(ratio, dtype=np.float64)


def fit_nb_logistic(matrix: csr_matrix, positive: Bools, sample_weight: Floats, strength: float) -> LinearModel:
    """Fit NB-LR; `strength` is scikit-learn's C, larger trusts the rows more."""
    from sklearn.linear_model import LogisticRegression

    ratio = log_count_ratio(matrix, positive, sample_weight)
    regression = LogisticRegression(C=strength, solver="liblinear", dual=True, max_iter=2000, random_state=SEED)
    regression.fit(matrix.multiply(ratio).tocsr(), positive, sample_weight=sample_weight)
    return LinearModel(weights=regression.coef_[0] * ratio, bias=float(regression.intercept_[0]))


def fit_log_odds(columns: Floats, positive: Bools, sample_weight: Floats) -> tuple[Floats, float]:
    """Weights and offset that turn columns of evidence into log-odds; with one column, Platt's calibration.

    Args:
        columns: decision values of utterances the model has not seen, and whatever else speaks for or against;
            shape `(utterances, columns)`. A column that never varies gets no weight.
        positive: what is to be told.
        sample_weight: of each utterance.
    """
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=1e3, solver="lbfgs", max_iter=2000)
    regression.fit(columns, positive, sample_weight=sample_weight)
    return np.asarray(regression.coef_[0], dtype=np.float64), float(regression.intercept_[0])


def grouped_folds(labels: Sequence[str], groups: Sequence[str], folds: int) -> list[Fold]:
    """Train and test rows of each fold: no group on both sides, labels spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=SEED)
    return list(splitter.split(np.zeros(len(labels)), list(labels), list(groups)))


def family_weights(families: Sequence[str]) -> Floats:
    """Weight of each row: a family of n rows counts like the square root of n, scaled to a mean of 1."""
    _, of_row, sizes = np.unique(np.asarray(families), return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(sizes[of_row])
    return np.asarray(weights / weights.mean(), dtype=np.float64)
