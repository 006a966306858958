"""Scoring: the weights of an utterance's n-grams, summed and calibrated, with those that tipped the scale."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callaudit.classifier.artefact import ModelKind
from callaudit.classifier.cues import CUE_NAMES, NO_CUES, Cues
from callaudit.classifier.features import edged
from callaudit.classifier.ngrams import NgramModel
from callaudit.domain.findings import SPEECH_CATEGORIES, Category
from callaudit.resources import bundled

NAME = "rudeness"
RUDENESS = ModelKind(
    name=NAME,
    setting="[classifier] folder",
    labels=("rude", *(category.value for category in SPEECH_CATEGORIES)),
    calibration=("slope", "offset", "label_slope", *(f"cues.{name}" for name in CUE_NAMES)),
    has_threshold=True,
)
SHOWN_FEATURES = 5
SHOWN_WEIGHT = 0.2
"""How many stretches are given as reasons at most, and the log-odds they must add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierScore:
    """What the classifier says of one utterance."""

    rude: float
    """Calibrated probability that the words are rude, 0 to 1."""
    label: Category
    """The category that fits best, supposing that the words are rude."""
    label_score: float
    """Probability of that category among the seven, supposing the same, 0 to 1."""


NOTHING_KNOWN = ClassifierScore(rude=0.0, label=SPEECH_CATEGORIES[0], label_score=1 / len(SPEECH_CATEGORIES))


class RudenessClassifier:
    """Scores text with a trained model. Needs neither scikit-learn nor scipy: they are for training.

    Args:
        folder: model folder with its manifest; the bundled one by default.
        threshold: score that makes a finding, instead of the manifest's.

    Raises:
        ModelError: the folder is missing, altered or foreign.
    """

    def __init__(self, folder: Path | None = None, threshold: float | None = None) -> None:
        self._model = NgramModel(folder or bundled("models", "rudeness"), RUDENESS)
        calibration = self.manifest["calibration"]
        self._slope, self._offset = float(calibration["slope"]), float(calibration["offset"])
        self._label_slope = float(calibration["label_slope"])
        self._cue_weights = np.array([float(calibration["cues"][name]) for name in CUE_NAMES])
        self._threshold = float(self.manifest["threshold"]) if threshold is None else threshold

    @property
    def name(self) -> str:
        """Name of the model."""
        return NAME

    @property
    def version(self) -> str:
        """Digest of vocabulary, weights, calibration and threshold, 12 hexadecimal digits."""
        return self._model.version

    @property
    def threshold(self) -> float:
        """Score at and over which words count as rude."""
        return self._threshold

    @property
    def manifest(self) -> dict[str, Any]:
        """How the model was made and how good it is."""
        return self._model.manifest

    def score(self, text: str, cues: Cues = NO_CUES) -> ClassifierScore:
        """Score one raw utterance.

        Text without a single known n-gram in which the lexicon finds nothing scores 0: the share of rude utterances in
        the corpus says nothing about it.

        Args:
            text: what was said.
            cues: what the lexicon found there.
        """
        features = self._model.features(text)
        if not len(features) and cues == NO_CUES:
            return NOTHING_KNOWN
        decisions = self._model.decide(features)
        witnessed = float(self._cue_weights @ [getattr(cues, name) for name in CUE_NAMES])
        shares = softmax(self._label_slope * decisions[1:])
        best = int(shares.argmax())
        return ClassifierScore(
            rude=sigmoid(self._slope * float(decisions[0]) + witnessed + self._offset),
            label=SPEECH_CATEGORIES[best],
            label_score=float(shares[best]),
        )

    def score_many(self, texts: Iterable[str]) -> tuple[ClassifierScore, ...]:
        """Score several utterances, in their order."""
        return tuple(self.score(text) for text in texts)

    def reasons(self, text: str) -> tuple[tuple[str, float], ...]:
        """Stretches of the raw text that speak most for rudeness, heaviest first, with their weight in log-odds."""
        utterance = edged(text)
        weights: dict[tuple[int, int], float] = defaultdict(float)
        numbers, starts, lengths = self._model.indexer.places(utterance.text)
        known = numbers >= 0
        scale = self._slope / max(1, len(np.unique(numbers[known]))) ** 0.5
        added = scale * np.where(known, self._model.weights[numbers, 0], 0.0)
        for start, length, weight in zip(starts.tolist(), lengths.tolist(), added.tolist(), strict=True):
            weights[start, length] += weight
        found = ((utterance.raw_text(*place), round(total, 3)) for place, total in heaviest(weights))
        return tuple((said, weight) for said, weight in found if said)[:SHOWN_FEATURES]


def heaviest(weights: Mapping[tuple[int, int], float]) -> tuple[tuple[tuple[int, int], float], ...]:
    """The stretches that lie apart and weigh `SHOWN_WEIGHT` or more, heaviest first, each with its total.

    A stretch counts with all n-grams inside it, so 神经病 is one reason and not six. Length is held against it, else
    every reason would drag neighbours along that add next to nothing.

    Args:
        weights: log-odds of n-grams by start and length.
    """
    totals = {place: _total_within(place, weights) for place in weights}
    taken: set[int] = set()
    chosen: list[tuple[tuple[int, int], float]] = []
    for place in sorted(totals, key=lambda place: (-totals[place] / place[1] ** 0.5, place)):
        stretch = set(range(place[0], sum(place)))
        if totals[place] >= SHOWN_WEIGHT and not stretch & taken:
            taken |= stretch
            chosen.append((place, totals[place]))
    return tuple(sorted(chosen, key=lambda item: -item[1]))


def _total_within(place: tuple[int, int], weights: Mapping[tuple[int, int], float]) -> float:
    """What all n-grams inside a stretch add up to."""
    start, length = place
    inside = ((start + skip, size) for size in range(1, length + 1) for skip in range(length - size + 1))
    return sum(weights.get(other, 0.0) for other in inside)


def sigmoid(value: float) -> float:
    """Log-odds to probability, without overflow."""
    return float(0.5 * (1 + np.tanh(0.5 * value)))


def softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores to shares that add up to 1."""
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum(), dtype=np.float64)
