"""Speech regions of a call into windows of at most 30 s, and the way back.

Whisper's encoder costs the same for a window that is full as for one that is nearly empty. So the regions of a call,
of all its channels, share windows, each with silence around it, and what is heard in a window is traced to the region,
and through it to channel and time. What cannot be traced to one region alone is never guessed at: it is asked for again
with the regions further apart, in the end with each alone in its window.

Calls share no windows, though they would fill up each other's remainders: what a model writes for a region depends on
what else is in its window, and a call's transcript may not depend on the calls that happen to be scanned with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion

WINDOW_MS = 30_000
"""What Whisper hears at a time."""
GAPS_MS = (300, 600, WINDOW_MS)
"""Digital silence between two regions of a window, in the first round and, for what remained unclear, in the next. With
the padding of the regions the first is a pause at which Whisper mostly parts segments; the last leaves each alone."""
SLACK_MS = 150
"""A segment may reach this far into a neighbour's padding without being taken to hold words of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A region; part of it, where it is longer than a window."""

    region: SpeechRegion
    span: TimeSpan
    """What of the region this piece covers, in the time of the recording."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A piece and where it lies in its window."""

    piece: Piece
    at_ms: int

    @property
    def span(self) -> TimeSpan:
        """Its place in the time of the window."""
        return TimeSpan(self.at_ms, self.at_ms + self.piece.span.duration_ms)

    def to_recording(self, heard: TimeSpan) -> TimeSpan:
        """A stretch of window time as recording time, clipped into the region."""
        shift_ms = self.piece.span.start_ms - self.at_ms
        return heard.clip(self.span).shift(shift_ms)


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces one after another, apart by at least the gap, from 0 to 30 s."""

    placements: tuple[Placement, ...]

    @property
    def end_ms(self) -> int:
        """Where the last piece ends."""
        return self.placements[-1].span.end_ms

    @property
    def speech_ms(self) -> int:
        """Window time that pieces fill."""
        return sum(placement.piece.span.duration_ms for placement in self.placements)

    def under(self, heard: TimeSpan, slack_ms: int = SLACK_MS) -> tuple[Placement, ...]:
        """The pieces a segment may hold words of: those it covers by more than the slack, else the one most.

        Empty where the segment lies in silence altogether.
        """
        covered = [placement for placement in self.placements if placement.span.overlaps(heard)]
        deep = tuple(
            placement
            for placement in covered
            if placement.span.overlap_ms(heard) > min(slack_ms, placement.span.duration_ms // 2)
        )
        return deep or tuple(sorted(covered, key=lambda placement: -placement.span.overlap_ms(heard))[:1])


def pieces_of(regions: Sequence[SpeechRegion], window_ms: int = WINDOW_MS) -> tuple[Piece, ...]:
    """Every region of a call as pieces no longer than a window."""
    return tuple(piece for region in regions for piece in _parts(region, window_ms))


def pack(pieces: Sequence[Piece], gap_ms: int = GAPS_MS[0], window_ms: int = WINDOW_MS) -> tuple[Window, ...]:
    """Place every piece exactly once and in order, in as few windows as that allows, all about equally full.

    A window costs the same however full it is, and a model loses its way in long ones more easily than in short ones.

    Args:
        pieces: of one call, by time, no longer than a window.
        gap_ms: silence between neighbours.
        window_ms: length of a window.
    """
    fewest = len(_fill(pieces, gap_ms, window_ms))
    shortest_ms = max((piece.span.duration_ms for piece in pieces), default=0)
    lengths = range(shortest_ms, window_ms)
    enough = bisect_left(lengths, True, key=lambda length_ms: len(_fill(pieces, gap_ms, length_ms)) == fewest)
    return _fill(pieces, gap_ms, shortest_ms + enough)


def _fill(pieces: Sequence[Piece], gap_ms: int, length_ms: int) -> tuple[Window, ...]:
    """Windows filled one after another, up to a length."""
    windows: list[list[Placement]] = []
    free_at = length_ms
    for piece in pieces:
        if free_at + piece.span.duration_ms > length_ms:
            windows.append([])
            free_at = 0
        windows[-1].append(Placement(piece, free_at))
        free_at += piece.span.duration_ms + gap_ms
    return tuple(Window(tuple(placements)) for placements in windows)


def fill_rate(windows: Sequence[Window], window_ms: int = WINDOW_MS) -> float:
    """Share of window time that holds speech regions, 0 to 1; 0 without windows."""
    return sum(window.speech_ms for window in windows) / (window_ms * len(windows)) if windows else 0.0


def _parts(region: SpeechRegion, window_ms: int) -> list[Piece]:
    """The region whole, or in equal parts that fit into a window; nothing for an empty one."""
    span = region.span
    parts = -(-span.duration_ms // window_ms)
    edges = [span.start_ms + span.duration_ms * part // parts for part in range(parts + 1)] if parts else []
    return [Piece(region, TimeSpan(start, end)) for start, end in pairwise(edges)]
