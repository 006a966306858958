"""Rates of flags among rude and harmless lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRates:
    """What is flagged among rude and harmless lines. A rate is None where there is nothing to take it of."""

    rude: int
    harmless: int
    hits: int
    """Rude lines flagged."""
    false_flags: int
    """Harmless lines flagged."""

    @property
    def precision(self) -> float | None:
        """Share of the flagged that are rude."""
        return share(self.hits, self.hits + self.false_flags)

    @property
    def recall(self) -> float | None:
        """Share of the rude that are flagged."""
        return share(self.hits, self.rude)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        return share(2 * self.hits, self.hits + self.false_flags + self.rude)

    @property
    def false_flag_rate(self) -> float | None:
        """Share of the harmless that are flagged."""
        return share(self.false_flags, self.harmless)

    @property
    def accuracy(self) -> float | None:
        """Share of all lines that are rightly flagged or rightly not."""
        return share(self.hits + self.harmless - self.false_flags, self.rude + self.harmless)


def flag_rates(rude: NDArray[np.bool_], flagged: NDArray[np.bool_]) -> FlagRates:
    """Count flags against labels, one of each for each line."""
    return FlagRates(
        rude=int(rude.sum()),
        harmless=int((~rude).sum()),
        hits=int((rude & flagged).sum()),
        false_flags=int((~rude & flagged).sum()),
    )


def share(part: int, whole: int) -> float | None:
    """A share of 1; None of nothing."""
    return part / whole if whole else None


def area_under_curve(rude: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve: the chance that a rude line outscores a harmless one.

    Taken from the ranks of the rude, equal scores sharing their rank; None where one of the kinds lacks.
    """
    positives = int(rude.sum())
    negatives = len(rude) - positives
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[rude].sum() - positives * (positives + 1) / 2) / (positives * negatives))
