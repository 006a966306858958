"""Whether a rhythm, or a line that goes on and on, is the exchange's: pure, steady, and where it begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from callaudit.speech.tones.cadence import Chain, Part, Placed
from callaudit.speech.tones.presence import ABSENT, HEARD, Presence, States
from callaudit.speech.tones.tracks import Floats, Frames

MIN_HEARD = 0.35
"""Share of the on-parts in which the tone itself is heard; the rest may lie under a voice."""
MIN_HEARD_OF_FEW = 0.6
"""The same for a rhythm that is believed after less than three cycles."""
MIN_HEARD_FRAMES = 60
"""And so long in all."""
MIN_PAUSED = 0.25
"""Share of the off-parts in which it is heard to pause."""
MAX_AGAINST = 0.08
"""Share of the parts that may speak against the rhythm: packets lost, a voice that meets the tone's line."""
MIN_HEARD_IN_BURST = 0.2
"""Share of a burst that must be heard for its cycle to count."""
GUARD_FRAMES = 2
"""Left out at both ends of a part: there the tone rises and falls."""
ALONE_DB = -10.0
"""No other line is as strong against the tone as this..."""
MIN_ALONE = 0.08
"""...in this share of the time in which it is heard; a chord, a voice, a digit key always have another."""
SAME_HZ = 1.0
"""Bursts of one exchange lie this near to each other, the middle one of them..."""
SAME_DB = 0.8
"""...and as near in level."""
MIN_BURST_FRAMES = 5
"""Bursts heard for less tell nothing."""
EDGE_DB = 6.0
"""An edge is where half the amplitude is reached: a window half in the tone."""
EDGE_FRAMES = 6
"""How far from where the rhythm puts it an edge is looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A tone in frames, ends between frames."""

    start: float
    end: float
    cycles: int
    heard: int
    """Frames in which it is heard: which of two that overlap is believed."""
    is_cut_in: bool
    """Whether it begins in the midst of a burst."""


def judged_rhythm(view: Presence, chain: Chain, parts: Sequence[Part], min_cycles: int) -> Found | None:
    """The chain as a tone, if it is one.

    Args:
        view: the frames that the chain was fitted to.
        chain: on and off by turns.
        parts: of the rhythm.
        min_cycles: complete cycles that it must have.
    """
    chain, last_pause = _trimmed(view, chain, parts)
    if not chain:
        return None
    start, end = edges(view, chain[0].start, chain[-1].end)
    on = [placed for placed in chain if parts[placed.part].is_on]
    off = [placed for placed in chain if not parts[placed.part].is_on]
    bursts = [_inner(view.states, placed.start, placed.end) for placed in on]
    pauses = [_inner(view.states, placed.start, placed.end) for placed in off]
    whole = [
        placed.end - placed.start + EDGE_FRAMES >= parts[placed.part].shortest
        and float(np.mean(burst == HEARD)) >= MIN_HEARD_IN_BURST
        for placed, burst in zip(on, bursts, strict=True)
    ]
    if last_pause is None or last_pause.end + view.first - end < parts[last_pause.part].shortest:
        whole.pop()
    cycles = sum(whole)
    if cycles < min_cycles or not pauses:
        return None
    sounding, pausing = np.concatenate(bursts), np.concatenate(pauses)
    if (
        np.mean(sounding == HEARD) < (MIN_HEARD if min_cycles >= 3 else MIN_HEARD_OF_FEW)
        or np.sum(sounding == HEARD) < MIN_HEARD_FRAMES
        or np.mean(sounding == ABSENT) > MAX_AGAINST
        or np.mean(pausing == ABSENT) < MIN_PAUSED
        or np.mean(pausing == HEARD) > MAX_AGAINST
        or not _is_alone(view, on, HEARD)
        or not _is_alone(view, off, ABSENT)
        or not _is_one_sound(view, on, min_cycles)
    ):
        return None
    return Found(start, end, cycles, int((sounding == HEARD).sum()), _is_cut_in(view, on[0], parts[on[0].part]))


