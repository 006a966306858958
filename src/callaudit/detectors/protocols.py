"""What detectors need of lexicon and classifier."""

from __future__ import annotations

from typing import Protocol

from callaudit.classifier.cues import NO_CUES, Cues
from callaudit.domain.findings import Category
from callaudit.lexicon.matcher import LexiconMatch


class PhraseMatcher(Protocol):
    """Finds lexicon entries in a raw utterance."""

    @property
    def version(self) -> str:
        """Version of lexicon and rules."""

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        """Entries found, by place."""


class RudenessScore(Protocol):
    """What the classifier says of one text."""

    @property
    def rude(self) -> float:
        """0 to 1."""

    @property
    def label(self) -> Category:
        """Kind of rudeness that fits best."""

    @property
    def label_score(self) -> float:
        """How well it fits, 0 to 1."""


class RudenessClassifier(Protocol):
    """Scores the rudeness of a raw text."""

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def version(self) -> str:
        """Version of the model."""

    @property
    def threshold(self) -> float:
        """Score that makes a finding."""

    def score(self, text: str, cues: Cues = NO_CUES) -> RudenessScore:
        """Score one text in which the lexicon found these cues."""

    def reasons(self, text: str) -> tuple[tuple[str, float], ...]:
        """Stretches of the text that weigh most for rudeness, with their weight."""
