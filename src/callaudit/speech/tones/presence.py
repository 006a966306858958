"""Frame by frame: the tone is heard, the tone is not there, or something louder hides whether it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from callaudit.speech.tones.lines import Candidate, Line, middle
from callaudit.speech.tones.tracks import Chord, Floats, Tracks

HEARD: Final = 1
HIDDEN: Final = 0
ABSENT: Final = -1
NEAR_DB = 3.0
"""A tone is heard within this of its level..."""
NEAR_HZ = 6.0
"""...and this of its frequency."""
FALLEN_DB = 8.0
"""A line this far below the tone's level: the tone is not there. In between lie its edges and lost packets."""
PAIR_DB = 10.0
"""The two of a pair are sent alike, a line tilts them."""

States = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Sine:
    """One of the sines of a tone as it is sent."""

    lines: tuple[Line, ...]

    @property
    def hz(self) -> float:
        """Against the band's centre."""
        return middle([line.hz for line in self.lines], self.lines)

    @property
    def level_db(self) -> float:
        """The middle one by time."""
        return middle([line.level_db for line in self.lines], self.lines)

    def levels_db(self, first: int, last: int, is_rising: bool) -> Floats:
        """By frame: the middle one, or where the tone grows, what its lines give at their time."""
        if not is_rising:
            return np.full(last - first, self.level_db, np.float32)
        at = [(line.start + line.end) / 2 for line in self.lines]
        return np.interp(np.arange(first, last), at, [line.level_db for line in self.lines]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Presence:
    """A stretch of a channel against one tone that may sound in it."""

    first: int
    """Frame at which it begins."""
    states: States
    level_db: Floats
    """Of the tone's fainter sine."""
    under_db: Floats
    """Its level against what is sent."""
    off_hz: Floats
    """Its frequency against what is sent."""
    rest_db: Floats
    """The strongest other line against what is sent."""
    frequency_hz: float
    """Of the tone; the middle of a pair."""


def presence(tracks: Tracks, chord: Chord, sines: tuple[Sine, ...], span: tuple[int, int], is_rising: bool) -> Presence:
    """Judge the frames of a span.

    Args:
        tracks: of the channel.
        chord: the tone's bands.
        sines: the tone's line in each.
        span: first frame, and past the last.
        is_rising: whether the tone's level grows.
    """
    over = slice(*span)
    states = np.full(span[1] - span[0], HEARD, np.int8)
    heard = []
    for band, sine in zip(chord, sines, strict=True):
        level_db = tracks.bands[band].level_db[over].astype(np.float32)
        hz = tracks.bands[band].hz[over].astype(np.float32)
        under_db = level_db - sine.levels_db(*span, is_rising)
        near = (np.abs(under_db) <= NEAR_DB) & (np.abs(hz - sine.hz) <= NEAR_HZ)
        judged = np.where(near, HEARD, np.where(under_db < -FALLEN_DB, ABSENT, HIDDEN))
        states = np.minimum(states, judged.astype(np.int8))
        heard.append((level_db, under_db, hz - sine.hz))
    level_db, under_db, off_hz = heard[int(np.argmin([sine.level_db for sine in sines]))]
    rest_db = tracks.rests[chord].level_db[over].astype(np.float32) - (level_db - under_db)
    centre_hz = np.mean([band.centre_hz + sine.hz for band, sine in zip(chord, sines, strict=True)])
    return Presence(span[0], states, level_db, under_db, off_hz, rest_db, float(centre_hz))


def sines_of(candidate: Candidate, others: Sequence[Sequence[Line]]) -> tuple[Sine, ...] | None:
    """The sines of a tone: the candidate's own, and what sounds with it in the other bands; None where nothing does."""
    sines = [Sine(candidate.lines)]
    for lines in others:
        together = tuple(line for line in lines if _sounds_with(line, candidate.lines))
        if not together:
            return None
        sines.append(Sine(together))
    levels_db = [sine.level_db for sine in sines]
    return tuple(sines) if max(levels_db) - min(levels_db) <= PAIR_DB else None


def _sounds_with(line: Line, others: Sequence[Line]) -> bool:
    """Whether half of a line lies within one of the others."""
    first = max(0, bisect_right(others, line.start, key=lambda other: other.start) - 1)
    return any(
        2 * (min(line.end, other.end) - max(line.start, other.start)) > line.end - line.start
        for other in others[first : first + 3]
    )
