"""Tones without pauses: the dial tone, which never changes, and the howler, which grows.

A held note of music or a whistle is a line that goes on, too. An exchange's tone differs from them: it has no
overtones, nothing sounds with it, its level and frequency do not move for seconds, and no other note comes just before
or after.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from callaudit.speech.tones.judging import EDGE_FRAMES, Found, edges, is_clear
from callaudit.speech.tones.lines import STILL_HZ, runs
from callaudit.speech.tones.presence import ABSENT, HEARD, Presence
from callaudit.speech.tones.profiles import Signal
from callaudit.speech.tones.tracks import HOP_MS, LINE_HZ, Chord, Frames, Halves, Tracks

MAX_HOLE_FRAMES = 15
"""A tone that falls away for longer has ended; shorter holes are packets lost. What is hidden is no hole."""
MIN_HEARD = 0.4
"""Share of the tone that must be heard; the rest may lie under a voice..."""
MAX_HIDDEN_FRAMES = 150
"""...but never for so long at a time."""
MIN_HEARD_FRAMES = 100
CLEAR = 0.8
"""Where less of it is heard than this share, it might be a rhythm whose pauses are hidden..."""
MIN_UNCLEAR_FRAMES = 250
"""...and must be heard for so long."""
MAX_ABSENT = 0.06
PURE_DB = -18.0
"""The strongest other line against the tone in the quietest tenth of its time: at most."""
STEADY_HZ = 1.5
"""Half of the frequencies heard lie within so much."""
PIECES = 8
"""Of equal length, whose levels are compared."""
FLAT_DB = 2.5
"""Levels of a dial tone's pieces lie within so much..."""
RISE_DB = 5.0
"""...those of a howler grow by so much at least..."""
SAG_DB = 2.0
"""...and never fall by more on the way."""
NEIGHBOUR_FRAMES = 45
"""How far before and after another note is looked for..."""
NOTE_FRAMES = 15
"""...which lasts so long..."""
NOTE_DB = 4.0
"""...within so much of one level..."""
NOTE_UNDER_DB = -10.0
"""...against the tone's at least."""


def judged_continuous(view: Presence, signal: Signal, tracks: Tracks, chord: Chord) -> Iterator[Found]:
    """The stretches of a view in which the tone goes on, if they are the exchange's."""
    gone = np.zeros(view.states.size, np.bool_)
    for start, end in runs(view.states == ABSENT):
        gone[start:end] = end - start > MAX_HOLE_FRAMES
    for low, high in runs(~gone):
        heard = _clearly_heard(view, low, high)
        if heard.size < MIN_HEARD_FRAMES:
            continue
        begun, over = edges(view, int(heard[0]), int(heard[-1]) + 1)
        states = view.states[heard[0] : heard[-1] + 1]
        if (
            (over - begun) * HOP_MS >= signal.min_ms
            and np.mean(states == HEARD) >= (MIN_HEARD if heard.size >= MIN_UNCLEAR_FRAMES else CLEAR)
            and np.mean(states == ABSENT) <= MAX_ABSENT
            and int(np.diff(heard).max()) <= MAX_HIDDEN_FRAMES
            and float(np.percentile(view.rest_db[heard], 10)) <= PURE_DB
            and _is_steady(view, heard, tracks, chord)
            and _level_fits(view, heard, signal.is_rising)
            and not _is_among_notes(view, (int(begun), int(over)), tracks, chord)
        ):
            yield Found(begun, over, 0, heard.size, False)


def _clearly_heard(view: Presence, low: int, high: int) -> Frames:
    """Frames in which the tone is heard, from the first to the last stretch in which nothing is upon it."""
    pieces = [np.arange(low + start, low + end) for start, end in runs(view.states[low:high] == HEARD)]
    clear = [at for at, piece in enumerate(pieces) if is_clear(view, piece)]
    return np.concatenate(pieces[clear[0] : clear[-1] + 1]) if clear else np.zeros(0, np.int64)


def _is_steady(view: Presence, heard: Frames, tracks: Tracks, chord: Chord) -> bool:
    """Whether every line of the tone keeps its frequency."""
    for band in chord:
        hz = tracks.bands[band].hz[heard + view.first].astype(np.float32)
        low, high = np.percentile(hz, (25, 75))
        if high - low > STEADY_HZ:
            return False
    return True


def _level_fits(view: Presence, heard: Frames, is_rising: bool) -> bool:
    """Whether the level stays, or grows as it must."""
    piece = (heard - heard[0]) * PIECES // (heard[-1] - heard[0] + 1)
    levels = [float(np.median(view.level_db[heard[piece == at]])) for at in np.unique(piece)]
    if is_rising:
        return levels[-1] - levels[0] >= RISE_DB and min(np.diff(levels), default=0.0) >= -SAG_DB
    return max(levels) - min(levels) <= FLAT_DB


def _is_among_notes(view: Presence, span: tuple[int, int], tracks: Tracks, chord: Chord) -> bool:
    """Whether another line holds its pitch just before or just after the tone: a melody.

    Notes that come one after another do not sound together: where something else is heard during the tone, what is
    heard beside it is no melody either, but whoever talks.
    """
    start, end = span
    during_db = view.rest_db[max(0, start - view.first) + EDGE_FRAMES : max(0, end - view.first) - EDGE_FRAMES]
    if float(np.percentile(during_db, 90)) > PURE_DB:
        return False
    before = (start - NEIGHBOUR_FRAMES, start - EDGE_FRAMES, start + EDGE_FRAMES)
    after = (end + EDGE_FRAMES, end + NEIGHBOUR_FRAMES, end - EDGE_FRAMES)
    for low, high, beside in (before, after):
        near = slice(max(0, low), max(0, high))
        floor_db = float(view.level_db[beside - view.first]) + NOTE_UNDER_DB
        rest = tracks.rests[chord]
        if _holds_a_note(rest.level_db[near], rest.hz[near], floor_db, LINE_HZ):
            return True
        own = (tracks.bands[band] for band in chord)
        if any(_holds_a_note(line.level_db[near], line.hz[near], floor_db, STILL_HZ) for line in own):
            return True
    return False


def _holds_a_note(level_db: Halves, hz: Halves, floor_db: float, drift_hz: float) -> bool:
    """Whether a line stays at one pitch and level for a while."""
    if level_db.size < NOTE_FRAMES:
        return False
    levels = np.lib.stride_tricks.sliding_window_view(level_db.astype(np.float32), NOTE_FRAMES)
    pitches = np.lib.stride_tricks.sliding_window_view(hz.astype(np.float32), NOTE_FRAMES)
    is_level = (np.ptp(levels, axis=1) <= NOTE_DB) & (levels.min(axis=1) >= floor_db)
    return bool(np.any(is_level & (np.ptp(pitches, axis=1) <= drift_hz)))
