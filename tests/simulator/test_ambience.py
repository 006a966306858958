from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from callaudit.domain.calls import Party
from tests.simulator.ambience import SWELL_S, around_agent, around_customer, swell
from tests.simulator.draw import draw_line
from tests.simulator.render import AGENT, CUSTOMER, render
from tests.simulator.script import Ambience, Line, LineDrops, Say, Script, Shape, Source, Trunk, Wait
from tests.simulator.voice import LINE_HZ, BuzzVoice, Floats

COUNT = 60 * LINE_HZ
HELLO = Say(party=Party.AGENT, text="您好，请讲")


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def dbfs(sound: Floats) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-12))


def peak_dbfs(sound: Floats) -> float:
    """Level of the loudest tenth of a second."""
    return max(dbfs(part) for part in sound[: sound.size // 800 * 800].reshape(-1, 800))


def test_noise_rises_and_falls_by_its_depth() -> None:
    factor = 20 * np.log10(swell(COUNT, 3.0, rng()))
    assert (factor.min(), factor.max()) == pytest.approx((-3, 3), abs=0.01)
    assert factor[0] == pytest.approx(factor[SWELL_S * LINE_HZ], abs=0.01)
    assert not 20 * np.log10(swell(COUNT, 0.0, rng())).any()


def test_nothing_is_heard_where_nothing_is() -> None:
    assert not around_customer(COUNT, Ambience(), rng()).any()
    assert not around_agent(COUNT, Ambience(), BuzzVoice(), rng()).any()
    assert not Ambience().is_any


@pytest.mark.parametrize(
    "ambience", [Ambience(breath_dbfs=-40), Ambience(click_dbfs=-30), Ambience(neighbour_dbfs=-45)], ids=str
)
def test_what_surrounds_the_agent_comes_and_goes_below_its_level(ambience: Ambience) -> None:
    heard = around_agent(COUNT, ambience, BuzzVoice(), rng())
    assert -60 < peak_dbfs(heard) < -28
    assert np.mean(heard == 0) > 0.1
    assert ambience.is_any


def test_vehicles_are_low_and_pass() -> None:
    heard = around_customer(COUNT, Ambience(traffic_dbfs=-35), rng())
    assert -45 < peak_dbfs(heard) < -28
    power = np.abs(np.fft.rfft(heard)) ** 2
    assert power[: 600 * 60].sum() > 0.8 * power.sum()
    assert np.mean(heard == 0) > 0.1


def test_the_sounds_are_on_the_side_of_whoever_is_there_and_end_with_the_line() -> None:
    line = Line(noise_dbfs=-90, trunk=Trunk.LINEAR, ambience=Ambience(traffic_dbfs=-30, neighbour_dbfs=-45))
    steps = (HELLO, Wait(ms=40_000), LineDrops(), Wait(ms=40_000))
    call = render(Script(name="one", steps=steps, shape=Shape.S2, source=Source.LINE, line=line), 1)
    assert call.truth.drop_ms is not None
    drop = call.truth.drop_ms * 8
    before, after = slice(drop - 40 * LINE_HZ, drop), slice(drop, None)
    samples = call.samples / 32768
    assert -40 < peak_dbfs(samples[CUSTOMER][before]) < -24
    assert not samples[CUSTOMER][after].any()
    assert -60 < dbfs(samples[AGENT][after]) < -45
    assert [said.text for said in call.truth.spoken] == [HELLO.text]
    quiet = render(replace(call.script, line=replace(line, ambience=Ambience())), 1)
    assert dbfs(quiet.samples[AGENT][after] / 32768) < -80


def test_every_sound_is_drawn_for_some_calls_and_not_for_others() -> None:
    from random import Random

    drawn = [draw_line(Random(seed), is_mixed=False).ambience for seed in range(60)]
    for name in ("swell_db", "traffic_dbfs", "breath_dbfs", "click_dbfs", "neighbour_dbfs"):
        values = [getattr(ambience, name) for ambience in drawn]
        assert 0 < sum(value not in (None, 0.0) for value in values) < 45
