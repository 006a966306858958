"""When everything on a call happens: turns and events laid out on the clock of the recording."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from samples.make.scenario import Event, Scenario, Turn, Voice
from samples.make.voice import LINE_HZ, MARGIN_MS

Speak = Callable[[str, Voice], NDArray[np.float32]]
"""Words and a voice to samples at 8 kHz, with `MARGIN_MS` before and after."""

LEAD_IN_MS = 600
PAUSE_MS = (350, 1000)
"""Bounds of a natural pause between turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A turn with its sound and its place, `[start_ms, end_ms)`; the margins of the sound lie outside."""

    turn: Turn
    samples: NDArray[np.float32]
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A call before it is mixed."""

    spoken: tuple[Spoken, ...]
    hangup: tuple[int, Event] | None
    closing_end_ms: int | None
    """End of the last goodbye."""
    survey_start_ms: int | None
    duration_ms: int


def lay_out(scenario: Scenario, speak: Speak) -> Timeline:
    """Speak every turn and place it after the one before; the same scenario gives the same timeline."""
    rng = random.Random(scenario.name)
    spoken: list[Spoken] = []
    hangup: tuple[int, Event] | None = None
    survey_start_ms: int | None = None
    now_ms = LEAD_IN_MS
    for item in scenario.turns:
        if isinstance(item, Event):
            now_ms += item.pause_ms
            if item.event == "hangup":
                hangup = (now_ms, item)
            else:
                survey_start_ms = now_ms
            continue
        pause_ms = rng.randint(*PAUSE_MS) if item.pause_ms is None else item.pause_ms
        start_ms = now_ms + pause_ms if spoken or hangup else now_ms
        samples = speak(item.text, scenario.voices[item.role])
        now_ms = start_ms + round(len(samples) * 1000 / LINE_HZ) - 2 * MARGIN_MS
        spoken.append(Spoken(turn=item, samples=samples, start_ms=start_ms, end_ms=now_ms))
    return Timeline(
        spoken=tuple(spoken),
        hangup=hangup,
        closing_end_ms=_closing_end_ms(spoken),
        survey_start_ms=survey_start_ms,
        duration_ms=now_ms + scenario.drop_after_ms,
    )


def _closing_end_ms(spoken: list[Spoken]) -> int | None:
    """End of the last turn that says goodbye."""
    goodbyes = [item.end_ms for item in spoken if "再见" in item.turn.text]
    return max(goodbyes, default=None)
