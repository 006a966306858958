from __future__ import annotations

from dataclasses import dataclass, field

from callaudit.classifier.cues import NO_CUES, Cues
from callaudit.detectors.remembering import REMEMBERED, RememberingClassifier, RememberingMatcher
from callaudit.lexicon.matcher import LexiconMatch
from tests.detectors.fakes import CLASSIFIER, FakeClassifier, FakeMatcher, FakeScore


@dataclass(frozen=True)
class CountingMatcher(FakeMatcher):
    asked: list[str] = field(default_factory=list)

    def match(self, text: str) -> tuple[LexiconMatch, ...]:
        self.asked.append(text)
        return super().match(text)


@dataclass(frozen=True)
class CountingClassifier(FakeClassifier):
    asked: list[str] = field(default_factory=list)

    def score(self, text: str, cues: Cues = NO_CUES) -> FakeScore:
        self.asked.append(text)
        return super().score(text, cues)


def test_a_matcher_is_asked_once_and_answers_the_same() -> None:
    asked = CountingMatcher()
    remembering = RememberingMatcher(asked)
    assert remembering.match("神经病") == remembering.match("神经病") == FakeMatcher().match("神经病")
    assert remembering.match("您好") == ()
    assert asked.asked == ["神经病", "您好"]
    assert remembering.version == asked.version


def test_a_classifier_is_asked_once_and_answers_the_same() -> None:
    asked = CountingClassifier(CLASSIFIER.scores)
    remembering = RememberingClassifier(asked)
    assert remembering.score("难缠") == remembering.score("难缠") == CLASSIFIER.score("难缠")
    assert remembering.score("您好").rude == CLASSIFIER.score("您好").rude
    assert asked.asked == ["难缠", "您好"]
    assert (remembering.name, remembering.version, remembering.threshold) == (
        asked.name,
        asked.version,
        asked.threshold,
    )


def test_what_was_asked_long_ago_is_forgotten() -> None:
    asked = CountingMatcher()
    remembering = RememberingMatcher(asked)
    for number in range(REMEMBERED + 1):
        remembering.match(str(number))
    remembering.match("0")
    assert asked.asked.count("0") == 2
