"""Set phrases in what a speech engine wrote: found by sound, and with a character or two wrong.

Engines write 在见 for 再见 and lose a syllable out of 感谢您的来电. A cue is therefore compared syllable by syllable
(toneless, with the usual confusions folded together), and the longer it is the more edits it survives. Characters
that turn the meaning round (您, 我, 不, …) must be there, or the customer's 帮我查一下 would pass for the agent's
帮您查一下.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callaudit.domain.spans import CharSpan
from callaudit.text.homophones import sound_codes

PIVOTS = frozenset("您我你他她不没本")
"""Characters of a cue that no edit may touch; by sound they still may differ (您 and 恁)."""

_NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")


@dataclass(frozen=True, slots=True)
class CueHit:
    """One cue found in an utterance."""

    group: str
    phrase: str
    chars: CharSpan
    """Where in the raw text."""
    exact: bool
    """Whether the characters agree, not just the sound."""


@dataclass(frozen=True, slots=True)
class _Cue:
    group: str
    phrase: str
    sounds: str
    fixed: tuple[bool, ...]
    budget: int
    pieces: tuple[str, ...]
    """One more than edits are allowed: one of them at least is heard unharmed wherever the cue is."""

    def may_be_in(self, sounds: str) -> bool:
        """Whether a search is worth its time where one of the pieces is heard."""
        return all(sound in sounds for sound, fixed in zip(self.sounds, self.fixed, strict=True) if fixed)


class CueFinder:
    """Looks for groups of cues in utterances.

    Args:
        groups: phrases by group name; a phrase of up to four characters must sound exactly alike, one of five or six
            survives one edit, one of seven to nine two, a longer one three. What stands in brackets survives none:
            `感谢您的[评价]` is never heard in 感谢您的来电.
    """

    def __init__(self, groups: Mapping[str, Sequence[str]]) -> None:
        from ahocorasick_rs import AhoCorasick

        self._cues = tuple(_compile(group, phrase) for group, phrases in groups.items() for phrase in phrases)
        by_piece: dict[str, list[int]] = defaultdict(list)
        for number, cue in enumerate(self._cues):
            for piece in cue.pieces:
                by_piece[piece].append(number)
        self._cues_of_piece = tuple(by_piece.values())
        self._pieces = AhoCorasick(list(by_piece))

    def find(self, text: str) -> tuple[CueHit, ...]:
        """All cues in the text, by place; those of one group do not overlap."""
        at, chars = _plain(text)
        sounds = sound_codes("".join(chars))
        hits: list[CueHit] = []
        for cue in self._heard_in_part(sounds):
            if not cue.may_be_in(sounds):
                continue
            for start, end in _search(cue, sounds) if cue.budget else _occurrences(cue.sounds, sounds):
                span = CharSpan(at[start], at[end - 1] + 1)
                hits.append(CueHit(cue.group, cue.phrase, span, "".join(chars[start:end]) == cue.phrase))
        return _without_overlaps(hits)

    def _heard_in_part(self, sounds: str) -> list[_Cue]:
        """The cues of which a piece is heard unharmed, in their order."""
        pieces = {piece for piece, _, _ in self._pieces.find_matches_as_indexes(sounds, overlapping=True)}
        return [self._cues[number] for number in sorted({at for piece in pieces for at in self._cues_of_piece[piece]})]


def _compile(group: str, phrase: str) -> _Cue:
    """Take the brackets out of a phrase and note which characters may not be edited."""
    chars: list[str] = []
    fixed: list[bool] = []
    for place, part in enumerate(phrase.replace("]", "[").split("[")):
        chars += part
        fixed += [place % 2 == 1 or char in PIVOTS for char in part]
    length = len(chars)
    budget = 0 if length <= 4 else 1 if length <= 6 else 2 if length <= 9 else 3
    plain = "".join(chars)
    sounds = sound_codes(plain)
    edges = [length * part // (budget + 1) for part in range(budget + 2)]
    pieces = tuple(sounds[start:end] for start, end in pairwise(edges))
    return _Cue(group, plain, sounds, tuple(fixed), budget, pieces)


def _plain(text: str) -> tuple[list[int], list[str]]:
    """Letters, digits and characters alone, digits as numerals, with their places in the raw text."""
    kept = [(at, unicodedata.normalize("NFKC", char)[0]) for at, char in enumerate(text) if char.isalnum()]
    return [at for at, _ in kept], [char.lower()[0].translate(_NUMERALS) for _, char in kept]


def _occurrences(cue: str, sounds: str) -> Iterator[tuple[int, int]]:
    """Places where the cue is heard as it is."""
    start = sounds.find(cue)
    while start >= 0:
        yield start, start + len(cue)
        start = sounds.find(cue, start + len(cue))


def _search(cue: _Cue, sounds: str) -> Iterator[tuple[int, int]]:
    """Places `[start, end)` where the cue is heard within its budget, the best first (Sellers' algorithm)."""
    size = len(sounds)
    costs, starts = [0] * (size + 1), list(range(size + 1))
    for sound, fixed in zip(cue.sounds, cue.fixed, strict=True):
        loss = cue.budget + 1 if fixed else 1
        row, row_starts = [costs[0] + loss], [0]
        for at in range(1, size + 1):
            cost, start = costs[at - 1] + (0 if sounds[at - 1] == sound else loss), starts[at - 1]
            if costs[at] + loss < cost:
                cost, start = costs[at] + loss, starts[at]
            if row[at - 1] + 1 < cost:
                cost, start = row[at - 1] + 1, row_starts[at - 1]
            row.append(cost)
            row_starts.append(start)
        costs, starts = row, row_starts
    found = sorted((cost, starts[end], end) for end, cost in enumerate(costs) if cost <= cue.budget)
    taken: list[tuple[int, int]] = []
    for _, start, end in found:
        if start < end and all(end <= other or start >= last for other, last in taken):
            taken.append((start, end))
            yield start, end


def _without_overlaps(hits: Sequence[CueHit]) -> tuple[CueHit, ...]:
    """Of overlapping hits of one group the longest, by place."""
    kept: list[CueHit] = []
    for hit in sorted(hits, key=lambda hit: (-hit.chars.length, not hit.exact, hit.chars.start)):
        if not any(other.group == hit.group and other.chars.overlaps(hit.chars) for other in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda hit: (hit.chars.start, hit.chars.end, hit.group)))
