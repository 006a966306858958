"""Ground truth and results for tests of the evaluation."""

from __future__ import annotations

from typing import Any

from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.evaluation.truth import TrueFinding, TrueUtterance


def said(text: str, start_ms: int = 0, party: Party = Party.AGENT, **changes: Any) -> TrueUtterance:
    """A true utterance of 200 ms a character, as `make_utterance` makes heard ones."""
    values: dict[str, Any] = {
        "party": party,
        "channel": 1 if party is Party.CUSTOMER else 0,
        "span": TimeSpan(start_ms, start_ms + 200 * len(text)),
        "text": text,
    }
    return TrueUtterance(**{**values, **changes})


def committed(**changes: Any) -> TrueFinding:
    """A true finding where `make_finding` puts its own."""
    values: dict[str, Any] = {
        "category": Category.INSULT,
        "span": TimeSpan(12_000, 13_000),
        "party": Party.AGENT,
        "phase": Phase.BEFORE_HANGUP,
        "quote": "不要脸",
    }
    return TrueFinding(**{**values, **changes})
