"""The rhythm of a tone, fitted to frames in which it is heard, absent or hidden.

A dynamic programme finds the chain of on and off parts, each as long as the exchange may make it, that has the tone in
its on-parts and not in its off-parts. Hidden frames count for nothing: a voice over the tone does not break the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callaudit.speech.tones.presence import ABSENT, HEARD, States
from callaudit.speech.tones.profiles import CADENCE_TOLERANCE
from callaudit.speech.tones.tracks import HOP_MS

AGAINST = -3.0
"""What a frame costs that speaks against its part, where one that speaks for it gains 1."""
UNKNOWN = -0.02
"""A hidden frame: nearly nothing, so that a chain is not drawn out over what cannot be heard."""
CUT_FRAMES = 8
"""A burst into which the switch cut may be as short as 80 ms."""
MIN_GAIN = 40.0
"""Chains worth less are not looked at: 0.4 s of sound in the rhythm."""
MIN_FIRST_GAIN = 4.0
"""A chain begins with a burst that is heard: silence before the tone is no pause of it."""
NOWHERE = -1e9

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """One on or off of the rhythm, in frames."""

    is_on: bool
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A part where it was found: frames `[start, end)`."""

    part: int
    start: int
    end: int


Chain = tuple[Placed, ...]


def parts_of(cadence_ms: Sequence[int]) -> tuple[Part, ...]:
    """The rhythm's parts with their tolerances."""
    return tuple(
        Part(
            turn % 2 == 0,
            int(np.floor(ms * (1 - CADENCE_TOLERANCE) / HOP_MS)),
            int(np.ceil(ms * (1 + CADENCE_TOLERANCE) / HOP_MS)),
        )
        for turn, ms in enumerate(cadence_ms)
    )


def chains(states: States, parts: Sequence[Part]) -> Iterator[Chain]:
    """Chains of parts that do not meet, the best first within what is left."""
    left = [(0, states.size)]
    shortest = sum(part.shortest for part in parts)
    while left:
        first, last = left.pop()
        if last - first < shortest or np.count_nonzero(states[first:last] == HEARD) < MIN_GAIN / 2:
            continue  # pauses gain no more than bursts do
        chain = _best(states[first:last], parts)
        if chain:
            yield tuple(Placed(placed.part, placed.start + first, placed.end + first) for placed in chain)
            left += [(first, first + chain[0].start), (first + chain[-1].end, last)]


def _best(states: States, parts: Sequence[Part]) -> Chain:
    """The chain with the highest gain; empty where none is worth a look.

    `best[i, t]` is the gain of the best chain whose last part is `i` and ends before frame `t`; `lengths[i, t]` is that
    part's length, negative where the chain begins with it.
    """
    gained = [_summed(states, part.is_on) for part in parts]
    best = np.full((len(parts), states.size + 1), NOWHERE)
    lengths = np.zeros(best.shape, np.int32)
    for at, part in enumerate(parts):
        if part.is_on:
            gain, length = _begun(gained[at], part.longest)
            best[at], lengths[at] = np.where(gain >= MIN_FIRST_GAIN, gain, NOWHERE), -length
    block = min(part.shortest for part in parts)
    for first in range(1, states.size + 1, block):
        span = slice(first, min(first + block, states.size + 1))
        for at, part in enumerate(parts):
            value, length = _extended(best[at - 1], gained[at], span, part)
            better = value > best[at, span]
            best[at, span][better] = value[better]
            lengths[at, span][better] = length[better]
    cut = _cut_short(best, gained, parts)
    last, end = np.unravel_index(int(best.argmax()), best.shape)
    if cut is not None and cut[0] > best[last, end]:
        _, burst = cut
        return (*_traced((burst.part - 1) % len(parts), burst.start, lengths), burst)
    return _traced(int(last), int(end), lengths) if best[last, end] >= MIN_GAIN else ()


def _summed(states: States, is_on: bool) -> Numbers:
    """Gain of all frames before each, were they all of one part."""
    wanted, unwanted = (HEARD, ABSENT) if is_on else (ABSENT, HEARD)
    gain = np.where(states == wanted, 1.0, np.where(states == unwanted, AGAINST, UNKNOWN))
    return np.concatenate(([0.0], np.cumsum(gain)))


def _begun(gained: Numbers, longest: int) -> tuple[Numbers, NDArray[np.int64]]:
    """By end, the best gain of a burst that nothing comes before, and its length."""
    before = np.concatenate((np.full(longest, -NOWHERE), gained))
    windows = np.lib.stride_tricks.sliding_window_view(before, longest - CUT_FRAMES + 1)[: gained.size]
    at = windows.argmin(axis=1)
    return gained - windows[np.arange(gained.size), at], longest - at


def _extended(before: Numbers, gained: Numbers, ends: slice, part: Part) -> tuple[Numbers, NDArray[np.int64]]:
    """By end, the best gain of a chain `before` that is drawn out by a part, and the part's length."""
    low, high = ends.start - part.longest, ends.stop - part.shortest
    worth = before[max(0, low) : max(0, high)] - gained[max(0, low) : max(0, high)]
    worth = np.concatenate((np.full(high - low - worth.size, NOWHERE), worth))
    rows = np.arange(ends.stop - ends.start)
    windows = worth[rows[:, None] + np.arange(part.longest - part.shortest + 1)]
    at = windows.argmax(axis=1)
    return windows[rows, at] + gained[ends], part.longest - at


def _cut_short(best: Numbers, gained: Sequence[Numbers], parts: Sequence[Part]) -> tuple[float, Placed] | None:
    """Gain and last burst of the best chain whose last burst was cut short; None where none is worth a look."""
    found = []
    for at, part in enumerate(parts):
        if part.is_on:
            cut = Part(True, CUT_FRAMES, part.shortest)
            gains, lengths = _extended(best[at - 1], gained[at], slice(1, best.shape[1]), cut)
            end = int(gains.argmax())
            found.append((float(gains[end]), Placed(at, end + 1 - int(lengths[end]), end + 1)))
    gain, burst = max(found, key=lambda each: each[0])
    return (gain, burst) if gain >= MIN_GAIN else None


def _traced(part: int, end: int, lengths: NDArray[np.int32]) -> Chain:
    """The chain that ends so."""
    chain: list[Placed] = []
    while True:
        length = int(lengths[part, end])
        chain.append(Placed(part, end - abs(length), end))
        if length <= 0:
            return tuple(reversed(chain))
        part, end = (part - 1) % len(lengths), end - length
