from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.speech.segments import parse_segments

EOT, TIME = 100, 200


def parse(*tokens: int, end_ms: int = 30_000):
    return [(s.span.start_ms, s.span.end_ms, s.tokens) for s in parse_segments(tokens, TIME, EOT, end_ms)]


@pytest.mark.parametrize(
    ("tokens", "segments"),
    [
        ((), []),
        ((TIME, TIME + 50), []),
        ((TIME + 10, 1, 2, TIME + 60), [(200, 1200, (1, 2))]),
        ((TIME, 1, TIME + 50, TIME + 80, 2, TIME + 90), [(0, 1000, (1,)), (1600, 1800, (2,))]),
        ((TIME, 1, TIME + 50, 2, TIME + 90), [(0, 1000, (1,)), (1000, 1800, (2,))]),
        ((1, 2, TIME + 60), [(0, 1200, (1, 2))]),
        ((TIME + 60, 1, 2), [(1200, 30_000, (1, 2))]),
        ((TIME + 60, 1, 150, TIME + 70), [(1200, 1400, (1,))]),
        ((TIME + 60, 1, TIME + 10), [(1200, 1200, (1,))]),
    ],
    ids=[
        "nothing",
        "no text",
        "one segment",
        "two segments",
        "one time token between two",
        "no start",
        "no end reaches to the end",
        "special tokens are no text",
        "time never runs backwards",
    ],
)
def test_time_tokens_part_the_text(tokens, segments):
    assert parse(*tokens) == segments


@given(st.lists(st.integers(0, TIME + 1500)))
def test_no_text_token_is_lost_or_made_up(tokens):
    segments = parse_segments(tokens, TIME, EOT, 30_000)

    assert [t for s in segments for t in s.tokens] == [t for t in tokens if t < EOT]
