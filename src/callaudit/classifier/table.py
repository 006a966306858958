"""Labelled utterances as one table: a row each, a column for every piece that occurs. Read once, learnt from often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from callaudit.classifier.features import EDGE, Alphabet, Keys, Numbers, Vocabulary, edged, pieces
from callaudit.classifier.fitting import binary_matrix
from callaudit.text.homophones import sound_codes

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MIN_FAMILIES = 2
"""How many families of sentences must use a piece for it to be learnt. Counting families, not utterances, keeps the
words of one template out, however often its slots were filled."""


@dataclass(frozen=True, slots=True, eq=False)
class PieceTable:
    """Which pieces occur in which utterances."""

    matrix: csr_matrix
    """Ones where a piece occurs; shape `(utterances, pieces)`, characters and pairs first, sounds last."""
    families: Numbers
    """The family of each utterance, by number."""
    characters: Keys
    """Keys of the first columns."""
    sounds: Keys
    """Keys of the last columns."""
    alphabet: Alphabet
    spelling: Mapping[str, str]
    """For each sound a character that has it."""

    def frequent(self, rows: Numbers) -> Numbers:
        """Columns of the pieces that `MIN_FAMILIES` of these rows' families use, ascending."""
        from scipy.sparse import csr_matrix

        names, family = np.unique(self.families[rows], return_inverse=True)
        members = csr_matrix((np.ones(len(rows)), (family, np.arange(len(rows)))), shape=(len(names), len(rows)))
        uses = (members @ self.matrix[rows]).astype(np.bool_)
        return np.flatnonzero(np.asarray(uses.sum(axis=0)).ravel() >= MIN_FAMILIES)

    def words(self, columns: Numbers) -> Vocabulary:
        """The pieces of some columns."""
        written, heard = columns[columns < len(self.characters)], columns[columns >= len(self.characters)]
        sounds = (self.alphabet.spell(int(key)) for key in self.sounds[heard - len(self.characters)])
        return Vocabulary(
            characters=tuple(self.alphabet.spell(int(key)) for key in self.characters[written]),
            spellings=tuple("".join(self.spelling[code] for code in sound) for sound in sounds),
        )


def tabulate(texts: Sequence[str], families: Sequence[str]) -> PieceTable:
    """The table of raw utterances, each of a family. The order of the columns does not depend on that of the rows."""
    from scipy.sparse import hstack

    folded = [edged(text).text for text in texts]
    used = sorted({*"".join(folded)})
    spelling = dict(zip(reversed(sound_codes("".join(used))), reversed(used), strict=True))
    alphabet = Alphabet({*used, *spelling})
    found = [pieces(text, alphabet) for text in folded]
    edge = alphabet.keys([EDGE])
    characters, written = _columns([np.setdiff1d(one.characters, edge) for one in found])
    sounds, heard = _columns([np.unique(one.sounds) for one in found])
    _, family = np.unique(np.asarray(families), return_inverse=True)
    return PieceTable(hstack([written, heard], format="csr"), family, characters, sounds, alphabet, spelling)


def _columns(rows: Sequence[Keys]) -> tuple[Keys, csr_matrix]:
    """All keys, ascending, and which row has which."""
    keys, column = np.unique(np.concatenate([*rows, np.zeros(0, dtype=np.uint64)]), return_inverse=True)
    ends = np.cumsum([len(row) for row in rows])[:-1]
    return keys, binary_matrix(np.split(column, ends) if rows else [], len(keys))
