"""Utterances as sets of n-grams: what the classifier sees, in training and in use.

Three views of the folded text are taken. The characters carry the words; their sounds (`text.homophones`) carry what
remains of the words when the speech engine writes another character of the same sound; pairs of characters a little
apart carry constructions (不…吗, 有…没…) whatever stands inside them. A piece counts once however often it occurs:
engines and angry people repeat themselves.

Up to four characters, each numbered by an `Alphabet`, are packed into one number, the key of the piece, so that all
pieces of an utterance are found and looked up at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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

CHAR_BITS = 16
"""Bits of one character in a key; as many as are in the longest piece fill 64."""
_LONGEST = max(CHAR_LENGTHS)
_UNKNOWN, _GAP, _FIRST = 1, 2, 3
"""Numbers of a character outside the alphabet, of `GAP`, and of the first character; 0 stands for none."""

Keys = NDArray[np.uint64]
Numbers = NDArray[np.intp]


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


class Alphabet:
    """Numbers characters, and sounds, so that pieces of text have keys.

    Args:
        characters: what is to have a number of its own; all others share one, and a piece with one of them is unknown.

    Raises:
        ValueError: more characters than `CHAR_BITS` can number.
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self._characters = sorted(set(characters) - {GAP})
        if len(self._characters) + _FIRST > 1 << CHAR_BITS:
            raise ValueError("too many different characters")
        self._table = np.full(0x110000, _UNKNOWN, dtype=np.uint64)
        self._table[[ord(char) for char in self._characters]] = np.arange(_FIRST, _FIRST + len(self._characters))
        self._table[ord(GAP)] = _GAP

    def numbers(self, text: str) -> Keys:
        """The number of each character."""
        return self._table[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)]

    def keys(self, texts: Sequence[str]) -> Keys:
        """The key of each text of up to four characters."""
        padded = np.array(texts, dtype=f"U{_LONGEST}").view(np.uint32).reshape(-1, _LONGEST)
        keys = np.zeros(len(texts), dtype=np.uint64)
        for column in padded.T:
            keys = np.where(column > 0, (keys << np.uint64(CHAR_BITS)) | self._table[column], keys)
        return keys

    def spell(self, key: int) -> str:
        """The characters of a key."""
        numbers = [key >> CHAR_BITS * place & (1 << CHAR_BITS) - 1 for place in (3, 2, 1, 0)]
        return "".join(GAP if number == _GAP else self._characters[number - _FIRST] for number in numbers if number)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """All pieces of an utterance, in the order of `layout`."""

    characters: Keys
    """Keys of its n-grams and pairs."""
    sounds: Keys
    """Keys of its n-grams by ear."""


def pieces(edged_text: str, alphabet: Alphabet) -> Pieces:
    """All n-grams of an edged utterance, all pairs, and all sound n-grams."""
    written, heard = alphabet.numbers(edged_text), alphabet.numbers(sound_codes(edged_text))
    pairs = [
        (written[:-distance] << np.uint64(2 * CHAR_BITS))
        | np.uint64(_GAP << CHAR_BITS)
        | written[min(distance, len(written)) :]
        for distance in PAIR_DISTANCES
    ]
    return Pieces(
        characters=np.concatenate([*_ngrams(written, CHAR_LENGTHS), *pairs]),
        sounds=np.concatenate(_ngrams(heard, SOUND_LENGTHS)),
    )


def _ngrams(numbers: Keys, lengths: Sequence[int]) -> list[Keys]:
    """Keys of all n-grams, length by length."""
    wanted, keys = [], numbers
    for length in range(1, max(lengths) + 1):
        if length > 1:
            keys = (keys[:-1] << np.uint64(CHAR_BITS)) | numbers[min(length - 1, len(numbers)) :]
        if length in lengths:
            wanted.append(keys)
    return wanted


@lru_cache(maxsize=64)
def layout(size: int) -> tuple[Numbers, Numbers]:
    """Start and length of every piece of an edged utterance of so many characters, those of the sounds last."""
    spans = [*CHAR_LENGTHS, *(distance + 1 for distance in PAIR_DISTANCES), *SOUND_LENGTHS]
    counts = [max(0, size - span + 1) for span in spans]
    starts, lengths = np.concatenate([np.arange(count) for count in counts]), np.repeat(spans, counts)
    starts.setflags(write=False)
    lengths.setflags(write=False)
    return starts, lengths


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which pieces have a number. Characters and pairs come first, sounds follow, as do the model's weights.

    A sound n-gram is written with characters that sound like it (its spelling), because the codes of
    `text.homophones` are numbered anew whenever the pronunciation dictionary changes.
    """

    characters: tuple[str, ...]
    spellings: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.characters) + len(self.spellings)


class Indexer:
    """Turns utterances into the numbers of their pieces.

    Raises:
        ValueError: the vocabulary holds a piece that is none: of no or of more than four characters.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        lengths = set(map(len, vocabulary.characters)) | set(map(len, vocabulary.spellings))
        if not lengths <= set(CHAR_LENGTHS):
            raise ValueError("a piece is one to four characters long")
        if {"\n", "\0"} & {*"".join(vocabulary.characters), *"".join(vocabulary.spellings)}:
            raise ValueError("a piece holds no control characters")
        sounds = sound_codes("\n".join(vocabulary.spellings)).split("\n") if vocabulary.spellings else []
        self._alphabet = Alphabet({*"".join(vocabulary.characters), *"".join(sounds)})
        self._characters = _Lookup(self._alphabet.keys(vocabulary.characters), first=0)
        self._sounds = _Lookup(self._alphabet.keys(sounds), first=len(vocabulary.characters))

    def features(self, edged_text: str) -> Numbers:
        """The numbers of all known pieces of an edged utterance, each once, ascending."""
        numbers = self._numbers(edged_text)
        return np.unique(numbers[numbers >= 0])

    def places(self, edged_text: str) -> tuple[Numbers, Numbers, Numbers]:
        """Number, start and length of every piece wherever it occurs; the number is -1 where it is unknown."""
        return self._numbers(edged_text), *layout(len(edged_text))

    def _numbers(self, edged_text: str) -> Numbers:
        """Of every piece, in the order of `layout`; -1 where it is unknown."""
        found = pieces(edged_text, self._alphabet)
        return np.concatenate([self._characters.numbers(found.characters), self._sounds.numbers(found.sounds)])


class _Lookup:
    """Numbers by key."""

    def __init__(self, keys: Keys, first: int) -> None:
        order = np.argsort(keys, kind="stable")
        self._keys, self._numbers = keys[order], order + first

    def numbers(self, keys: Keys) -> Numbers:
        """The number of each key, -1 where it has none."""
        if not len(self._keys):
            return np.full(len(keys), -1, dtype=np.intp)
        places = np.minimum(self._keys.searchsorted(keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._numbers[places], -1)
