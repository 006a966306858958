"""What scripts are built of: cases, dialogue, goodbyes, talk, tones, and the line that goes dead."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callaudit.domain.calls import Party
from tests.simulator import phrases
from tests.simulator.script import LineDrops, Say, Shape, Signal, Sound, Source, Step, Tail, Twist

AGENT, CUSTOMER, SYSTEM = Party.AGENT, Party.CUSTOMER, Party.SYSTEM


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of call: its shape, what tells the hang-up, its innocent tail."""

    shape: Shape
    source: Source
    tail: Tail = Tail.NONE
    twist: Twist = Twist.NONE

    @property
    def is_innocent(self) -> bool:
        """Whether nothing of it is to be flagged."""
        return self.shape is Shape.INNOCENT


Ending = Callable[[random.Random, Case], Iterator[Step]]


def draw_tone(rng: random.Random, signal: Signal, duration_ms: int, *, delay_ms: int = 0) -> Sound:
    """A tone within the tolerances of GB/T 3380, after some loss on the line."""
    return Sound(
        signal=signal,
        duration_ms=duration_ms,
        gap_ms=delay_ms,
        level_dbfs=rng.uniform(-28, -12),
        error_hz=rng.uniform(-25, 25),
        jitter=rng.uniform(0, 0.1),
    )


def dialogue(rng: random.Random, *, customer_voice: int | None = None) -> Iterator[Step]:
    """Greeting, complaint and a few questions, with here and there a confusing tone."""
    yield agent(rng.choice(phrases.GREETINGS), rng)
    yield customer(rng.choice(phrases.REPLIES), rng, customer_voice)
    for question, answer in rng.sample(phrases.EXCHANGES, rng.randint(2, 4)):
        yield agent(question, rng)
        if rng.random() < 0.1:
            yield draw_tone(rng, rng.choice((Signal.CALL_WAITING, Signal.RECORD_NOTICE, Signal.LONG_DISTANCE)), 5000)
        yield customer(answer, rng, customer_voice)


def goodbyes(rng: random.Random, *, customer_voice: int | None = None) -> Iterator[Step]:
    """Both say goodbye, the agent first or the customer."""
    if rng.random() < 0.7:
        mine, theirs = rng.choice(phrases.CLOSINGS)
        yield agent(mine, rng)
        yield customer(theirs, rng, customer_voice)
    else:
        theirs, mine = rng.choice(phrases.CUSTOMER_FIRST)
        yield customer(theirs, rng, customer_voice)
        yield agent(mine, rng)


def talk(rng: random.Random, first_gap_ms: tuple[int, int] = (800, 6000)) -> Iterator[Step]:
    """What the agent says to a colleague once the call is over."""
    level_db = rng.choice((0.0, -4.0, -7.0, -10.0))
    for at, remark in enumerate(rng.choice(phrases.REMARKS)):
        gap_ms = rng.randint(*first_gap_ms) if at == 0 else rng.randint(300, 1500)
        yield Say(party=AGENT, text=remark, gap_ms=gap_ms, level_db=level_db, after=True)


def disconnect(rng: random.Random, source: Source) -> Iterator[Step]:
    """What the line does when the customer has gone."""
    if source is Source.CLOSING:
        yield LineDrops()
    elif source is Source.LINE:
        yield LineDrops(noise_dbfs=rng.choice((None, None, -78.0, -40.0)))
    elif source is Source.TONE:
        yield LineDrops()
        signal = rng.choice((Signal.BUSY, Signal.BUSY, Signal.CONGESTION, Signal.DIAL, Signal.HOWLER))
        yield draw_tone(rng, signal, rng.choice((6000, 15_000, 60_000)), delay_ms=rng.randint(0, 250))


def agent(text: str, rng: random.Random) -> Say:
    """The agent says something in turn."""
    return Say(party=AGENT, text=text, gap_ms=rng.randint(250, 1100))


def customer(text: str, rng: random.Random, voice: int | None = None) -> Say:
    """The customer does, now and then cutting in."""
    return Say(party=CUSTOMER, text=text, gap_ms=rng.randint(-100, 1100), speaker=voice)
