"""What the lexicon says of an utterance, counted for the classifier.

A lexicon match is no n-gram among others: an entry is written by hand for what people may say, and no corpus holds
enough examples of each. So the last step of training weighs the sum of the n-grams and these counts against each other
(stacking, Wolpert 1992), on utterances the n-gram model has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What the lexicon found in an utterance."""

    exact: int = 0
    """1 where an entry that flags alone agrees by its characters."""
    sound: int = 0
    """1 where one agrees by its sound, and none by its characters."""
    weak: int = 0
    """Entries that only add weight, two at most: polite talk piles up 不知道 and 没办法, too."""
    doubtful: int = 0
    """1 where all that was found stands in reported speech or is about the speaker himself."""


NO_CUES = Cues()
CUE_NAMES = tuple(field.name for field in fields(Cues))
CueReader = Callable[[str], Cues]
"""Reads the cues of a raw utterance."""


def no_cues(text: str) -> Cues:
    """The reader for training without a lexicon."""
    return NO_CUES


def as_array(cues: Sequence[Cues]) -> NDArray[np.float64]:
    """Shape `(utterances, cues)`, columns in the order of `CUE_NAMES`."""
    return np.array([astuple(row) for row in cues], dtype=np.float64).reshape(-1, len(CUE_NAMES))