def _trimmed(view: Presence, chain: Chain, parts: Sequence[Part]) -> tuple[Chain, Placed | None]:
    """The chain from its first to its last burst that is heard well, and the pause after that one.

    Scraps of a voice at the tone's frequency may have drawn it out.
    """
    good = [
        at
        for at, placed in enumerate(chain)
        if parts[placed.part].is_on and is_clear(view, _frames(view, placed, HEARD))
    ]
    if not good:
        return (), None
    first, last = good[0], good[-1]
    after = chain[last + 1] if last + 1 < len(chain) else None
    if first == last:
        return (_shrunk(view, chain[first]),), after
    return (_shrunk(view, chain[first]), *chain[first + 1 : last], _shrunk(view, chain[last])), after


def _shrunk(view: Presence, burst: Placed) -> Placed:
    """A first or last burst without what is silent at its ends: it may be cut short."""
    sounds = np.flatnonzero(view.states[burst.start : burst.end] != ABSENT)
    return Placed(burst.part, burst.start + int(sounds[0]), burst.start + int(sounds[-1]) + 1)


def is_clear(view: Presence, frames: Frames) -> bool:
    """Whether frames in which the tone is heard have its frequency and level without anything upon it."""
    if frames.size < MIN_BURST_FRAMES:
        return False
    off_hz, under_db = abs(float(np.median(view.off_hz[frames]))), abs(float(np.median(view.under_db[frames])))
    return off_hz <= SAME_HZ and under_db <= SAME_DB


def _is_cut_in(view: Presence, first: Placed, burst: Part) -> bool:
    """Whether a first burst is short because the tone was switched on in its midst: nothing is hidden before it."""
    before = view.states[max(0, first.start - EDGE_FRAMES) : max(0, first.start - GUARD_FRAMES)]
    is_short = first.end - first.start < burst.shortest
    return is_short and before.size > 0 and bool(np.all(before == ABSENT))


def edges(view: Presence, start: int, end: int) -> tuple[float, float]:
    """Where the tone begins and ends, in frames of the channel, between two frames by their levels."""
    begun = _crossing(view.under_db, start)
    over = _crossing(view.under_db[::-1], view.under_db.size - end)
    return view.first + begun, view.first + view.under_db.size - 1 - over


def _crossing(under_db: Floats, near: int) -> float:
    """Where the level rises through half the amplitude, nearest to a frame; the frame itself where it does not."""
    low, high = max(0, near - EDGE_FRAMES), min(under_db.size, near + EDGE_FRAMES + 1)
    above = under_db[low:high] >= -EDGE_DB
    rises = np.flatnonzero(above[1:] & ~above[:-1]) + low
    if rises.size == 0:
        return float(near)
    at = int(rises[np.abs(rises + 0.5 - near).argmin()])
    below_db, above_db = float(under_db[at]), float(under_db[at + 1])
    return at + (-EDGE_DB - below_db) / (above_db - below_db)


def _inner(states: States, start: int, end: int) -> States:
    return states[min(start + GUARD_FRAMES, end - 1) : max(end - GUARD_FRAMES, start + 1)]


def _is_alone(view: Presence, parts: Sequence[Placed], state: int) -> bool:
    """Whether now and then nothing else sounds with the tone, nor in its pauses: a chord, or notes in turn."""
    frames = np.concatenate([_frames(view, placed, state) for placed in parts])
    return float(np.mean(view.rest_db[frames] <= ALONE_DB)) >= MIN_ALONE


def _is_one_sound(view: Presence, on: Sequence[Placed], min_bursts: int) -> bool:
    """Whether the bursts have one frequency and one level, from begin to end: no plucked notes."""
    bursts = [burst for placed in on if (burst := _frames(view, placed, HEARD)).size >= MIN_BURST_FRAMES]
    if len(bursts) < min_bursts:
        return False
    falls_db = [np.ptp([np.median(half) for half in np.array_split(view.under_db[burst], 2)]) for burst in bursts]
    if float(np.median(falls_db)) > SAME_DB:
        return False
    for values, same in ((view.off_hz, SAME_HZ), (view.under_db, SAME_DB)):
        middles = np.array([np.median(values[burst]) for burst in bursts])
        if float(np.median(np.abs(middles - np.median(middles)))) > same:
            return False
    return True


def _frames(view: Presence, placed: Placed, state: int) -> Frames:
    """Frames of a part in one state, its rise and fall left out."""
    first, last = placed.start + GUARD_FRAMES, placed.end - GUARD_FRAMES
    return np.flatnonzero(view.states[first:last] == state) + first
