from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category
from callaudit.domain.line import Tone, ToneKind
from callaudit.domain.spans import TimeSpan
from callaudit.evaluation.endings import EndingRates, summed
from callaudit.evaluation.matching import CategoryScore
from callaudit.hangup.record import read_record
from callaudit.pipeline import prepare
from callaudit.settings import HangupSettings
from tests.benchmarks.hangup import engines_for, run
from tests.builders import make_acoustics, make_analysis, make_finding, make_hangup, make_judged
from tests.simulator.bridge import BEGUN_AT, record_of, source_of, truth_of
from tests.simulator.measure import measure
from tests.simulator.render import SimulatedCall, render
from tests.simulator.script import (
    Clock,
    Codec,
    HangUp,
    Line,
    Say,
    Script,
    Shape,
    Signal,
    Sound,
    Source,
    Tail,
    Twist,
    Wait,
)
from tests.simulator.shapes import CASES, scripts, write

SAID = Say(party=Party.AGENT, text="感谢来电再见", gap_ms=0)
REMARK = Say(party=Party.AGENT, text="总算打发走了", gap_ms=2000, after=True)


def call(**changes: Any) -> SimulatedCall:
    """A goodbye, the hang-up, two remarks."""
    steps = (SAID, HangUp(by=None, kind=Source.CLOSING), REMARK, REMARK)
    return render(Script(**{"name": "one", "steps": steps, "shape": Shape.S1, "source": Source.CLOSING, **changes}), 1)


def judged(at_ms: int | None, *spans: TimeSpan) -> Any:
    findings = tuple(make_finding(span=span, category=Category.POST_HANGUP) for span in spans)
    hangup = None if at_ms is None else make_hangup(at_ms)
    return make_judged(analysis=make_analysis(hangup=hangup), findings=findings)


def ending(of: SimulatedCall, result: Any) -> EndingRates:
    return summed([measure(of, result).ending])


def test_a_perfect_result_has_no_fault() -> None:
    one = call()
    assert one.truth.hangup is not None
    result = measure(one, judged(one.truth.hangup.at_ms, one.truth.after[0].cover(one.truth.after[1])))
    assert not result.is_wrong
    rates = summed([result.ending])
    assert (rates.late_speech.precision, rates.late_speech.recall, rates.median_ms) == (1.0, 1.0, 0)


def test_half_the_talk_and_a_finding_of_nothing_cost_recall_and_precision() -> None:
    one = call()
    assert one.truth.hangup is not None
    result = measure(one, judged(one.truth.hangup.at_ms + 300, one.truth.after[0], TimeSpan(0, 100)))
    assert result.is_wrong
    rates = summed([result.ending])
    assert (rates.late_speech.precision, rates.late_speech.recall, rates.p95_ms) == (0.5, 0.5, 300)


def test_either_end_is_right_where_the_next_call_follows() -> None:
    (script,) = (script for script in scripts(len(CASES), 3) if script.tail is Tail.NEXT_CALL)
    one = render(script, 3)
    (other_ms,) = one.truth.other_ends_ms
    assert one.truth.hangup is not None
    assert measure(one, judged(other_ms + 50)).ending.hangup.error_ms == 50
    assert measure(one, judged(one.truth.hangup.at_ms - 50)).ending.hangup.error_ms == -50


def test_a_hangup_amid_a_call_without_one_is_false_and_a_finding_flags_it() -> None:
    innocent = call(steps=(SAID, Wait(ms=3000), SAID), shape=Shape.INNOCENT, source=Source.NOTHING, tail=Tail.QUIET)
    last_ms = innocent.truth.spoken[-1].span.end_ms
    assert ending(innocent, judged(last_ms)).false == 0
    wrong = ending(innocent, judged(1000, TimeSpan(2000, 3000)))
    assert (wrong.false, wrong.innocent_flagged, wrong.innocent) == (1, 1, 1)


def test_nobody_has_to_find_the_end_before_a_harmless_word() -> None:
    chatty = call(shape=Shape.INNOCENT, tail=Tail.CHAT)
    assert ending(chatty, judged(None)).hangups == 0
    assert ending(chatty, judged(0)).hangups == 1


def test_calls_are_labelled_by_what_was_simulated() -> None:
    one = call(line=Line(is_mixed=True, codec=Codec.GSM, echo_db=-20.0))
    assert measure(one, judged(None)).ending.labels == {
        "recording": "mixed",
        "shape": "S1",
        "shape, recording": "S1 mixed",
        "evidence": "closing",
        "codec": "gsm",
        "fault": "echo",
    }


