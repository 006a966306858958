"""Telling what talk near the end of a call is: six linear models over the same n-grams as rudeness has."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from callaudit.classifier.artefact import ModelKind
from callaudit.classifier.model import softmax
from callaudit.classifier.ngrams import NgramModel
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
        self._model = NgramModel(folder or bundled("models", "talk"), TALK)
        self._slope = float(self._model.manifest["calibration"]["slope"])
        self.read = lru_cache(maxsize=4096)(self._read)

    @property
    def version(self) -> str:
        """Digest of vocabulary, weights and calibration, 12 hexadecimal digits."""
        return self._model.version

    def machine_share(self, text: str) -> float:
        """How probable it is that a machine says a raw text, 0 to 1."""
        shares = self.read(text)
        return shares[TalkKind.SURVEY] + shares[TalkKind.ANNOUNCEMENT]

    def _read(self, text: str) -> TalkShares:
        """How probable each kind is for a raw text; all alike where nothing in it is known."""
        features = self._model.features(text)
        if not len(features):
            return EVEN_SHARES
        shares = softmax(self._slope * self._model.decide(features))
        return dict(zip(TalkKind, map(float, shares), strict=True))
