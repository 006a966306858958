"""Speech probabilities to stretches of speech: hysteresis, pauses, padding, cutting. Pure arithmetic on one channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.spans import TimeSpan

Frames = NDArray[np.float32]
"""A value for each frame of one channel: speech probability, 0 to 1, or level in dBFS."""

PAUSE_FRAMES = 5
"""Frames over which a pause is looked for when a long stretch must be cut: 160 ms at 32 ms a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRules:
    """When speech begins and ends.

    Attributes:
        frame_ms: time from one probability to the next.
        threshold: probability at which speech begins.
        release: lower probability below which speech may end.
        min_silence_ms: how long it must stay below before it does end.
        min_speech_ms: shorter stretches are noise.
        pad_ms: added to both ends, never into a neighbour.
        max_ms: longest stretch, padding included; longer ones are cut at their best pause.
    """

    frame_ms: float
    threshold: float
    release: float
    min_silence_ms: int
    min_speech_ms: int
    pad_ms: int
    max_ms: int


def find_regions(probabilities: Frames, duration_ms: int, rules: RegionRules) -> tuple[TimeSpan, ...]:
    """Stretches of speech of one channel, by time, apart from each other, within `[0, duration_ms)`."""
    longest = max(1, int((rules.max_ms - 2 * rules.pad_ms) / rules.frame_ms))
    runs = _runs(probabilities, rules)
    pieces = [piece for first, end in runs for piece in _cut(probabilities, first, end, longest)]
    return _padded(pieces, duration_ms, rules)


def _runs(probabilities: Frames, rules: RegionRules) -> list[tuple[int, int]]:
    """Frames `[first, end)` of each stretch: entered at the threshold, left after enough frames below the release."""
    patience = max(1, round(rules.min_silence_ms / rules.frame_ms))
    shortest = rules.min_speech_ms / rules.frame_ms
    runs: list[tuple[int, int]] = []
    first, quiet_from = -1, -1
    for frame, probability in enumerate(probabilities.tolist()):
        if probability >= rules.threshold:
            first, quiet_from = (frame if first < 0 else first), -1
        elif first >= 0 and probability < rules.release:
            quiet_from = frame if quiet_from < 0 else quiet_from
            if frame - quiet_from + 1 >= patience:
                runs.append((first, quiet_from))
                first, quiet_from = -1, -1
    if first >= 0:
        runs.append((first, quiet_from if quiet_from >= 0 else len(probabilities)))
    return [(start, end) for start, end in runs if end - start >= shortest]


def _cut(probabilities: Frames, first: int, end: int, longest: int) -> list[tuple[int, int]]:
    """The run in pieces of at most `longest` frames, parted where speech is least likely in their later half."""
    pieces: list[tuple[int, int]] = []
    while end - first > longest:
        low, high = first + max(1, longest // 2), first + longest
        around = np.convolve(probabilities[low:high], np.ones(PAUSE_FRAMES) / PAUSE_FRAMES, mode="same")
        pause = low + int(np.argmin(around))
        pieces.append((first, pause))
        first = pause
    return [*pieces, (first, end)]


def _padded(pieces: list[tuple[int, int]], duration_ms: int, rules: RegionRules) -> tuple[TimeSpan, ...]:
    """Pieces in milliseconds with padding; where two would meet, they share the pause between them."""
    bare = [(round(first * rules.frame_ms), round(end * rules.frame_ms)) for first, end in pieces]
    spans: list[TimeSpan] = []
    for index, (start_ms, end_ms) in enumerate(bare):
        before = (bare[index - 1][1] + start_ms) // 2 if index else 0
        after = (end_ms + bare[index + 1][0]) // 2 if index + 1 < len(bare) else duration_ms
        first_ms = max(before, start_ms - rules.pad_ms)
        last_ms = min(after, end_ms + rules.pad_ms, duration_ms)
        if last_ms > first_ms:
            spans.append(TimeSpan(first_ms, last_ms))
    return tuple(spans)
