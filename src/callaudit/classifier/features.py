"""Utterances as sets of n-grams: what the classifier sees, in training and in use.

Three views of the folded text are taken. The characters carry the words; their sounds (`text.homophones`) carry what
remains of the words when the speech engine writes another character of the same sound; pairs of characters a little
apart carry constructions (不…吗, 有…没…) whatever stands inside them. A piece counts once however often it occurs:
engines and angry people repeat themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from callaudit.text.homophones import sound_codes
from callaudit.text.normalize import Folded, fold

CHAR_LENGTHS = (1, 2, 3, 4)
"""Lengths of character n-grams: the usual range for Chinese abuse detection; longer ones are phrases already."""
SOUND_LENGTHS = (2, 3, 4)
"""Lengths of sound n-grams; a single syllable stands for dozens of characters and says nothing."""
PAIR_DISTANCES = (2, 3, 4)
"""How far apart the two characters of a pair stand; which of these it is makes no difference."""
EDGE = "|"
"""Stands before the first and after the last character, so that 不行 alone differs from 不行 within a sentence."""
GAP = "…"
"""Stands between the two characters of a pair; folding leaves no such sign in a text."""

POLITE = "您"
"""Stands in front where the raw text says 您: folding takes it for 你, but rudeness seldom says 您."""


class Piece(NamedTuple):
    """One n-gram, or a pair, where it occurs."""

    text: str
    """The folded characters, edges included; of a pair the two, with `GAP` between."""
    sound: str
    """The same by ear (`sound_codes`); of a pair nothing."""
    start: int
    """Position of its first character in the edged text."""
    length: int
    """Characters from its first to its last."""


@dataclass(frozen=True, slots=True)
class Edged:
    """A folded utterance between edges, the polite mark in front; its text is empty where nothing is left of it."""

    text: str
    raw: str
    folded: Folded

    def raw_text(self, start: int, length: int) -> str:
        """What was really said where an n-gram lies, without the edges."""
        shift = self.text.index(EDGE) + 1
        first, last = max(0, start - shift), min(len(self.folded.text), start + length - shift)
        return self.folded.raw_span(first, max(first, last)).cut(self.raw)


def edged(raw: str) -> Edged:
    """Fold a raw utterance and set it between edges."""
    folded = fold(raw)
    mark = POLITE if POLITE in raw else ""
    return Edged(text=f"{mark}{EDGE}{folded.text}{EDGE}" if folded.text else "", raw=raw, folded=folded)


def pieces(edged_text: str) -> Iterator[Piece]:
    """All n-grams of an edged utterance with their sounds, and all pairs."""
    by_ear = sound_codes(edged_text)
    for length in sorted({*CHAR_LENGTHS, *SOUND_LENGTHS}):
        for start in range(len(edged_text) - length + 1):
            text = edged_text[start : start + length]
            if text != EDGE:
                yield Piece(text, by_ear[start : start + length], start, length)
    for distance in PAIR_DISTANCES:
        for start in range(len(edged_text) - distance):
            yield Piece(edged_text[start] + GAP + edged_text[start + distance], "", start, distance + 1)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which n-grams have a number. Characters and pairs come first, sounds follow, as do the model's weights.

    A sound n-gram is written with characters that sound like it (its spelling), because the codes of
    `text.homophones` are numbered anew whenever the pronunciation dictionary changes.
    """

    characters: tuple[str, ...]
    spellings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.characters) + len(self.spellings)


class Indexer:
    """Turns utterances into the numbers of their n-grams."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        first_sound = len(vocabulary.characters)
        self._characters = {text: number for number, text in enumerate(vocabulary.characters)}
        by_ear = sound_codes("\n".join(vocabulary.spellings)).split("\n") if vocabulary.spellings else []
        self._sounds = {sound: first_sound + at for at, sound in enumerate(by_ear)}

        self._size = len(vocabulary)

    def __len__(self) -> int:
        return self._size

    def numbers(self, piece: Piece) -> tuple[int, ...]:
        """The numbers of a piece, as characters and as a sound; none where the vocabulary lacks it."""
        found = (self._characters.get(piece.text), self._sounds.get(piece.sound))
        return tuple(number for number in found if number is not None)

    def features(self, edged_text: str) -> NDArray[np.intp]:
        """The numbers of all known n-grams of an edged utterance, each once, ascending."""
        return np.array(sorted({n for piece in pieces(edged_text) for n in self.numbers(piece)}), dtype=np.intp)


def build_vocabulary(texts: Sequence[str], families: Sequence[str], min_families: int = 2) -> Vocabulary:
    """Collect the n-grams worth a weight: those that at least `min_families` families of sentences use.

    Counting families, not utterances, keeps the words of one template out, however often its slots were filled.

    Args:
        texts: edged utterances.
        families: the family of each.
        min_families: how many families must use an n-gram.
    """
    characters: dict[str, set[str]] = {}
    sounds: dict[str, set[str]] = {}
    spellings: dict[str, str] = {}
    for text, family in zip(texts, families, strict=True):
        for piece in pieces(text):
            if GAP in piece.text or piece.length in CHAR_LENGTHS:
                characters.setdefault(piece.text, set()).add(family)
            if len(piece.sound) in SOUND_LENGTHS:
                sounds.setdefault(piece.sound, set()).add(family)
                spellings.setdefault(piece.sound, piece.text)
    return Vocabulary(
        characters=tuple(sorted(_frequent(characters, min_families))),
        spellings=tuple(sorted(spellings[sound] for sound in _frequent(sounds, min_families))),
    )


def _frequent(families_by_ngram: dict[str, set[str]], min_families: int) -> Iterable[str]:
    return (ngram for ngram, families in families_by_ngram.items() if len(families) >= min_families)
