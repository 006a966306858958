"""Fewer multiplications for the same scores: rows of a token table that are equal are multiplied once.

Whisper scores all of its 51,865 tokens at every step. A checkpoint trained on one language leaves most of them unused,
all with the same row in the token table; the bundled model uses a sixteenth. Equal rows give equal scores, so the
product is taken with the distinct rows and spread over their tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

WORTH_IT = 0.5
"""Share of distinct rows up to which the detour pays."""


def distinct_rows(table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The rows of a token table to multiply, and which of them each token has; None where each has its own.

    Args:
        table: `(tokens, width)`; comes back as it is where too few of its rows are equal.
    """
    import torch

    distinct, row_of_token = torch.unique(table, dim=0, return_inverse=True)
    return (table, None) if len(distinct) > WORTH_IT * len(table) else (distinct, row_of_token)
