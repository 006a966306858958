"""A trained model of n-grams, ready to decide: what rudeness and talk have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from callaudit.classifier.artefact import ModelKind, Weights, load, unusable
from callaudit.classifier.features import Indexer, Numbers, edged
from callaudit.classifier.fitting import Floats


class NgramModel:
    """A model folder, read and checked.

    Args:
        folder: with manifest, vocabulary and weights.
        kind: what it must be for.

    Raises:
        ModelError: the folder is missing, altered or foreign.
    """

    def __init__(self, folder: Path, kind: ModelKind) -> None:
        artefact = load(folder, kind)
        try:
            self.indexer = Indexer(artefact.vocabulary)
        except ValueError as error:
            raise unusable(folder, kind, f"its vocabulary does not fit: {error}") from error
        self.weights: Weights = np.ascontiguousarray(artefact.weights.T)
        """Shape `(n-grams, labels)`."""
        self._biases = artefact.biases
        self.manifest: dict[str, Any] = artefact.manifest
        """How the model was made and how good it is."""

    @property
    def version(self) -> str:
        """Digest of all that decides on its scores, 12 hexadecimal digits."""
        return str(self.manifest["version"])

    def features(self, text: str) -> Numbers:
        """The known n-grams of a raw text, each once."""
        return self.indexer.features(edged(text).text)

    def decide(self, features: Numbers) -> Floats:
        """Decision values of a text with these n-grams, one for each label (`fitting.LinearModel`)."""
        sums = self.weights[features].sum(axis=0, dtype=np.float64)
        return np.asarray(sums / max(1, len(features)) ** 0.5 + self._biases, dtype=np.float64)
