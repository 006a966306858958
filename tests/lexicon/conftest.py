from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from callaudit.domain.findings import Category, Severity
from callaudit.lexicon.entries import Entry, Lexicon
from callaudit.lexicon.files import load_lexicon
from callaudit.lexicon.matcher import LexiconMatcher
from callaudit.text.segment import Segmenter

MatcherOf = Callable[..., LexiconMatcher]


def make_entry(phrase: str, **changes: Any) -> Entry:
    """An entry of any category, named after its phrase."""
    defaults: dict[str, Any] = {
        "id": f"insult.{phrase}",
        "category": Category.INSULT,
        "phrase": phrase,
        "severity": Severity.MAJOR,
    }
    return Entry(**{**defaults, **changes})


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="session")
def shipped() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="session")
def matcher(shipped: Lexicon, segmenter: Segmenter) -> LexiconMatcher:
    """The shipped lexicon, ready to match."""
    return LexiconMatcher(shipped, segmenter)


@pytest.fixture(scope="session")
def matcher_of(segmenter: Segmenter) -> MatcherOf:
    """A matcher for phrases or entries named in the test."""

    def build(*entries: Entry | str) -> LexiconMatcher:
        made = tuple(make_entry(entry) if isinstance(entry, str) else entry for entry in entries)
        return LexiconMatcher(Lexicon(made), segmenter)

    return build
