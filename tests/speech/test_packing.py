from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion
from callaudit.speech.packing import GAPS_MS, WINDOW_MS, Window, fill_rate, pack, pieces_of


@st.composite
def region_lists(draw: st.DrawFn, longest_ms: int = 29_000) -> tuple[SpeechRegion, ...]:
    """Regions of one call: two channels, on each apart from each other, by time."""
    regions = []
    for channel in (0, 1):
        at_ms = 0
        for pause_ms, length_ms in draw(
            st.lists(st.tuples(st.integers(0, 4000), st.integers(0, longest_ms)), max_size=12)
        ):
            at_ms += pause_ms
            regions.append(SpeechRegion(TimeSpan(at_ms, at_ms + length_ms), channel, -25.0))
            at_ms += length_ms
    return tuple(sorted(regions))


gaps = st.sampled_from(GAPS_MS)


def regions_of(*lengths_ms: int, channel: int = 0) -> list[SpeechRegion]:
    starts = [sum(lengths_ms[:i]) + 1000 * i for i in range(len(lengths_ms))]
    return [
        SpeechRegion(TimeSpan(start, start + length), channel, -25.0)
        for start, length in zip(starts, lengths_ms, strict=True)
    ]


def placements(windows: tuple[Window, ...]):
    return [placement for window in windows for placement in window.placements]


@given(region_lists(), gaps)
def test_every_region_is_placed_exactly_once(regions, gap_ms):
    placed = [p.piece.region for p in placements(pack(pieces_of(regions), gap_ms))]

    assert sorted(placed) == sorted(region for region in regions if region.span.duration_ms)


@given(region_lists(longest_ms=95_000))
def test_a_region_longer_than_a_window_is_placed_in_parts_that_add_up(regions):
    pieces = pieces_of(regions)

    assert all(piece.span.duration_ms <= WINDOW_MS for piece in pieces)
    for region in regions:
        parts = [piece.span for piece in pieces if piece.region == region]
        assert sum(part.duration_ms for part in parts) == region.span.duration_ms
        assert all(before.end_ms == after.start_ms for before, after in pairwise(parts))


@given(region_lists(), gaps)
def test_windows_keep_their_length_and_their_gaps(regions, gap_ms):
    for window in pack(pieces_of(regions), gap_ms):
        spans = [placement.span for placement in window.placements]
        assert 0 < window.end_ms <= WINDOW_MS
        assert all(after.start_ms - before.end_ms >= gap_ms for before, after in pairwise(spans))


@given(region_lists(), gaps)
def test_a_call_is_heard_in_order(regions, gap_ms):
    heard = [p.piece.span for p in placements(pack(pieces_of(regions), gap_ms))]

    assert heard == sorted(heard)


@given(region_lists(), st.data())
def test_window_time_leads_back_to_where_it_came_from(regions, data):
    for placement in placements(pack(pieces_of(regions))):
        span = placement.piece.span
        start = data.draw(st.integers(0, span.duration_ms - 1))
        end = data.draw(st.integers(start + 1, span.duration_ms))
        there = TimeSpan(placement.at_ms + start, placement.at_ms + end)
        assert placement.to_recording(there) == TimeSpan(span.start_ms + start, span.start_ms + end)


@given(region_lists(), st.integers(0, WINDOW_MS), st.integers(1, WINDOW_MS))
def test_nothing_heard_leads_outside_its_region(regions, start_ms, length_ms):
    heard = TimeSpan(start_ms, start_ms + length_ms)
    for placement in placements(pack(pieces_of(regions))):
        assert placement.piece.region.span.clip(placement.to_recording(heard)) == placement.to_recording(heard)


@given(region_lists(), st.integers(0, WINDOW_MS), st.integers(1, WINDOW_MS))
def test_what_covers_two_regions_is_never_given_to_one(regions, start_ms, length_ms):
    heard = TimeSpan(start_ms, start_ms + length_ms)
    for window in pack(pieces_of(regions)):
        whole = {p for p in window.placements if p.span.overlap_ms(heard) == p.span.duration_ms}
        assert whole <= set(window.under(heard))
        assert set(window.under(heard)) <= {p for p in window.placements if p.span.overlaps(heard)}


def test_the_last_round_leaves_every_region_alone():
    windows = pack(pieces_of(regions_of(500, 500, 700)), GAPS_MS[-1])

    assert [len(window.placements) for window in windows] == [1, 1, 1]


def test_a_segment_may_reach_a_little_into_the_neighbours_padding():
    (window,) = pack(pieces_of(regions_of(2000, 2000)))

    assert [p.at_ms for p in window.under(TimeSpan(0, 2400))] == [0]
    assert [p.at_ms for p in window.under(TimeSpan(0, 2700))] == [0, 2300]
    assert window.under(TimeSpan(2050, 2250)) == ()


def test_windows_are_about_equally_full_and_no_more_than_need_be():
    windows = pack(pieces_of(regions_of(9000, 9000, 9000, 5000)))

    assert [[p.at_ms for p in window.placements] for window in windows] == [[0, 9300], [0, 9300]]
    assert len(pack(pieces_of(regions_of(9000, 9000, 9000)))) == 1


@given(region_lists(), gaps)
def test_neighbouring_windows_would_not_fit_into_one(regions, gap_ms):
    for one, other in pairwise(pack(pieces_of(regions), gap_ms)):
        together_ms = one.end_ms + gap_ms + other.end_ms
        assert together_ms > WINDOW_MS


def test_windows_of_ordinary_speech_are_well_filled():
    regions = regions_of(*(800 + 371 * (7 * i) % 4100 for i in range(60)))

    assert fill_rate(pack(pieces_of(regions))) > 0.75
    assert fill_rate(()) == 0.0