def test_a_tone_is_false_unless_the_exchange_sent_one_that_ends_a_call() -> None:
    def heard(signal: Signal, start_ms: int) -> int:
        one = call(steps=(SAID, Sound(signal=signal, duration_ms=4000, wait=True)))
        tone = Tone(TimeSpan(start_ms, start_ms + 2100), 1, ToneKind.BUSY, 3, 450.0)
        analysis = make_analysis(acoustics=make_acoustics(tones=(tone,)))
        return measure(one, make_judged(analysis=analysis)).false_tones

    sent_ms = call().truth.spoken[0].span.end_ms
    assert heard(Signal.BUSY, sent_ms + 500) == 0
    assert heard(Signal.RINGBACK, sent_ms + 500) == 1
    assert heard(Signal.BUSY, sent_ms + 9000) == 1


def test_the_record_is_written_in_whole_seconds_of_its_own_clock() -> None:
    late = call(clock=Clock(offset_ms=700))
    record = record_of(late)
    assert record is not None
    assert late.truth.hangup is not None
    assert record.customer_hangup_at is not None
    off_ms = (record.customer_hangup_at - BEGUN_AT).total_seconds() * 1000 - late.truth.hangup.at_ms
    assert -300 <= off_ms <= 700
    assert record.customer_hangup_at.microsecond == 0
    assert record_of(call()) is None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("twist", [Twist.RECORD_DRIFTS, Twist.RECORD_OF_ANOTHER])
def test_a_record_of_another_length_is_further_off_than_any_clock(twist: Twist, seed: int) -> None:
    (case,) = (case for case in CASES if case.twist is twist)
    one = render(replace(write(case, Random(seed), "faulty", is_mixed=False), line=Line()), seed)
    record = record_of(one)
    assert record is not None
    assert record.ended_at is not None
    length_ms = (record.ended_at - BEGUN_AT).total_seconds() * 1000
    assert abs(length_ms - one.truth.duration_ms) > 3000
    reading = read_record(record, one.truth.duration_ms, HangupSettings().record_tolerance_ms)
    assert (reading.witness, reading.doubt) == (None, Warn.RECORD_DISTRUSTED)


def test_a_record_without_a_hangup_names_the_end_and_nobody() -> None:
    record = record_of(call(clock=Clock(has_hangup=False)))
    assert record is not None
    assert (record.customer_hangup_at, record.hangup_by) == (None, None)
    assert record.ended_at is not None


def test_blurring_moves_utterances_a_little_and_always_the_same_way() -> None:
    one = call()
    told, blurred = truth_of(one), truth_of(one, 150)
    assert blurred == truth_of(one, 150) != told
    for exact, moved in zip(told.utterances, blurred.utterances, strict=True):
        assert abs(exact.span.start_ms - moved.span.start_ms) <= 150
        assert abs(exact.span.end_ms - moved.span.end_ms) <= 150


def test_every_case_comes_once_stereo_and_once_mixed() -> None:
    drawn = list(scripts(2 * len(CASES), 5))
    kinds = Counter((one.shape, one.tail, one.twist, one.line.is_mixed) for one in drawn)
    for case in CASES:
        alike = CASES.count(case) + sum(  # one that differs by its evidence alone
            other.source is not case.source
            for other in CASES
            if (other.shape, other.tail, other.twist) == (case.shape, case.tail, case.twist)
        )
        assert {kinds[case.shape, case.tail, case.twist, is_mixed] for is_mixed in (False, True)} == {alike}
    assert {tail for _, tail, _, _ in kinds} == set(Tail)
    assert {twist for _, _, twist, _ in kinds} == set(Twist)
    assert sum(one.line.is_mixed for one in drawn) == len(CASES)


def test_only_the_guilty_talk_after_the_hangup_or_on_hold() -> None:
    for script in scripts(len(CASES), 5):
        one = render(replace(script, line=replace(script.line, codec=Codec.NONE)), 5)
        end = one.truth.hangup
        assert bool(one.truth.after) == (one.script.shape is not Shape.INNOCENT)
        on_hold = one.script.shape is Shape.S4
        assert all(on_hold or (end is not None and span.start_ms >= end.at_ms) for span in one.truth.after)
        assert all(any(span.clip(held.span) == span for held in one.truth.held) for span in one.truth.after if on_hold)
        assert one.truth.duration_ms == one.samples.shape[1] // 8


def test_the_programs_own_stages_take_a_simulated_call() -> None:
    one = call(steps=(SAID, replace(SAID, party=Party.CUSTOMER), *call().script.steps[1:]), lead_out_ms=4000)
    prepared = prepare(source_of(one), engines_for(one))
    assert prepared.acoustics.duration_ms == one.truth.duration_ms
    assert [region.channel for region in prepared.acoustics.regions] == [0, 1, 0, 0]
    result = run(one).ending
    assert result.hangup.error_ms == 0
    assert result.late_speech == CategoryScore(true=2, found=2, reported=1, right=1)
