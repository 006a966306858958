"""Engines that answer a question once: several detectors ask for the same clauses, and people repeat themselves."""

from __future__ import annotations

from functools import lru_cache

from callaudit.classifier.cues import NO_CUES, Cues
from callaudit.detectors.protocols import PhraseMatcher, RudenessClassifier, RudenessScore
from callaudit.lexicon.matcher import LexiconMatch

REMEMBERED = 2048
"""Answers kept by each engine; bounds the memory."""


class RememberingMatcher:
    """A `PhraseMatcher` that remembers its latest answers."""

    def __init__(self, matcher: PhraseMatcher) -> None:
        self.version = matcher.version
        self._match = lru_cache(maxsize=REMEMBERED)(matcher.match)

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        """Entries found, by place."""
        return self._match(text)


class RememberingClassifier:
    """A `RudenessClassifier` that remembers its latest answers."""

    def __init__(self, classifier: RudenessClassifier) -> None:
        self.name, self.version, self.threshold = classifier.name, classifier.version, classifier.threshold
        self._score = lru_cache(maxsize=REMEMBERED)(classifier.score)
        self._reasons = lru_cache(maxsize=REMEMBERED)(classifier.reasons)

    def score(self, text: str, cues: Cues = NO_CUES) -> RudenessScore:
        """Score one text in which the lexicon found these cues."""
        return self._score(text, cues)

    def reasons(self, text: str) -> tuple[tuple[str, float], ...]:
        """Stretches of the text that weigh most for rudeness, with their weight."""
        return self._reasons(text)
