from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from callaudit.domain.calls import Party
from tests.simulator.parts import Case
from tests.simulator.render import SimulatedCall, render
from tests.simulator.script import ClosingEnd, Line, Say, Shape, Twist
from tests.simulator.shapes import CASES, write

TWISTED = [case for case in CASES if case.twist is not Twist.NONE]


def rendered(case: Case, seed: int, *, is_mixed: bool) -> SimulatedCall:
    """A call of the case over a line without faults, which costs the least."""
    script = write(case, Random(seed), f"twisted-{seed}", is_mixed=is_mixed)
    return render(replace(script, line=Line(is_mixed=is_mixed)), seed)


def calls(twist: Twist, count: int = 4) -> list[SimulatedCall]:
    """Several calls of every case of the twist."""
    return [rendered(case, seed, is_mixed=False) for case in TWISTED if case.twist is twist for seed in range(count)]


@pytest.mark.parametrize("case", TWISTED, ids=str)
def test_talk_is_flagged_on_the_guilty_calls_alone_and_after_the_end(case: Case) -> None:
    call = rendered(case, 1, is_mixed=True)
    assert bool(call.truth.after) == (case.shape is not Shape.INNOCENT)
    assert call.script.twist is case.twist
    assert call.truth.hangup is not None
    assert all(span.start_ms >= call.truth.hangup.at_ms for span in call.truth.after)


def test_the_line_drops_one_four_or_ten_seconds_after_the_last_remark() -> None:
    waits_ms = set()
    for call in calls(Twist.MOCKS_FIRST, 12):
        assert call.truth.drop_ms is not None
        assert call.truth.other_ends_ms == (call.truth.drop_ms,)
        waits_ms.add(call.truth.drop_ms - call.truth.after[-1].end_ms)
    assert waits_ms == {1000, 4000, 10_000}


@pytest.mark.parametrize(("twist", "party"), [(Twist.AGENT_ONLY, Party.AGENT), (Twist.CUSTOMER_ONLY, Party.CUSTOMER)])
def test_only_one_party_says_goodbye(twist: Twist, party: Party) -> None:
    for call in calls(twist):
        steps = call.script.steps
        at = next(number for number, step in enumerate(steps) if isinstance(step, ClosingEnd))
        goodbye, before = steps[at - 1], steps[at - 2]
        assert isinstance(goodbye, Say)
        assert goodbye.party is party
        assert isinstance(before, Say)
        assert before.party is Party.CUSTOMER


def test_the_customer_hangs_up_before_the_agent_has_said_goodbye() -> None:
    for call in calls(Twist.CUT_IN):
        truth = call.truth
        assert truth.hangup is not None
        assert truth.closing_end_ms is not None
        assert truth.drop_ms == truth.hangup.at_ms
        assert 200 <= truth.closing_end_ms - truth.hangup.at_ms <= 900
        assert truth.after[0].start_ms > truth.closing_end_ms


def test_the_agent_waits_long_and_silently() -> None:
    for call in calls(Twist.LONG_WAIT):
        truth = call.truth
        assert truth.hangup is not None
        assert truth.closing_end_ms is not None
        assert truth.hangup.at_ms - truth.closing_end_ms >= 12_000
        assert max(said.span.end_ms for said in truth.spoken) <= truth.closing_end_ms
