"""Which of several offences is the gravest."""

from __future__ import annotations

from callaudit.domain.findings import Category, Finding
from callaudit.lexicon.entries import Entry


def gravity(offence: Entry | Finding) -> tuple[int, int]:
    """Severity first; among equals the order of the categories, insult before all."""
    return offence.severity.rank, -list(Category).index(offence.category)
