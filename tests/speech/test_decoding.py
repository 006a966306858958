from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import whisper

from callaudit.errors import TranscriptionError
from callaudit.speech.decoding import WindowDecoder, WindowSound, is_poor
from callaudit.speech.models import load_whisper, resolve_model
from callaudit.speech.rows import make_steady
from tests.speech.sounds import TEXTS, edits, spoken


@pytest.fixture(scope="module")
def model():
    loaded = load_whisper(resolve_model("mini"), "cpu")
    make_steady(loaded)
    return loaded


def window(name: str) -> WindowSound:
    return WindowSound(spoken(name).astype(np.float32), 3000)


def outcome(**changes: object) -> SimpleNamespace:
    defaults = {"compression_ratio": 1.2, "avg_logprob": -0.3, "no_speech_prob": 0.0}
    return SimpleNamespace(**{**defaults, **changes})


def test_each_window_gets_its_own_text(model):
    decoder = WindowDecoder(model, prompt="")

    decoded = decoder.decode([window(name) for name in TEXTS])

    for name, result in zip(TEXTS, decoded, strict=True):
        text = "".join(segment.text for segment in result.segments)
        errors = {other: edits(told, text) for other, told in TEXTS.items()}
        assert min(errors, key=errors.__getitem__) == name
        assert all(segment.span.end_ms <= 30_000 for segment in result.segments)


def test_silence_gives_no_text(model):
    decoder = WindowDecoder(model, prompt="")

    (result,) = decoder.decode([WindowSound(np.zeros(16_000 * 5, np.float32), 0)])

    assert result.segments == () or result.no_speech_prob > 0.6


@pytest.mark.parametrize(
    ("result", "poor"),
    [
        (outcome(), False),
        (outcome(compression_ratio=2.5), True),
        (outcome(avg_logprob=-1.1), True),
        (outcome(avg_logprob=-1.1, no_speech_prob=0.9), False),
        (outcome(compression_ratio=2.5, no_speech_prob=0.9), True),
    ],
    ids=["good", "repeats itself", "guesswork", "plain silence", "a loop over silence"],
)
def test_which_windows_are_tried_again(result, poor):
    assert is_poor(result) is poor


def result_of(tokens, logprob, ratio, temperature):
    return whisper.DecodingResult(
        audio_features=torch.zeros(1),
        language="zh",
        tokens=tokens,
        avg_logprob=logprob,
        no_speech_prob=0.0,
        temperature=temperature,
        compression_ratio=ratio,
    )


@pytest.fixture
def scripted(model, monkeypatch):
    """Whisper's answers by a table: row -> (log probability, compression ratio) for each temperature."""
    asked = []

    def script(table):
        def ask(self, features, limits, temperature):
            assert len(limits) == len(features)
            rows = [round(float(row.flatten()[0])) for row in features]
            asked.append((temperature, rows))
            return [result_of([], *table[row][round(temperature * 5)], temperature) for row in rows]

        monkeypatch.setattr(WindowDecoder, "_ask", ask)
        monkeypatch.setattr(
            WindowDecoder, "_features", lambda self, sounds: torch.arange(len(sounds)).reshape(-1, 1).float()
        )
        return [r.temperature for r in WindowDecoder(model, "").decode([window("remark")] * len(table))], asked

    return script


GOOD, LOOP, VAGUE = (-0.3, 1.2), (-0.2, 9.0), (-1.4, 1.2)


def test_only_poor_windows_are_decoded_again_and_only_until_they_pass(scripted):
    temperatures, asked = scripted([[GOOD], [LOOP, LOOP, GOOD], [VAGUE, GOOD]])

    assert asked == [(0.0, [0, 1, 2]), (0.2, [1, 2]), (0.4, [1])]
    assert temperatures == [0.0, 0.4, 0.2]


def test_heat_goes_on_against_loops_and_the_best_try_is_kept(scripted):
    temperatures, asked = scripted([[LOOP] * 6, [LOOP, LOOP, LOOP, VAGUE, (-1.2, 1.0), LOOP]])

    assert [temperature for temperature, _ in asked] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert temperatures == [0.0, 0.8]


def test_guesswork_that_heat_does_not_make_surer_is_left_at_that(scripted):
    temperatures, asked = scripted([[VAGUE, (-1.2, 1.2), (-1.3, 1.2)], [VAGUE, (-2.0, 1.2)]])

    assert asked == [(0.0, [0, 1]), (0.2, [0, 1]), (0.4, [0])]
    assert temperatures == [0.2, 0.0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "speech.out_of_memory"),
        (torch.OutOfMemoryError("CUDA out of memory"), "speech.out_of_memory"),
        (RuntimeError("shape of 您好 is invalid"), "speech.engine"),
        (ValueError("logits of 您好 are nan"), "speech.engine"),
    ],
)
def test_a_failing_engine_fails_the_calls_and_says_nothing_of_their_words(model, monkeypatch, error, code):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(WindowDecoder, "_ask", fail)

    with pytest.raises(TranscriptionError) as caught:
        WindowDecoder(model, prompt="").decode([window("remark")])

    assert caught.value.code == code
    assert "您好" not in str(caught.value)


def test_a_model_whose_figures_are_no_numbers_fails_the_calls(model, monkeypatch):
    nothing = torch.full((1, model.dims.n_audio_ctx, model.dims.n_audio_state), float("nan"))
    monkeypatch.setattr(WindowDecoder, "_features", lambda self, sounds: nothing)

    with pytest.raises(TranscriptionError) as caught:
        WindowDecoder(model, prompt="").decode([window("remark")])

    assert caught.value.code == "speech.engine"


def test_a_prompt_leaves_room_for_the_text(model):
    long, short = WindowDecoder(model, prompt="以下是普通话的电话录音。"), WindowDecoder(model, prompt="")
    busy = WindowSound(np.zeros(16, np.float32), 30_000)

    assert long._token_limit(busy) < short._token_limit(busy) < 448
    assert short._token_limit(WindowSound(np.zeros(16, np.float32), 1000)) < 50


def test_a_window_is_broken_off_at_its_own_length_beside_a_longer_one(model):
    decoder = WindowDecoder(model, prompt="")
    features = decoder._features([window(name).samples for name in TEXTS])
    whole = decoder._ask(features, [200] * len(TEXTS), 0.0)
    limits = [5, *(200 for _ in list(TEXTS)[1:])]

    cut, *others = decoder._ask(features, limits, 0.0)

    assert cut.tokens == whole[0].tokens[:5]
    assert len(whole[0].tokens) > 5
    assert [other.tokens for other in others] == [other.tokens for other in whole[1:]]


def test_heat_draws_for_each_window_as_if_it_were_alone(model):
    decoder = WindowDecoder(model, prompt="")
    features = decoder._features([window(name).samples for name in TEXTS])
    limits = [60] * len(TEXTS)
    cold = decoder._ask(features, limits, 0.0)

    hot = decoder._ask(features, limits, 1.0)

    alone = [decoder._ask(features[row : row + 1], limits[:1], 1.0)[0] for row in range(len(TEXTS))]
    assert [(r.tokens, r.avg_logprob) for r in hot] == [(r.tokens, r.avg_logprob) for r in alone]
    assert [r.tokens for r in hot] != [r.tokens for r in cold]
    assert all(r.temperature == 1.0 for r in hot)
