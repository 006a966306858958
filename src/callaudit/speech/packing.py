"""Speech regions of several calls into windows of at most 30 s, and the way back.

Whisper's encoder costs the same for a window that is full as for one that is nearly empty. So the regions of a whole
group of calls share windows, each with silence around it, and what is heard in a window is traced to the region, and
through it to call, channel and time. What cannot be traced to one region alone is never guessed at: it is asked for
again with the regions further apart, in the end with each alone in its window.
"""

from __future__ import annotations

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
OPEN_WINDOWS = 32
"""Windows with room left that are looked at for each region."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A region of one call; part of it, where it is longer than a window."""

    call: int
    """Index of the call in the group."""
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


def pieces_of(calls: Sequence[Sequence[SpeechRegion]], window_ms: int = WINDOW_MS) -> tuple[Piece, ...]:
    """Every region of every call as pieces no longer than a window, call by call."""
    return tuple(
        piece for call, regions in enumerate(calls) for region in regions for piece in _parts(call, region, window_ms)
    )


def pack(pieces: Sequence[Piece], gap_ms: int = GAPS_MS[0], window_ms: int = WINDOW_MS) -> tuple[Window, ...]:
    """Place every piece exactly once.

    A piece goes into the first window with room that does not lie before the window of its predecessor on the same
    call, so that a call is heard in order, and calls fill up each other's remainders.

    Args:
        pieces: no longer than a window, call by call.
        gap_ms: silence between neighbours.
        window_ms: length of a window.
    """
    windows: list[list[Placement]] = []
    free_at: list[int] = []
    first, call = 0, -1
    for piece in pieces:
        if piece.call != call:
            first, call = max(0, len(windows) - OPEN_WINDOWS), piece.call
        latest = window_ms - piece.span.duration_ms
        first = next((i for i in range(first, len(windows)) if free_at[i] <= latest), len(windows))
        if first == len(windows):
            windows.append([])
            free_at.append(0)
        windows[first].append(Placement(piece, free_at[first]))
        free_at[first] += piece.span.duration_ms + gap_ms
    return tuple(Window(tuple(placements)) for placements in windows)


def fill_rate(windows: Sequence[Window], window_ms: int = WINDOW_MS) -> float:
    """Share of window time that holds speech regions, 0 to 1; 0 without windows."""
    return sum(window.speech_ms for window in windows) / (window_ms * len(windows)) if windows else 0.0


def _parts(call: int, region: SpeechRegion, window_ms: int) -> list[Piece]:
    """The region whole, or in equal parts that fit into a window; nothing for an empty one."""
    span = region.span
    parts = -(-span.duration_ms // window_ms)
    edges = [span.start_ms + span.duration_ms * part // parts for part in range(parts + 1)] if parts else []
    return [Piece(call, region, TimeSpan(start, end)) for start, end in pairwise(edges)]
