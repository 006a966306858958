"""A matcher and a classifier that know what a test tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from callaudit.classifier.cues import NO_CUES, Cues
from callaudit.detectors import detect_all, make_detectors
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.findings import Category, Finding, MatchPath, Severity
from callaudit.domain.spans import CharSpan
from callaudit.lexicon.entries import Entry
from callaudit.lexicon.matcher import LexiconMatch


def make_entry(phrase: str, **changes: Any) -> Entry:
    category = changes.get("category", Category.INSULT)
    defaults: dict[str, Any] = {"id": f"{category.value}.{phrase}", "category": category, "severity": Severity.MAJOR}
    return Entry(phrase=phrase, **{**defaults, **changes})


ENTRIES = (
    make_entry("神经病"),
    make_entry("不要脸", severity=Severity.CRITICAL),
    make_entry("有完没完", category=Category.IMPATIENCE, severity=Severity.MINOR),
    make_entry("不知道", category=Category.SHIRKING, severity=Severity.MINOR, alone=False),
    make_entry("没办法", category=Category.SHIRKING, severity=Severity.MINOR, alone=False),
)


@dataclass(frozen=True)
class FakeMatcher:
    """Plain substring search; text after 骂 is reported speech."""

    entries: Sequence[Entry] = ENTRIES
    version: str = "fake"
    path: MatchPath = MatchPath.EXACT

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        matches = []
        for entry in self.entries:
            at = text.find(entry.phrase)
            if at >= 0:
                chars = CharSpan(at, at + len(entry.phrase))
                doubts = ("reported_speech",) if "骂" in text[:at] else ()
                matches.append(LexiconMatch(entry, chars, chars.cut(text), self.path, doubts))
        return tuple(sorted(matches, key=lambda match: match.chars))


@dataclass(frozen=True)
class FakeScore:
    rude: float
    label: Category = Category.MOCKERY
    label_score: float = 0.8


@dataclass(frozen=True)
class FakeClassifier:
    """Scores by the words it knows, 0.1 otherwise."""

    scores: Mapping[str, FakeScore] = field(default_factory=dict)
    name: str = "fake"
    version: str = "1"
    threshold: float = 0.6
    together: bool = False
    """Whether words are rude only in the company of all the others."""
    explains: str = ""
    """A word in whose company nothing is rude."""

    def score(self, text: str, cues: Cues = NO_CUES) -> FakeScore:
        known = [score for word, score in self.scores.items() if word in text]
        if (self.together and len(known) < len(self.scores)) or (self.explains and self.explains in text):
            known = [FakeScore(0.3 if "美甲" in text else 0.1)]
        said = max(known, key=_rude, default=FakeScore(0.1))
        witnessed = 0.8 * cues.exact + 0.7 * cues.sound
        return replace(said, rude=min(1.0, max(said.rude, witnessed) + 0.05 * cues.weak))

    def reasons(self, text: str) -> tuple[tuple[str, float], ...]:
        return tuple((word, 1.5) for word in self.scores if word in text)


def _rude(score: FakeScore) -> float:
    return score.rude


CLASSIFIER = FakeClassifier(
    {
        "难缠": FakeScore(0.9),
        "神经病": FakeScore(0.95, Category.INSULT),
        "芝麻": FakeScore(0.61),
        "不知道": FakeScore(0.49, Category.SHIRKING),
        "试试看": FakeScore(0.8, Category.THREAT),
    }
)


def findings_of(
    analysis: CallAnalysis, matcher: FakeMatcher | None = None, classifier: FakeClassifier = CLASSIFIER
) -> tuple[Finding, ...]:
    return detect_all(analysis, make_detectors(matcher or FakeMatcher(), classifier))
