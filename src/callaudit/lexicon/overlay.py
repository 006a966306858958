"""A site's own lexicon laid over another: entries added, changed and switched off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from callaudit.errors import LexiconError
from callaudit.lexicon.entries import Entry, Lexicon


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a site wants otherwise.

    Attributes:
        entries: stand in the place of entries with the same id, or are added.
        off: ids of entries to leave out, each with the file and line where it is written.
    """

    entries: tuple[Entry, ...]
    off: tuple[tuple[str, str], ...]

    def over(self, lexicon: Lexicon) -> Lexicon:
        """The lexicon with this laid over it; changed entries keep their place, new ones come last.

        Raises:
            LexiconError: an entry that is not there is switched off, or one is switched off and given again.
        """
        known = {entry.id: entry for entry in lexicon.entries}
        complaints = [*_unknown(self.off, known), *_contradictions(self.off, self.entries)]
        if complaints:
            raise LexiconError(
                "; ".join(complaints),
                code="lexicon.overlay",
                hint="`callaudit lexicon list` shows every id; an entry that is given again is not switched off",
            )
        off = {entry_id for entry_id, _ in self.off}
        laid = known | {entry.id: entry for entry in self.entries}
        return Lexicon(tuple(entry for entry in laid.values() if entry.id not in off))


def _unknown(off: Iterable[tuple[str, str]], known: Iterable[str]) -> Iterable[str]:
    for entry_id, place in off:
        if entry_id not in known:
            near = get_close_matches(entry_id, known, n=1)
            yield f"{place}: off: there is no entry {entry_id}" + (f"; did you mean {near[0]}?" if near else "")


def _contradictions(off: Iterable[tuple[str, str]], entries: Iterable[Entry]) -> Iterable[str]:
    given = {entry.id: entry.place for entry in entries}
    for entry_id, place in off:
        if entry_id in given:
            yield f"{place}: off: {entry_id} is given again by {given[entry_id]}"
