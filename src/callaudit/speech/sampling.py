"""Two parts for Whisper's decoding loop that treat every window of a batch by itself.

Whisper breaks a whole batch off at one number of tokens and draws the random numbers of all its windows from one
stream. Both let a window's text depend on the windows beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """A `whisper.decoding.LogitFilter` that ends each row after its own number of tokens.

    The end it forces is certain, so it adds nothing to the row's log probability.
    """

    limits: Sequence[int]
    """Tokens of each row."""
    sample_begin: int
    """Tokens that stand before the first sampled one."""
    end_of_text: int

    def apply(self, logits: torch.Tensor, tokens: torch.Tensor) -> None:
        """Change the scores of the next token in place."""
        sampled = tokens.shape[1] - self.sample_begin
        over = [row for row, limit in enumerate(self.limits) if sampled >= limit]
        logits[over] = float("-inf")
        logits[over, self.end_of_text] = 0.0


class RowSampler:
    """A `whisper.decoding.TokenDecoder` that samples every row from a random stream of its own.

    Scores with noise of Gumbel's distribution have their maximum where a draw from the softmax falls.
    """

    def __init__(self, temperature: float, end_of_text: int, rows: int) -> None:
        """Begin the streams.

        Args:
            temperature: above 0; seeds the streams, so that the same window heated alike gives the same text.
            end_of_text: the token that ends a row.
            rows: how many.
        """
        import torch

        self._temperature = temperature
        self._end_of_text = end_of_text
        seed = round(temperature * 1000)
        self._streams = [torch.Generator().manual_seed(seed) for _ in range(rows)]

    def reset(self) -> None:
        """Nothing is left of an earlier batch: each has a sampler of its own."""

    def update(
        self, tokens: torch.Tensor, logits: torch.Tensor, sum_logprobs: torch.Tensor
    ) -> tuple[torch.Tensor, Any]:
        """Sample the next token of each row that has not ended; add its log probability in place.

        Returns:
            The tokens with one more for each row, and whether all have ended.
        """
        import torch

        scores = logits.float()
        noisy = scores / self._temperature - self._waits(scores.shape[1]).log().to(scores.device)
        ended = tokens[:, -1] == self._end_of_text
        chosen = noisy.argmax(dim=-1).masked_fill(ended, self._end_of_text)
        logprobs = scores.log_softmax(dim=-1).gather(1, chosen[:, None])[:, 0]
        sum_logprobs += logprobs.masked_fill(ended, 0.0)
        return torch.cat([tokens, chosen[:, None]], dim=-1), (chosen == self._end_of_text).all()

    def finalize(self, tokens: torch.Tensor, sum_logprobs: torch.Tensor) -> tuple[torch.Tensor, list[list[float]]]:
        """Tokens that surely end, and the sums as numbers."""
        from torch.nn.functional import pad

        sums: list[list[float]] = sum_logprobs.tolist()
        return pad(tokens, (0, 1), value=self._end_of_text), sums

    def _waits(self, width: int) -> torch.Tensor:
        """Exponential draws, `(rows, width)`; drawn on the CPU, for every device the same."""
        import torch

        return torch.stack([torch.empty(width).exponential_(generator=stream) for stream in self._streams])
