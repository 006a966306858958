"""Spectral lines that stand still for a moment, gathered where they return at one frequency: where a tone may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callaudit.speech.tones.tracks import Band, Tracks

MIN_LEVEL_DBFS = -48.0
STILL_HZ = 2.5
"""A tone's frequency differs by no more over `STILL_FRAMES`; a voice that holds its pitch drifts faster..."""
STILL_DB = 1.5
"""...and its level differs by no more."""
STILL_FRAMES = 3
SAME_HZ = 4.0
"""Lines of one tone lie within this of each other; exchanges hold their frequency to the hertz, codecs nearly."""
SAME_DB = 4.0
"""And this, one after the other: a voice over the tone adds to some of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """Frames `[start, end)` in which a band's strongest line stands still."""

    start: int
    end: int
    hz: float
    """Against the band's centre."""
    level_db: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines at one frequency that may be of one tone, by time."""

    lines: tuple[Line, ...]

    @property
    def start(self) -> int:
        """First frame."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """Past the last frame."""
        return self.lines[-1].end

    @property
    def still(self) -> int:
        """Frames in which the line stands still."""
        return sum(line.end - line.start for line in self.lines)

    @property
    def hz(self) -> float:
        """Middle frequency by time, against the band's centre."""
        return middle([line.hz for line in self.lines], self.lines)

    @property
    def level_db(self) -> float:
        """Middle level by time."""
        return middle([line.level_db for line in self.lines], self.lines)


def middle(values: Sequence[float], lines: Sequence[Line]) -> float:
    """The median of a value of lines, each weighed by its length."""
    order = np.argsort(values)
    weights = np.array([line.end - line.start for line in lines])[order]
    half = np.searchsorted(np.cumsum(weights), weights.sum() / 2)
    return float(np.asarray(values)[order][half])


def still_lines(tracks: Tracks, band: Band) -> list[Line]:
    """Where the band's strongest line stands still for 40 ms and more, by time."""
    track = tracks.bands[band]
    level_db, hz = track.level_db.astype(np.float32), track.hz.astype(np.float32)
    if level_db.size <= STILL_FRAMES:
        return []
    still = np.abs(hz[STILL_FRAMES:] - hz[:-STILL_FRAMES]) <= STILL_HZ
    still &= np.abs(level_db[STILL_FRAMES:] - level_db[:-STILL_FRAMES]) <= STILL_DB
    heard = (level_db >= MIN_LEVEL_DBFS) & (np.abs(hz) <= band.tolerance_hz)
    still &= heard[STILL_FRAMES:] & heard[:-STILL_FRAMES]
    spans = [(start, end + STILL_FRAMES) for start, end in runs(still) if end - start >= 2]
    if not spans:
        return []
    starts, ends = np.array(spans).T
    means = (np.diff(_summed(track)[[starts, ends]], axis=0)[0] / (ends - starts) for track in (hz, level_db))
    rows = zip(spans, *means, strict=True)
    return [Line(start, end, float(at_hz), float(at_db)) for (start, end), at_hz, at_db in rows]


def _summed(track: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(track, dtype=np.float64)))


def gathered(lines: Sequence[Line], max_gap: int, min_length: int) -> list[Candidate]:
    """Lines that return at one frequency and nearly one level, never further apart than `max_gap` frames.

    Args:
        lines: by time.
        max_gap: in frames.
        min_length: lines shorter than so many frames are not counted.
    """
    open_groups: list[list[Line]] = []
    closed: list[list[Line]] = []
    for line in lines:
        if line.end - line.start < min_length:
            continue
        closed += [group for group in open_groups if line.start - group[-1].end > max_gap]
        open_groups = [group for group in open_groups if line.start - group[-1].end <= max_gap]
        fitting = [
            group
            for group in open_groups
            if abs(group[-1].hz - line.hz) <= SAME_HZ and abs(group[-1].level_db - line.level_db) <= SAME_DB
        ]
        if fitting:
            min(fitting, key=lambda group: abs(group[-1].hz - line.hz)).append(line)
        else:
            open_groups.append([line])
    return [Candidate(tuple(group)) for group in (*closed, *open_groups)]


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Stretches `[start, end)` in which a mask holds."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
