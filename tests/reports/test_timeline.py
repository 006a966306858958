from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import TimeSpan
from callaudit.reports.timeline import LEFT, MOST_TICKS, PIN_DISTANCE, RIGHT, WIDTH, draw_timeline
from tests.builders import (
    make_acoustics,
    make_analysis,
    make_call,
    make_finding,
    make_hangup,
    make_judged,
    make_utterance,
)
from tests.reports.origin_case import origin_call


def test_time_runs_from_the_left_edge_to_the_right() -> None:
    line = draw_timeline(make_judged(), [TimeSpan(0, 30_000), TimeSpan(15_000, 30_000)], "zh")
    assert [(clip.x, clip.width) for clip in line.clips] == [
        (LEFT, WIDTH - LEFT - RIGHT),
        (LEFT + (WIDTH - LEFT - RIGHT) / 2, (WIDTH - LEFT - RIGHT) / 2),
    ]


def test_a_call_has_a_lane_for_each_channel_with_its_party() -> None:
    line = draw_timeline(origin_call(), (), "zh")
    assert [(lane.party, lane.label) for lane in line.lanes] == [(Party.AGENT, "坐席"), (Party.CUSTOMER, "客户")]
    assert [len(lane.speech) for lane in line.lanes] == [8, 3]
    assert [len(lane.tones) for lane in line.lanes] == [0, 1]
    assert line.hangup
    assert line.closing


def test_a_mixed_recording_shows_parties_only_where_the_words_tell() -> None:
    known = make_utterance("您好", Party.AGENT, 1000, channel=0, party_basis=PartyBasis.WORDS)
    unknown = make_utterance("嗯", Party.UNKNOWN, 5000, channel=0)
    analysis = make_analysis(
        (known, unknown), call=make_call(mixed=True), acoustics=make_acoustics((known, unknown), peaks=((5, 9),))
    )
    line = draw_timeline(make_judged(analysis=analysis), (), "zh")
    assert [bar.kind for bar in line.lanes[0].speech] == ["unknown", "unknown", "agent"]
    assert [name for _, name in line.talkers] == ["坐席", "身份未知"]


def test_a_hold_is_drawn_over_all_lanes_and_named() -> None:
    hold = Hold(TimeSpan(10_000, 20_000), HoldSource.RECORD_MUTE, 1000)
    (bar,) = draw_timeline(make_judged(analysis=make_analysis(holds=(hold,))), (), "zh").holds
    assert (bar.kind, bar.title, bar.start_ms) == ("record_mute", "话单中的静音", 10_000)
    assert draw_timeline(make_judged(), (), "zh").holds == ()


def test_noise_is_not_blown_up_to_look_like_speech() -> None:
    def height(peaks: tuple[int, ...]) -> float:
        analysis = make_analysis(acoustics=make_acoustics(peaks=(peaks,)))
        return float(draw_timeline(make_judged(analysis=analysis), (), "zh").lanes[0].wave.split("v")[1].split("M")[0])

    assert height((1, 1)) < 6
    assert height((40, 1)) > 40


def test_pins_never_hide_one_another() -> None:
    findings = tuple(make_finding(span=TimeSpan(12_000 + 50 * n, 12_400 + 50 * n)) for n in range(5))
    pins = [flag.pin_x for flag in draw_timeline(make_judged(findings=findings), (), "zh").flags]
    assert all(later - earlier >= PIN_DISTANCE for earlier, later in pairwise(pins))


@pytest.mark.parametrize("duration_ms", [1, 900, 12_000, 61_000, 600_000, 7_200_000, 14_400_000])
def test_the_axis_has_a_readable_number_of_marks(duration_ms: int) -> None:
    analysis = make_analysis(acoustics=make_acoustics(duration_ms=duration_ms))
    line = draw_timeline(make_judged(analysis=analysis), (), "zh")
    assert 1 <= len(line.ticks) <= MOST_TICKS + 1
    assert all(LEFT <= x <= WIDTH - RIGHT for x, _ in line.ticks)


@pytest.mark.parametrize(("at_ms", "anchor"), [(0, "start"), (15_000, "start"), (29_900, "end"), (30_000, "end")])
def test_the_label_of_the_hangup_stays_inside(at_ms: int, anchor: str) -> None:
    judged = make_judged(analysis=make_analysis(hangup=make_hangup(at_ms)))
    mark = draw_timeline(judged, (), "zh").hangup
    assert mark
    assert mark.anchor == anchor
    assert LEFT <= mark.x <= WIDTH - RIGHT


def test_an_empty_recording_can_be_drawn() -> None:
    acoustics = make_acoustics(duration_ms=0, peaks=((), ()))
    judged = make_judged(analysis=replace(make_analysis(), acoustics=acoustics))
    assert draw_timeline(judged, (), "en").duration_ms == 0
