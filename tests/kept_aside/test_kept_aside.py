from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from callaudit.domain.spans import TimeSpan
from tests.kept_aside import sound
from tests.kept_aside.reading import read_calls
from tests.kept_aside.studio import make
from tests.simulator import phrases
from tests.simulator.render import SimulatedCall
from tests.simulator.script import Say, Script, Shape, Signal, Sound

CALLS = read_calls()


def named(name: str) -> tuple[int, Script]:
    return next((number, script) for number, script in enumerate(CALLS) if script.name == name)


def words(scripts: tuple[Script, ...]) -> set[str]:
    return {step.text for script in scripts for step in script.steps if isinstance(step, Say)}


def dbfs(call: SimulatedCall, channel: int, span: TimeSpan) -> float:
    part = call.samples[channel, span.start_ms * 8 : span.end_ms * 8].astype(float) / 32768
    return float(10 * np.log10(np.mean(np.square(part)) + 1e-12))


@pytest.fixture(autouse=True)
def _murmur(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same voices wherever the tests run."""
    monkeypatch.setattr(sound, "can_speak", lambda: False)
    sound.speech.cache_clear()


def test_half_of_more_than_forty_calls_are_guilty_and_each_comes_stereo_and_mixed() -> None:
    assert len(CALLS) > 80
    assert len({script.name for script in CALLS}) == len(CALLS)
    assert sum(script.line.is_mixed for script in CALLS) == len(CALLS) // 2
    shapes = Counter(script.shape for script in CALLS)
    assert abs(shapes[Shape.INNOCENT] - len(CALLS) // 2) <= 2
    assert set(shapes) == {Shape.S1, Shape.S2, Shape.S3, Shape.INNOCENT}


def test_only_guilty_calls_hold_talk_to_be_flagged_and_it_follows_the_end() -> None:
    for script in CALLS:
        after = [step.after for step in script.steps if isinstance(step, Say)]
        assert any(after) == (script.shape is not Shape.INNOCENT)
        assert after == sorted(after)


def test_no_sentence_longer_than_a_bare_goodbye_is_the_simulators() -> None:
    theirs = re.findall(r'"([^"]+)"', Path(phrases.__file__).read_text(encoding="utf-8"))
    assert {text for text in words(CALLS) & set(theirs) if len(text) > 8} == set()


@pytest.mark.parametrize("steps", ["agent 0.3 您好", "sound 0 fanfare 3", "stranger 1: 您好", "over 1 butler"])
def test_an_unknown_step_is_an_error_that_names_the_call(steps: str, tmp_path: Path) -> None:
    file = tmp_path / "calls.toml"
    file.write_text(f'[[calls]]\nname = "odd"\nshape = "S1"\nsource = "closing"\nsteps = """\n{steps}\n"""\n')
    with pytest.raises(ValueError, match="call odd"):
        read_calls(file)


def test_a_made_call_holds_what_its_truth_says_and_is_made_the_same_again() -> None:
    number, script = named("broadband-slow-stereo")
    call = make(script, number)
    truth = call.truth
    assert call.samples.shape == (2, truth.duration_ms * 8)
    assert call.samples.tobytes() == make(script, number).samples.tobytes()
    assert truth.hangup is not None
    assert truth.closing_end_ms == truth.hangup.at_ms - 700
    assert [span.start_ms > truth.hangup.at_ms for span in truth.after] == [True, True]
    assert all(dbfs(call, said.channel, said.span) > -38 for said in truth.spoken)
    (heard,) = truth.tones
    first = TimeSpan(heard.span.start_ms + 20, heard.span.start_ms + 320)
    assert dbfs(call, 1, first) == pytest.approx(call.script.sounds[0].level_dbfs, abs=1.5)
    assert dbfs(call, 1, first.shift(390)) < -60


def test_a_mixed_call_has_one_channel_with_both_parties() -> None:
    number, script = named("school-place-drop-ten-mixed")
    call = make(script, number)
    assert call.samples.shape[0] == 1
    assert all(said.channel == 0 and dbfs(call, 0, said.span) > -40 for said in call.truth.spoken)


@pytest.mark.parametrize("signal", [Signal.BUSY, Signal.CONGESTION, Signal.DIAL, Signal.HOWLER, Signal.RINGBACK])
def test_a_tone_has_its_frequency_and_a_second_harmonic(signal: Signal) -> None:
    made = sound.tone(Sound(signal=signal, duration_ms=8000), np.random.default_rng(1))
    power = np.abs(np.fft.rfft(made * np.hanning(made.size))) ** 2
    hz = 950 if signal is Signal.HOWLER else 450
    bins = made.size / sound.STUDIO_HZ
    assert abs(int(power.argmax()) / bins - hz) < 1
    assert 10 * np.log10(power.max() / power[round(2 * hz * bins)]) == pytest.approx(28, abs=0.5)


@pytest.mark.parametrize("kind", ["pink", "brown", "hum"])
def test_noise_has_its_level_and_more_at_low_frequencies(kind: str) -> None:
    made = sound.noise(kind, 160_000, -50, np.random.default_rng(1))
    assert 10 * np.log10(np.mean(np.square(made))) == pytest.approx(-50, abs=2.5)
    power = np.abs(np.fft.rfft(made)) ** 2
    assert power[: power.size // 8].sum() > 3 * power[power.size // 8 : power.size // 4].sum()
