"""Lexicon entries: a forbidden phrase, what it counts for, and the examples that prove it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from enum import StrEnum

from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase, Severity

ABOUT_CALLER = "about_caller"
"""背后议论: tag of entries that talk about the caller in the third person."""


class Role(StrEnum):
    """Whose words an entry judges."""

    AGENT = "agent"
    CUSTOMER = "customer"
    ANY = "any"

    def covers(self, party: Party) -> bool:
        """Whether the entry judges what this party says; an unknown party is covered by `any` alone."""
        return self is Role.ANY or self.value == party.value


class When(StrEnum):
    """On which side of the hang-up an entry counts; what counts after it counts on hold, too."""

    ANY = "any"
    BEFORE_HANGUP = "before_hangup"
    AFTER_HANGUP = "after_hangup"

    def covers(self, phase: Phase) -> bool:
        """Whether the entry counts in this phase."""
        return self is When.ANY or (self is When.AFTER_HANGUP) == phase.is_out_of_hearing


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One forbidden phrase (服务禁语)."""

    id: str
    """`category.slug`, unique in the lexicon."""
    category: Category
    phrase: str
    """The pattern, in the language of `patterns`."""
    severity: Severity
    role: Role = Role.AGENT
    phase: When = When.ANY
    alone: bool = True
    """False: only adds weight to other evidence, never makes a finding by itself."""
    sound: bool = True
    """Whether the phrase is also searched by ear (only from three syllables on)."""
    tags: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    """Patterns; where one overlaps the match, there is none."""
    hits: tuple[str, ...] = ()
    """Sentences the entry must be found in."""
    misses: tuple[str, ...] = ()
    """Harmless sentences in which nothing may be flagged."""
    note: str = ""
    file: str = field(default="", compare=False)
    """Name of the file the entry stands in."""
    line: int | None = field(default=None, compare=False)
    """Line of the file where it begins, 1-based."""

    @property
    def place(self) -> str:
        """File and line, as messages name them."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


_IMMATERIAL = frozenset({"hits", "misses", "note", "file", "line"})


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All entries, in the order of their files."""

    entries: tuple[Entry, ...]

    @property
    def version(self) -> str:
        """Digest of all that decides what matches and what it counts for, 12 hexadecimal digits."""
        material = [f.name for f in fields(Entry) if f.name not in _IMMATERIAL]
        rows = sorted("\t".join(str(getattr(entry, name)) for name in material) for entry in self.entries)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]

    def __getitem__(self, entry_id: str) -> Entry:
        """The entry of this id.

        Raises:
            KeyError: there is none.
        """
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        raise KeyError(entry_id)
