"""Whisper's decoder made steady: what it scores for a window is the same whatever windows are decoded beside it.

Matrix products round differently with another number of rows, so the figures of a window, and rarely a word, would
depend on its company in the batch. Here every product is taken in blocks of one fixed number of rows, filled up with
zeros; everything else in the decoder goes row by row of itself. On a CPU, with torch on one thread, a window's tokens
and figures are then the same to the last bit in any batch of any size. Nothing is promised for a GPU, where the
kernels of attention depend on the size of the batch as well.

Milliseconds per token and window on one thread, for a Whisper of the size of small with random weights, as it comes and
made steady: 68 and 120 in a batch of 1, 60 and 60 in one of 2, 38 and 35 in one of 4, 29 and 21 in one of 8, 23 and 21
in one of 16. A lone window pays for its company's rows; from two on, reading the sound head by head makes up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from callaudit.speech.vocabulary import distinct_rows

if TYPE_CHECKING:
    import torch

BLOCK_ROWS = 8
"""Rows of one product. The weights are read once for a block: 8 rows cost 1.7 times as much as 1, and 16 cost 1.2 times
as much as 8, but a few windows of short calls would rarely fill them."""

Multiply = Callable[["torch.Tensor"], "torch.Tensor"]


def make_steady(model: Any) -> None:
    """Let the decoder of a loaded Whisper take its products in fixed blocks.

    Args:
        model: a `whisper.model.Whisper` for inference; how its decoder computes is changed, not what.
    """
    import torch

    for module in model.decoder.modules():
        if isinstance(module, torch.nn.Linear):
            module.forward = partial(in_blocks, module.forward)  # type: ignore[method-assign]
    for block in model.decoder.blocks:
        block.cross_attn.forward = _CrossAttention(block.cross_attn)
    model.decoder.forward = _SteadyDecoder(model.decoder)


def in_blocks(multiply: Multiply, x: torch.Tensor) -> torch.Tensor:
    """A product whose every row is the same in any company.

    Args:
        multiply: `(n, width)` to `(n, other width)`, row by row.
        x: `(batch, tokens, width)`; several tokens of one sequence are a block of their own.
    """
    import torch
    from torch.nn.functional import pad

    if x.shape[1] > 1:
        return torch.stack([multiply(sequence) for sequence in x])
    rows = x[:, 0]
    filled = pad(rows, (0, 0, 0, -len(rows) % BLOCK_ROWS)).reshape(-1, BLOCK_ROWS, rows.shape[1])
    return torch.cat([multiply(block) for block in filled])[: len(rows), None]


class _SteadyDecoder:
    """Stands in for `whisper.model.TextDecoder.forward`."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._table, self._row_of_token = distinct_rows(decoder.token_embedding.weight.detach())

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
        scores = in_blocks(self._score, decoder.ln(x)).float()
        return scores if self._row_of_token is None else scores[..., self._row_of_token]

    def _score(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self._table.to(x.dtype).T


class _CrossAttention:
    """Stands in for `whisper.model.MultiHeadAttention.forward` where the decoder attends to the sound.

    The sound stays the same for every token, so its keys and values are laid out head by head once: attention over
    them then takes two thirds of the time, and a token of the bundled model three quarters.
    """

    def __init__(self, attention: Any) -> None:
        self._attention = attention

    def __call__(
        self, x: torch.Tensor, xa: torch.Tensor, mask: None = None, kv_cache: dict[Any, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, None]:
        """What is attended to, `(batch, tokens, width)`."""
        from torch.nn.functional import scaled_dot_product_attention

        attention = self._attention
        keys, values = (self._of_sound(part, xa, kv_cache) for part in (attention.key, attention.value))
        seen = scaled_dot_product_attention(self._by_head(attention.query(x)), keys, values)
        return attention.out(seen.permute(0, 2, 1, 3).flatten(start_dim=2)), None

    def _of_sound(self, project: Any, xa: torch.Tensor, kv_cache: dict[Any, torch.Tensor] | None) -> torch.Tensor:
        if kv_cache is None:
            return self._by_head(project(xa))
        if project not in kv_cache:
            kv_cache[project] = self._by_head(project(xa)).contiguous()
        return kv_cache[project]

    def _by_head(self, x: torch.Tensor) -> torch.Tensor:
        return x.view(*x.shape[:2], self._attention.n_head, -1).transpose(1, 2)
