"""Whisper's timestamp tokens to segments. Pure arithmetic on token numbers.

Whisper writes a segment as `<|start|> text <|end|>`; time tokens count steps of 20 ms from the start of the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.spans import TimeSpan

TIME_STEP_MS = 20
"""Length of one step of a time token: 30 s over 1500 encoder positions."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment in window time; `tokens` holds text tokens alone."""

    span: TimeSpan
    tokens: tuple[int, ...]


def parse_segments(tokens: Sequence[int], first_time: int, end_of_text: int, window_end_ms: int) -> tuple[Segment, ...]:
    """Segments of one decoded window, in the order written; stretches without text are left out.

    A time token closes the text before it and opens the next. Text before any time token starts at 0; text that no
    time token closes reaches to the window's end, for nobody knows where it stopped.

    Args:
        tokens: as decoded, without the prompt and without end-of-text.
        first_time: number of `<|0.00|>`; every higher number is a time.
        end_of_text: number of the first special token; from there up to `first_time` nothing is text.
        window_end_ms: where the window's audio ends.
    """
    segments: list[Segment] = []
    text: list[int] = []
    start_ms = 0
    for token in tokens:
        if token >= first_time:
            at_ms = (token - first_time) * TIME_STEP_MS
            if text:
                segments.append(Segment(TimeSpan(start_ms, max(start_ms, at_ms)), tuple(text)))
                text = []
            start_ms = at_ms
        elif token < end_of_text:
            text.append(token)
    if text:
        segments.append(Segment(TimeSpan(start_ms, max(start_ms, window_end_ms)), tuple(text)))
    return tuple(segments)
