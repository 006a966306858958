"""Character error rate: how much of what was said the speech engine got wrong.

Both sides are normalised (`text.normalize.normalise_for_cer`: simplified script, half width, Arabic numerals, no
punctuation, no white space; fillers count). Speech is compared channel by channel, and within a channel piece by piece:
true and transcribed utterances that touch in time, or miss each other by half a second at most, make one piece. So an
engine may cut speech into other utterances than the truth does, but may not move it. Errors are substitutions,
insertions and deletions; rates are errors over true characters, summed over all pieces first (micro-average).

A piece counts for the party that spoke first in it; text where nobody spoke counts for the party it was given to.
A mixed recording is one stream and counts for `mixed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import Utterance
from callaudit.evaluation.truth import Truth
from callaudit.text.normalize import normalise_for_cer

MIXED = "mixed"
JOIN_MS = 500
"""Utterances this close belong to the same piece."""


@dataclass(frozen=True, slots=True)
class CharErrors:
    """Errors against the characters that were said."""

    errors: int = 0
    characters: int = 0

    def __add__(self, other: CharErrors) -> CharErrors:
        return CharErrors(self.errors + other.errors, self.characters + other.characters)

    @property
    def rate(self) -> float | None:
        """Errors for each true character, over 1 where more was invented than said; None where nothing was said."""
        return self.errors / self.characters if self.characters else None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A bit of text on one channel, true or transcribed."""

    channel: int
    span: TimeSpan
    text: str
    party: str
    is_true: bool


def char_errors(truth: Truth, heard: Sequence[Utterance], is_mixed: bool = False) -> dict[str, CharErrors]:
    """Count the errors of one call by party (`agent`, `customer`, `system`, or `mixed`).

    Args:
        truth: what was said.
        heard: the transcript's utterances.
        is_mixed: whether the call was treated as mixed, whatever the truth says.
    """
    mixed = is_mixed or truth.is_mixed
    pieces = [
        *(_Piece(said.channel, said.span, said.text, said.party.value, True) for said in truth.utterances),
        *(_Piece(got.channel, got.span, got.text, got.party.value, False) for got in heard),
    ]
    if mixed:
        pieces = [_Piece(0, piece.span, piece.text, MIXED, piece.is_true) for piece in pieces]
    counted: dict[str, CharErrors] = {}
    for cluster in _clusters(pieces):
        reference = normalise_for_cer("".join(piece.text for piece in cluster if piece.is_true))
        hypothesis = normalise_for_cer("".join(piece.text for piece in cluster if not piece.is_true))
        party = next((piece.party for piece in cluster if piece.is_true), cluster[0].party)
        found = CharErrors(edit_distance(reference, hypothesis), len(reference))
        counted[party] = counted.get(party, CharErrors()) + found
    return counted


def _clusters(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Pieces of one channel that touch in time, each group in order of time."""
    clusters: list[list[_Piece]] = []
    end_ms = 0
    for piece in sorted(pieces, key=lambda piece: (piece.channel, piece.span, not piece.is_true)):
        if not clusters or clusters[-1][0].channel != piece.channel or piece.span.start_ms > end_ms + JOIN_MS:
            clusters.append([])
            end_ms = 0
        clusters[-1].append(piece)
        end_ms = max(end_ms, piece.span.end_ms)
    return clusters


def edit_distance(reference: str, hypothesis: str) -> int:
    """Fewest substitutions, insertions and deletions that turn one text into the other.

    >>> edit_distance("不要脸", "不要练了")
    2
    """
    row = list(range(len(hypothesis) + 1))
    for line, wanted in enumerate(reference, start=1):
        diagonal, row[0] = row[0], line
        for column, got in enumerate(hypothesis, start=1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (wanted != got))
            diagonal, row[column] = row[column], best
    return row[-1]
