"""Fewer multiplications for the same scores: rows of a token table that are equal are multiplied once.

Whisper scores all of its 51,865 tokens at every step. A checkpoint trained on one language leaves most of them unused,
all with the same row in the token table; the bundled model uses a sixteenth. Equal rows give equal scores, so the
product is taken with the distinct rows and spread over their tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

WORTH_IT = 0.5
"""Share of distinct rows up to which the detour pays."""


def share_equal_rows(model: Any) -> bool:
    """Let a loaded Whisper score equal tokens once, if enough of them are equal.

    Args:
        model: a `whisper.model.Whisper` for inference; how its decoder computes is changed, not what.

    Returns:
        Whether it was worth it.
    """
    import torch

    table = model.decoder.token_embedding.weight.detach()
    distinct, row_of_token = torch.unique(table, dim=0, return_inverse=True)
    if len(distinct) > WORTH_IT * len(table):
        return False
    model.decoder.forward = _SharedRows(model.decoder, distinct, row_of_token)
    return True


class _SharedRows:
    """Stands in for `whisper.model.TextDecoder.forward`."""

    def __init__(self, decoder: Any, distinct: torch.Tensor, row_of_token: torch.Tensor) -> None:
        self._decoder = decoder
        self._distinct = distinct
        self._row_of_token = row_of_token

    def __call__(
        self, x: torch.Tensor, xa: torch.Tensor, kv_cache: dict[Any, torch.Tensor] | None = None
    ) -> torch.Tensor:
        """Scores of shape `(batch, tokens, vocabulary)`."""
        decoder = self._decoder
        offset = next(iter(kv_cache.values())).shape[1] if kv_cache else 0
        x = decoder.token_embedding(x) + decoder.positional_embedding[offset : offset + x.shape[-1]]
        x = x.to(xa.dtype)
        for block in decoder.blocks:
            x = block(x, xa, mask=decoder.mask, kv_cache=kv_cache)
        normal: torch.Tensor = decoder.ln(x)
        return (normal @ self._distinct.to(x.dtype).T).float()[..., self._row_of_token]
