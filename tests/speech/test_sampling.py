from __future__ import annotations

import pytest
import torch

from callaudit.speech.sampling import RowSampler, TokenLimits

END = 0
BEGIN = 2


def first_draws(sampler, logits, steps=1):
    """Tokens and summed log probabilities of some steps with the same scores."""
    tokens = torch.full((len(logits), BEGIN), 1)
    sums = torch.zeros(len(logits))
    for _ in range(steps):
        tokens, ended = sampler.update(tokens, logits.clone(), sums)
    return tokens[:, BEGIN:], sums, ended


def test_a_row_ends_after_its_own_number_of_tokens():
    limits = TokenLimits([2, 3], BEGIN, END)
    logits = torch.zeros(2, 4)

    limits.apply(logits, torch.ones(2, BEGIN + 1, dtype=torch.long))
    assert torch.equal(logits, torch.zeros(2, 4))

    limits.apply(logits, torch.ones(2, BEGIN + 2, dtype=torch.long))
    assert logits[0].argmax() == END
    assert logits[0].log_softmax(-1)[END] == 0.0
    assert torch.equal(logits[1], torch.zeros(4))


def test_draws_fall_as_often_as_the_scores_say():
    logits = torch.tensor([[-30.0, 2.0, 1.0, float("-inf")]])
    drawn, _, _ = first_draws(RowSampler(0.5, END, 1), logits, steps=2000)

    share = (drawn == 1).float().mean().item()

    assert share == pytest.approx(torch.tensor([4.0, 2.0]).softmax(0)[0].item(), abs=0.03)
    assert set(drawn.flatten().tolist()) == {1, 2}


def test_draws_of_a_row_do_not_depend_on_the_others():
    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(1))
    together, sums, _ = first_draws(RowSampler(1.0, END, 3), logits, steps=6)

    for row in range(3):
        alone, own, _ = first_draws(RowSampler(1.0, END, 1), logits[row : row + 1], steps=6)
        assert torch.equal(together[row], alone[0])
        assert sums[row] == own[0]


def test_the_sum_holds_the_log_probability_of_the_scores_without_heat():
    logits = torch.tensor([[1.0, 3.0, 2.0]])

    drawn, sums, _ = first_draws(RowSampler(0.8, END, 1), logits)

    assert sums[0].item() == pytest.approx(logits.log_softmax(-1)[0, drawn[0, 0]].item())


def test_a_row_that_has_ended_stays_ended_and_costs_nothing_more():
    sampler, sums = RowSampler(1.0, END, 2), torch.zeros(2)
    tokens = torch.tensor([[1, END], [1, 1]])

    tokens, ended = sampler.update(tokens, torch.tensor([[-9.0, 0.0, 0.0], [-90.0, 0.0, 0.0]]), sums)

    assert tokens[0, -1] == END
    assert tokens[1, -1] != END
    assert sums[0] == 0.0
    assert sums[1] < 0.0
    assert not ended
    finished, totals = sampler.finalize(tokens[None], sums[None])
    assert finished.shape == (1, 2, 4)
    assert (finished[..., -1] == END).all()
    assert totals == [sums.tolist()]
