"""Contempt on hold, and what looks like it, through the program's own stages with the oracle's words."""

from __future__ import annotations

import random

import pytest

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.findings import Category, Phase, Severity
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.holds import HoldSource
from callaudit.pipeline import judge, prepare
from tests.benchmarks.hangup import engines_for
from tests.simulator.bridge import source_of
from tests.simulator.measure import measure
from tests.simulator.render import SimulatedCall, render
from tests.simulator.script import HoldOn, MusicOn, Shape, Source, Tail
from tests.simulator.shapes import Case, write

SEEDS = (301, 302, 303)
CLOCK_OFFSET_MS = 400
"""What simulated records are off by beyond their whole seconds, at most."""
SHAPES = pytest.mark.parametrize("is_mixed", [False, True], ids=["stereo", "mixed"])
SOURCES = pytest.mark.parametrize("source", [Source.RECORD, Source.NOTHING], ids=["record", "music"])


def judged(case: Case, seed: int, is_mixed: bool) -> tuple[SimulatedCall, JudgedCall]:
    name = f"hold-{seed}"
    call = render(write(case, random.Random(name), name, is_mixed=is_mixed), seed)
    engines = engines_for(call)
    prepared = prepare(source_of(call), engines)
    (transcript,) = engines.transcriber.transcribe([prepared])
    return call, judge(prepared.call, prepared.acoustics, transcript, engines)


@pytest.mark.parametrize("seed", SEEDS)
@SHAPES
@SOURCES
def test_contempt_on_hold_is_found_and_graver(source: Source, is_mixed: bool, seed: int) -> None:
    call, outcome = judged(Case(Shape.S4, source), seed, is_mixed)
    told = measure(call, outcome).ending.late_speech
    assert told.found == told.true > 0
    assert told.right == told.reported
    mine = [one for one in outcome.findings if one.category is Category.ON_HOLD]
    assert mine
    assert all(one.phase is Phase.ON_HOLD and one.severity is not Severity.MINOR for one in mine)
    spans = [held.span.widen(CLOCK_OFFSET_MS, call.truth.duration_ms) for held in call.truth.held]
    assert all(any(hold.span.clip(span) == hold.span for span in spans) for hold in outcome.analysis.holds)


@pytest.mark.parametrize("seed", SEEDS)
@SHAPES
@SOURCES
def test_consulting_on_hold_is_explained(source: Source, is_mixed: bool, seed: int) -> None:
    call, outcome = judged(Case(Shape.INNOCENT, source, Tail.CONSULTED), seed, is_mixed)
    assert not any(one.phase is Phase.ON_HOLD for one in outcome.findings)
    reasons = [item.reason for item in outcome.analysis.passed_over]
    assert PassedOverReason.ON_HOLD in reasons
    assert call.truth.held


@pytest.mark.parametrize("seed", SEEDS)
@SHAPES
def test_music_in_the_customers_room_is_no_hold(is_mixed: bool, seed: int) -> None:
    _, outcome = judged(Case(Shape.INNOCENT, Source.NOTHING, Tail.RADIO), seed, is_mixed)
    assert outcome.analysis.holds == ()
    assert {one.phase for one in outcome.findings} <= {Phase.BEFORE_HANGUP}


@pytest.mark.parametrize("seed", range(310, 318))
def test_events_and_music_tell_of_the_same_hold(seed: int) -> None:
    call, outcome = judged(Case(Shape.S4, Source.RECORD), seed, is_mixed=False)
    kinds = {type(held.begun) for held in call.truth.held}
    muted = any(held.begun == HoldOn(is_mute=True) for held in call.truth.held)
    expected = {HoldSource.RECORD_MUTE if muted else HoldSource.RECORD_HOLD}
    expected |= {HoldSource.MUSIC} if MusicOn in kinds else set()
    assert {hold.source for hold in outcome.analysis.holds} == expected
    said = [one.utterances for one in outcome.findings if one.category is Category.ON_HOLD]
    assert len({index for utterances in said for index in utterances}) == sum(map(len, said))
