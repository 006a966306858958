"""Calls that are hard in one certain way, and the call records that go with them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.simulator import phrases
from tests.simulator.parts import AGENT, CUSTOMER, Case, Ending, dialogue, disconnect, draw_tone, goodbyes, talk
from tests.simulator.script import (
    Clock,
    ClosingEnd,
    HangUp,
    LineDrops,
    OtherEnd,
    Say,
    Signal,
    Source,
    Step,
    Twist,
    Wait,
)

DROPS_AFTER_MS = (1000, 4000, 10_000)
"""The line drops so long after the last remark."""


def twisted(twist: Twist) -> Ending:
    """The steps of a twisted call, drawn."""
    return _ENDINGS[twist]


def draw_clock(rng: random.Random, twist: Twist) -> Clock | None:
    """The call record of a twisted call; None where it has none."""
    return _CLOCKS[twist](rng) if twist in _CLOCKS else None


def _hung_up(rng: random.Random, case: Case) -> Iterator[Step]:
    """The customer hangs up after the goodbyes, and the line tells."""
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield Wait(ms=rng.randint(200, 2500))
    yield HangUp(by=CUSTOMER, kind=case.source)
    yield from disconnect(rng, Source.TONE)
    yield from talk(rng)


def _left_open(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield from _nobody_hangs_up(rng, case)


def _agent_only(rng: random.Random, case: Case) -> Iterator[Step]:
    """The agent says goodbye, the customer nothing."""
    yield from dialogue(rng)
    yield Say(party=AGENT, text=rng.choice(phrases.CLOSINGS)[0], gap_ms=rng.randint(250, 1100))
    yield from _nobody_hangs_up(rng, case)


def _customer_only(rng: random.Random, case: Case) -> Iterator[Step]:
    """The customer says goodbye, the agent does not answer it."""
    yield from dialogue(rng)
    yield Say(party=CUSTOMER, text=rng.choice(phrases.CUSTOMER_FIRST)[0], gap_ms=rng.randint(100, 1100))
    if case.source is not Source.TONE:
        yield from _nobody_hangs_up(rng, case)
        return
    yield ClosingEnd()
    yield Wait(ms=rng.randint(200, 1500))
    yield HangUp(by=CUSTOMER, kind=Source.TONE)
    yield from disconnect(rng, Source.TONE)
    yield Wait(ms=rng.randint(3000, 8000))


def _nobody_hangs_up(rng: random.Random, case: Case) -> Iterator[Step]:
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    if case.is_innocent:
        yield Wait(ms=rng.randint(3000, 9000))
    else:
        yield from talk(rng, (1500, 8000))


def _cut_in(rng: random.Random, case: Case) -> Iterator[Step]:
    """The customer hangs up while the agent still says goodbye."""
    yield from dialogue(rng)
    theirs = rng.choice(phrases.CUSTOMER_FIRST)[0]
    yield Say(party=CUSTOMER, text=theirs, gap_ms=rng.randint(100, 1100))
    yield Say(party=AGENT, text=rng.choice(phrases.CLOSINGS)[0], gap_ms=rng.randint(150, 600))
    yield ClosingEnd()
    early_ms = rng.randint(200, 900)
    yield Wait(ms=-early_ms)
    yield HangUp(by=CUSTOMER, kind=Source.TONE)
    yield LineDrops()
    yield draw_tone(rng, rng.choice((Signal.BUSY, Signal.BUSY, Signal.DIAL)), 15_000, delay_ms=rng.randint(0, 250))
    yield Wait(ms=early_ms)
    yield from talk(rng)


def _mocks_first(rng: random.Random, case: Case) -> Iterator[Step]:
    """Nobody hangs up, the agent talks, and only then the line drops."""
    yield from _left_open(rng, case)
    yield Wait(ms=rng.choice(DROPS_AFTER_MS))
    yield OtherEnd()
    yield from disconnect(rng, rng.choice((Source.LINE, Source.TONE)))
    yield Wait(ms=3000)


def _long_wait(rng: random.Random, case: Case) -> Iterator[Step]:
    """The agent waits for the customer to hang up, long and silent, as the rules of service ask."""
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield Wait(ms=rng.randint(12_000, 40_000))
    yield HangUp(by=CUSTOMER, kind=Source.TONE)
    yield from disconnect(rng, Source.TONE)
    yield Wait(ms=rng.randint(4000, 8000))


def _sign(rng: random.Random) -> int:
    return rng.choice((-1, 1))


_ENDINGS: dict[Twist, Ending] = {
    Twist.ALL_AGREE: _hung_up,
    Twist.RECORD_AGAINST_TONE: _hung_up,
    Twist.RECORD_DRIFTS: _hung_up,
    Twist.RECORD_OF_ANOTHER: _left_open,
    Twist.RECORD_WITHOUT_HANGUP: _hung_up,
    Twist.AGENT_ONLY: _agent_only,
    Twist.CUSTOMER_ONLY: _customer_only,
    Twist.CUT_IN: _cut_in,
    Twist.MOCKS_FIRST: _mocks_first,
    Twist.LONG_WAIT: _long_wait,
}
_CLOCKS: dict[Twist, Callable[[random.Random], Clock]] = {
    Twist.ALL_AGREE: lambda rng: Clock(offset_ms=rng.randint(-400, 400)),
    Twist.RECORD_AGAINST_TONE: lambda rng: Clock(offset_ms=_sign(rng) * rng.randint(1500, 2500)),
    Twist.RECORD_DRIFTS: lambda rng: Clock(
        offset_ms=rng.randint(-3000, 3000), stretch_ms=_sign(rng) * rng.randint(7000, 40_000)
    ),
    Twist.RECORD_OF_ANOTHER: lambda rng: Clock(is_of_another_call=True),
    Twist.RECORD_WITHOUT_HANGUP: lambda rng: Clock(offset_ms=rng.randint(-400, 400), has_hangup=False),
}
