"""Telling what talk near the end of a call is: six linear models over the same n-grams as rudeness has."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from callaudit.classifier.artefact import ModelKind, load, unusable
from callaudit.classifier.features import Indexer, edged
from callaudit.classifier.model import softmax
from callaudit.domain.talk import EVEN_SHARES, TalkKind, TalkShares
from callaudit.resources import bundled

TALK = ModelKind(
    name="talk",
    setting="[hangup] talk_model",
    labels=tuple(kind.value for kind in TalkKind),
    calibration=("slope",),
)


class TalkClassifier:
    """Reads what a piece of speech is (a `TalkReader`).

    Args:
        folder: model folder with its manifest; the bundled one by default.

    Raises:
        ModelError: the folder is missing, altered or foreign.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or bundled("models", "talk")
        artefact = load(folder, TALK)
        try:
            self._indexer = Indexer(artefact.vocabulary)
        except ValueError as error:
            raise unusable(folder, TALK, f"its vocabulary does not fit: {error}") from error
        self._weights, self._biases = np.ascontiguousarray(artefact.weights.T), artefact.biases
        self._slope = float(artefact.manifest["calibration"]["slope"])
        self._version = str(artefact.manifest["version"])
        self.read = lru_cache(maxsize=4096)(self._read)

    @property
    def version(self) -> str:
        """Digest of vocabulary, weights and calibration, 12 hexadecimal digits."""
        return self._version

    def machine_share(self, text: str) -> float:
        """How probable it is that a machine says a raw text, 0 to 1."""
        shares = self.read(text)
        return shares[TalkKind.SURVEY] + shares[TalkKind.ANNOUNCEMENT]

    def _read(self, text: str) -> TalkShares:
        """How probable each kind is for a raw text; all alike where nothing in it is known."""
        features = self._indexer.features(edged(text).text)
        if not len(features):
            return EVEN_SHARES
        sums = self._weights[features].sum(axis=0, dtype=np.float64)
        shares = softmax(self._slope * (sums / len(features) ** 0.5 + self._biases))
        return dict(zip(TalkKind, map(float, shares), strict=True))
