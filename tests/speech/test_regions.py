from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.domain.spans import TimeSpan
from callaudit.speech.regions import RegionRules, find_regions

RULES = RegionRules(
    frame_ms=32, threshold=0.3, release=0.15, min_silence_ms=300, min_speech_ms=120, pad_ms=200, max_ms=15_000
)


def track(*stretches: tuple[int, float]) -> np.ndarray:
    """Probabilities from (frames, value) pairs."""
    return np.concatenate([np.full(frames, value, np.float32) for frames, value in stretches])


def find(probabilities: np.ndarray, rules: RegionRules = RULES) -> list[tuple[int, int]]:
    spans = find_regions(probabilities, round(len(probabilities) * 32), rules)
    return [(span.start_ms, span.end_ms) for span in spans]


def test_a_stretch_of_speech_is_found_and_padded():
    assert find(track((50, 0), (50, 0.9), (50, 0))) == [(1600 - 200, 3200 + 200)]


@pytest.mark.parametrize(
    "probabilities",
    [
        track((100, 0.0)),
        track((100, 0.29)),
        track((50, 0), (3, 0.9), (50, 0)),
        np.zeros(0, np.float32),
    ],
    ids=["silence", "below the threshold", "a click", "nothing"],
)
def test_no_region_without_speech(probabilities):
    assert find(probabilities) == []


def test_speech_goes_on_between_release_and_threshold():
    assert len(find(track((20, 0), (20, 0.9), (40, 0.2), (20, 0.9), (20, 0)))) == 1


def test_a_short_pause_does_not_part_but_a_long_one_does():
    assert len(find(track((20, 0.9), (8, 0), (20, 0.9)))) == 1
    assert len(find(track((20, 0.9), (10, 0), (20, 0.9)))) == 2


def test_padding_stops_halfway_to_the_neighbour_and_at_the_ends():
    regions = find(track((20, 0.9), (10, 0), (20, 0.9)))

    assert regions == [(0, 800), (800, 1600)]


def test_speech_up_to_the_last_frame_is_kept():
    assert find(track((20, 0), (20, 0.9))) == [(440, 1280)]


def test_long_speech_is_cut_at_its_pause():
    probabilities = track((300, 0.9), (6, 0.35), (300, 0.9))

    parts = find(probabilities)

    assert len(parts) == 2
    assert 300 * 32 <= parts[0][1] <= 306 * 32
    assert parts[0][1] == parts[1][0]


@given(
    values=st.lists(st.floats(0, 1, width=32), max_size=400),
    pad_ms=st.integers(0, 400),
    max_ms=st.integers(1500, 15_000),
)
def test_regions_stay_apart_inside_the_recording_and_under_the_limit(values, pad_ms, max_ms):
    duration_ms = round(len(values) * 32)

    spans = find_regions(np.array(values, np.float32), duration_ms, replace(RULES, pad_ms=pad_ms, max_ms=max_ms))

    assert all(before.end_ms <= after.start_ms for before, after in pairwise(spans))
    assert all(span.duration_ms <= max_ms + 1 for span in spans)
    assert all(TimeSpan(0, duration_ms).clip(span) == span for span in spans)


@given(values=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=300))
def test_every_long_enough_run_over_the_threshold_is_covered(values):
    loud = [value >= RULES.threshold for value in values]
    spans = find_regions(np.array(values, np.float32), round(len(values) * 32), RULES)

    for first in range(len(loud) - 4):
        if all(loud[first : first + 4]):
            middle_ms = first * 32 + 64
            assert any(span.start_ms <= middle_ms < span.end_ms for span in spans)
