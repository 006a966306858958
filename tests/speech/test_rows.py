from __future__ import annotations

import pytest
import torch
import whisper
from torch.nn.functional import linear
from whisper.model import ModelDimensions, Whisper

from callaudit.speech.decoding import WindowDecoder
from callaudit.speech.models import load_whisper, resolve_model
from callaudit.speech.rows import BLOCK_ROWS, in_blocks, make_steady
from callaudit.speech.vocabulary import distinct_rows
from tests.speech.sounds import TEXTS, spoken


@pytest.fixture(scope="module")
def mel():
    pieces = [whisper.pad_or_trim(spoken(name).astype("float32")) for name in TEXTS]
    return torch.stack([whisper.log_mel_spectrogram(piece) for piece in pieces])


@pytest.fixture
def random_model():
    """Wide enough for matrix products to round by the number of their rows; its rows of tokens all differ."""
    torch.manual_seed(0)
    model = Whisper(ModelDimensions(80, 1500, 384, 6, 1, 51865, 448, 384, 6, 2)).eval()
    torch.nn.init.normal_(model.decoder.positional_embedding)
    return model


def step(model, features, tokens):
    """Scores after some first tokens, and after one more."""
    cache, hooks = model.install_kv_cache_hooks()
    first = model.decoder(tokens[:, :-1], features, kv_cache=cache)
    second = model.decoder(tokens[:, -1:], features, kv_cache=cache)
    for hook in hooks:
        hook.remove()
    return first, second


def test_a_steady_decoder_scores_as_whisper_does(mel):
    plain, steady = (load_whisper(resolve_model("mini"), "cpu") for _ in range(2))
    WindowDecoder(plain, prompt="")  # loads the tokenizer
    options = whisper.DecodingOptions(language="zh", fp16=False, sample_len=20)

    make_steady(steady)

    for a, b in zip(whisper.decode(plain, mel, options), whisper.decode(steady, mel, options), strict=True):
        assert a.tokens == b.tokens
        assert a.avg_logprob == pytest.approx(b.avg_logprob, abs=1e-4)
        assert a.no_speech_prob == pytest.approx(b.no_speech_prob, abs=1e-4)


def test_scores_need_no_cache(random_model):
    features, tokens = torch.randn(2, 1500, 384), torch.randint(0, 50_000, (2, 5))
    with torch.inference_mode():
        plain = random_model.decoder(tokens, features)
        make_steady(random_model)
        assert torch.allclose(random_model.decoder(tokens, features), plain, atol=1e-4)


def test_scores_are_the_same_to_the_last_bit_in_any_company(random_model):
    make_steady(random_model)
    features, tokens = torch.randn(11, 1500, 384), torch.randint(0, 50_000, (11, 5))
    with torch.inference_mode():
        together = step(random_model, features, tokens)
        for rows in ([0], [10], [3, 0], [7, 8, 9, 10, 2], list(range(10, -1, -1))):
            apart = step(random_model, features[rows], tokens[rows])
            assert all(torch.equal(a[rows], b) for a, b in zip(together, apart, strict=True))


@pytest.mark.parametrize("rows", [1, 3, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_products_keep_rows_and_order(rows):
    weight = torch.randn(4, 6)
    for tokens in (1, 3):
        x = torch.randn(rows, tokens, 6)

        product = in_blocks(lambda block: linear(block, weight), x)

        assert product.shape == (rows, tokens, 4)
        assert torch.allclose(product, x @ weight.T, atol=1e-5)


def test_single_tokens_are_always_multiplied_by_the_block():
    asked = []

    def multiply(block):
        asked.append(tuple(block.shape))
        return block

    in_blocks(multiply, torch.randn(BLOCK_ROWS + 1, 1, 6))
    in_blocks(multiply, torch.randn(2, 5, 6))

    assert asked == [(BLOCK_ROWS, 6), (BLOCK_ROWS, 6), (5, 6), (5, 6)]


def test_equal_rows_of_a_token_table_are_told_apart_once():
    table = torch.tensor([[1.0, 2.0], [0.0, 0.0], [0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])

    distinct, row_of_token = distinct_rows(table)

    assert len(distinct) == 2
    assert torch.equal(distinct[row_of_token], table)


def test_a_vocabulary_in_use_is_left_alone():
    table = torch.randn(10, 3)

    same, row_of_token = distinct_rows(table)

    assert same is table
    assert row_of_token is None
