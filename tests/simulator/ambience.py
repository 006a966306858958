"""What is heard around the parties: restless noise, traffic, breath, a neighbour at the next desk, a keyboard."""

from __future__ import annotations

import numpy as np

from tests.simulator.script import Ambience
from tests.simulator.voice import LINE_HZ, Floats, Voice

SWELL_S = 18
"""Noise rises and falls once in so long."""
PASSING_S = (1.5, 5.0)
"""A vehicle is heard so long."""
VEHICLES_PER_S = 1 / 12
BREATH_S = 0.7
BREATHS_PER_S = 1 / 5
CLICKS_PER_S = 3.0
"""While somebody types, which is half of the time."""
TYPING_S = 4
NEIGHBOUR_TEXTS = (
    "请您报一下身份证号码",
    "好的，给您登记上了",
    "这个要到窗口办理",
    "您稍等，我看一下",
    "没有问题，您放心",
)
NEIGHBOUR_VOICE = 6
NEIGHBOUR_REST_S = (1.0, 6.0)


def swell(count: int, depth_db: float, rng: np.random.Generator) -> Floats:
    """A factor that rises and falls by `depth_db` either way."""
    at_s = np.arange(count) / LINE_HZ
    return np.asarray(10 ** (depth_db * np.sin(2 * np.pi * at_s / SWELL_S + rng.uniform(0, 6.28)) / 20))


def around_customer(count: int, ambience: Ambience, rng: np.random.Generator) -> Floats:
    """Traffic: vehicles that come, grow loud and go."""
    heard = np.zeros(count)
    if ambience.traffic_dbfs is not None:
        for first in _moments(count, VEHICLES_PER_S, rng):
            size = int(rng.uniform(*PASSING_S) * LINE_HZ)
            vehicle = _rumble(size, rng) * np.hanning(size) * 10 ** (rng.uniform(-8, 0) / 20)
            _add(heard, vehicle * 10 ** (ambience.traffic_dbfs / 20), first)
    return heard


def around_agent(count: int, ambience: Ambience, voice: Voice, rng: np.random.Generator) -> Floats:
    """Breath, keyboard and a neighbour whose words nobody is meant to hear."""
    heard = np.zeros(count)
    if ambience.breath_dbfs is not None:
        size = int(BREATH_S * LINE_HZ)
        for first in _moments(count, BREATHS_PER_S, rng):
            breath = np.diff(rng.normal(size=size + 1)) * np.hanning(size)
            _add(heard, breath * 10 ** (ambience.breath_dbfs / 20), first)
    if ambience.click_dbfs is not None:
        for first in _moments(count, CLICKS_PER_S, rng):
            if first // (TYPING_S * LINE_HZ) % 2:
                click = rng.normal(size=80) * np.exp(-np.arange(80) / 12)
                _add(heard, click * 10 ** (ambience.click_dbfs / 20), first)
    if ambience.neighbour_dbfs is not None:
        first = int(rng.uniform(*NEIGHBOUR_REST_S) * LINE_HZ)
        while first < count:
            said = voice.say(str(rng.choice(NEIGHBOUR_TEXTS)), NEIGHBOUR_VOICE)
            _add(heard, said * 10 ** (ambience.neighbour_dbfs / 20), first)
            first += said.size + int(rng.uniform(*NEIGHBOUR_REST_S) * LINE_HZ)
    return heard


def _moments(count: int, per_s: float, rng: np.random.Generator) -> list[int]:
    """Moments without a rhythm, so many a second in the mean."""
    return sorted(int(at) for at in rng.uniform(0, count, rng.poisson(count / LINE_HZ * per_s)))


def _rumble(size: int, rng: np.random.Generator) -> Floats:
    """Noise that is strong below some 300 Hz."""
    rough = np.convolve(rng.normal(size=size), np.hanning(27), mode="same")
    return np.asarray(rough / np.sqrt(np.mean(np.square(rough))))


def _add(track: Floats, sound: Floats, first: int) -> None:
    part = track[first : first + sound.size]
    part += sound[: part.size]
