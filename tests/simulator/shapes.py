"""Scripts of calls of every shape, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from callaudit.domain.calls import Party
from tests.simulator import phrases
from tests.simulator.music import Style
from tests.simulator.script import (
    Clock,
    ClosingEnd,
    Codec,
    HangUp,
    HoldOff,
    HoldOn,
    Line,
    LineDrops,
    MusicOff,
    MusicOn,
    OtherEnd,
    Say,
    Script,
    Shape,
    Signal,
    Sound,
    Source,
    Step,
    Tail,
    Trunk,
    Wait,
)

AGENT, CUSTOMER, SYSTEM = Party.AGENT, Party.CUSTOMER, Party.SYSTEM
NEXT_CUSTOMER_VOICE = 7
OTHER_AGENT_VOICE = 3
CODED = tuple(codec for codec in Codec if codec is not Codec.NONE)


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of call: its shape, what tells the hang-up, its innocent tail."""

    shape: Shape
    source: Source
    tail: Tail = Tail.NONE


CASES = (
    Case(Shape.S1, Source.CLOSING),
    Case(Shape.S2, Source.TONE),
    Case(Shape.S2, Source.LINE),
    Case(Shape.S2, Source.RECORD),
    Case(Shape.S3, Source.PROMPT),
    Case(Shape.INNOCENT, Source.TONE, Tail.QUIET),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.QUIET),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.SURVEY),
    Case(Shape.INNOCENT, Source.NOTHING, Tail.SILENT_CALLER),
    Case(Shape.INNOCENT, Source.NOTHING, Tail.ONE_MORE_QUESTION),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.READ_BACK),
    Case(Shape.INNOCENT, Source.NOTHING, Tail.TRANSFER),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.NEXT_CALL),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.CHAT),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.BACKGROUND),
    Case(Shape.INNOCENT, Source.NOTHING, Tail.HOLD),
    Case(Shape.INNOCENT, Source.TONE, Tail.UNNOTICED),
    Case(Shape.S4, Source.RECORD),
    Case(Shape.S4, Source.NOTHING),
    Case(Shape.INNOCENT, Source.RECORD, Tail.CONSULTED),
    Case(Shape.INNOCENT, Source.NOTHING, Tail.CONSULTED),
    Case(Shape.INNOCENT, Source.NOTHING, Tail.RADIO),
    Case(Shape.INNOCENT, Source.PROMPT, Tail.MESSAGE),
)


def scripts(count: int, seed: int) -> Iterator[Script]:
    """`count` scripts, every case in turn, each once on two channels and then once mixed."""
    for number in range(count):
        rng = random.Random(f"callaudit {seed} {number}")
        case = CASES[number % len(CASES)]
        yield write(case, rng, f"sim-{seed}-{number:04d}", is_mixed=bool(number // len(CASES) % 2))


def write(case: Case, rng: random.Random, name: str, *, is_mixed: bool) -> Script:
    """One script of a case.

    In a mixed recording the customer's line cannot be told apart: there only the goodbyes tell.
    """
    if is_mixed and case.source is Source.LINE:
        case = replace(case, source=Source.CLOSING)
    ending = _ENDINGS[case.tail] if case.shape is Shape.INNOCENT else _SHAPES[case.shape]
    line = draw_line(rng, is_mixed=is_mixed)
    return Script(
        name=name,
        steps=tuple(ending(rng, case)),
        shape=case.shape,
        source=case.source,
        tail=case.tail,
        line=replace(line, is_gated=line.is_gated and case.source is not Source.LINE),
        clock=Clock(offset_ms=rng.randint(-400, 400)) if case.source is Source.RECORD else None,
        lead_in_ms=rng.randint(300, 1500),
        lead_out_ms=rng.choice((1000, 1500, 4000, 10_000)),
    )


def draw_line(rng: random.Random, *, is_mixed: bool) -> Line:
    """A line with ordinary faults: every one of them on some calls."""
    return Line(
        is_mixed=is_mixed,
        noise_dbfs=rng.uniform(-68, -50),
        agent_dbfs=rng.uniform(-26, -17),
        customer_dbfs=rng.uniform(-30, -19),
        echo_db=rng.choice((None, None, rng.uniform(-32, -18))),
        echo_delay_ms=rng.randint(20, 180),
        crosstalk_db=rng.choice((None, None, rng.uniform(-45, -32))),
        clip_dbfs=rng.choice((None, None, None, rng.uniform(-10, -4))),
        loss=rng.choice((0.0, 0.0, rng.uniform(0.002, 0.03))),
        codec=rng.choice((Codec.NONE,) * len(CODED) + CODED),
        is_gated=rng.random() < 0.15,
        trunk=rng.choice((Trunk.ALAW, Trunk.ALAW, Trunk.MULAW, Trunk.LINEAR)),
    )


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
    yield _agent(rng.choice(phrases.GREETINGS), rng)
    yield _customer(rng.choice(phrases.REPLIES), rng, customer_voice)
    for question, answer in rng.sample(phrases.EXCHANGES, rng.randint(2, 4)):
        yield _agent(question, rng)
        if rng.random() < 0.1:
            yield draw_tone(rng, rng.choice((Signal.CALL_WAITING, Signal.RECORD_NOTICE, Signal.LONG_DISTANCE)), 5000)
        yield _customer(answer, rng, customer_voice)


def goodbyes(rng: random.Random, *, customer_voice: int | None = None) -> Iterator[Step]:
    """Both say goodbye, the agent first or the customer."""
    if rng.random() < 0.7:
        mine, theirs = rng.choice(phrases.CLOSINGS)
        yield _agent(mine, rng)
        yield _customer(theirs, rng, customer_voice)
    else:
        theirs, mine = rng.choice(phrases.CUSTOMER_FIRST)
        yield _customer(theirs, rng, customer_voice)
        yield _agent(mine, rng)


def _talk(rng: random.Random, first_gap_ms: tuple[int, int] = (800, 6000)) -> Iterator[Step]:
    """What the agent says to a colleague once the call is over."""
    level_db = rng.choice((0.0, -4.0, -7.0, -10.0))
    for at, remark in enumerate(rng.choice(phrases.REMARKS)):
        gap_ms = rng.randint(*first_gap_ms) if at == 0 else rng.randint(300, 1500)
        yield Say(party=AGENT, text=remark, gap_ms=gap_ms, level_db=level_db, after=True)


def _open_line(rng: random.Random, case: Case) -> Iterator[Step]:
    """S1: the goodbyes are the end, nobody hangs up."""
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    yield from _talk(rng, (800, 9000))


def _customer_left(rng: random.Random, case: Case) -> Iterator[Step]:
    """S2: the customer hangs up, after the goodbyes or in anger."""
    yield from dialogue(rng)
    if case.source is not Source.CLOSING and rng.random() < 0.3:
        yield _customer(rng.choice(phrases.CUT_OFF), rng)
    else:
        yield from goodbyes(rng)
        yield ClosingEnd()
        if case.source is Source.CLOSING:
            yield OtherEnd()  # nothing on the recording tells that the customer stayed on for a moment
    yield Wait(ms=rng.randint(200, 2500))
    yield HangUp(by=CUSTOMER, kind=case.source)
    yield from _disconnect(rng, case.source)
    yield from _talk(rng)


def _disconnect(rng: random.Random, source: Source) -> Iterator[Step]:
    """What the line does when the customer has gone."""
    if source is Source.CLOSING:
        yield LineDrops()
    elif source is Source.LINE:
        yield LineDrops(noise_dbfs=rng.choice((None, None, -78.0, -40.0)))
    elif source is Source.TONE:
        yield LineDrops()
        signal = rng.choice((Signal.BUSY, Signal.BUSY, Signal.CONGESTION, Signal.DIAL, Signal.HOWLER))
        yield draw_tone(rng, signal, rng.choice((6000, 15_000, 60_000)), delay_ms=rng.randint(0, 250))


def _mailbox(rng: random.Random, case: Case) -> Iterator[Step]:
    """S3: nobody answers but a machine."""
    yield replace(draw_tone(rng, Signal.RINGBACK, rng.choice((5000, 10_000))), wait=True)
    yield Wait(ms=800)
    yield HangUp(by=SYSTEM, kind=Source.PROMPT)
    for prompt in rng.choice(phrases.MAILBOXES + phrases.NETWORK):
        yield Say(party=SYSTEM, text=prompt, gap_ms=300)
    if rng.random() < 0.5:
        yield draw_tone(rng, Signal.BUSY, 8000, delay_ms=300)
    yield from _talk(rng)


def _quiet(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    if case.source is Source.TONE:
        yield Wait(ms=rng.randint(200, 2500))
        yield HangUp(by=CUSTOMER, kind=Source.TONE)
        yield from _disconnect(rng, Source.TONE)
    else:
        yield HangUp(by=None, kind=Source.CLOSING)
    yield Wait(ms=rng.randint(3000, 9000))


def _survey(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=AGENT, kind=Source.CLOSING)
    for at, prompt in enumerate(rng.choice(phrases.SURVEYS)):
        yield Say(party=SYSTEM, text=prompt, gap_ms=rng.randint(800, 5000) if at else rng.randint(300, 2000))


def _silent_caller(rng: random.Random, case: Case) -> Iterator[Step]:
    yield _agent(rng.choice(phrases.GREETINGS), rng)
    if rng.random() < 0.5:
        yield _customer(rng.choice(phrases.REPLIES), rng)
        yield _agent("您说的是哪个小区", rng)
    for line in rng.choice(phrases.NOBODY_THERE):
        yield Say(party=AGENT, text=line, gap_ms=rng.randint(3000, 7000))
    yield ClosingEnd()


def _one_more_question(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    question, answer, thanks = rng.choice(phrases.MORE_QUESTIONS)
    yield Say(party=CUSTOMER, text=question, gap_ms=rng.randint(200, 2500))
    yield _agent(answer, rng)
    yield _customer(thanks, rng)
    yield from goodbyes(rng)
    yield ClosingEnd()


def _read_back(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    level_db = rng.choice((0.0, -5.0))
    for line in rng.choice(phrases.READ_BACKS):
        yield Say(party=AGENT, text=line, gap_ms=rng.randint(900, 3500), level_db=level_db)


def _transfer(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    mine, theirs = rng.choice(phrases.TRANSFERS)
    yield _agent(mine, rng)
    yield _customer(theirs, rng)
    yield replace(draw_tone(rng, Signal.RINGBACK, rng.choice((6000, 10_500)), delay_ms=700), wait=True)
    yield Say(party=AGENT, text="您好，专席为您服务，您请讲", gap_ms=400, speaker=OTHER_AGENT_VOICE)
    yield _customer(rng.choice(phrases.REPLIES), rng)
    yield Say(party=AGENT, text="好的我来处理，今天下午给您答复", speaker=OTHER_AGENT_VOICE)
    yield from goodbyes(rng)
    yield ClosingEnd()


def _next_call(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    yield Wait(ms=rng.randint(2500, 8000))
    yield from dialogue(rng, customer_voice=NEXT_CUSTOMER_VOICE)
    yield from goodbyes(rng, customer_voice=NEXT_CUSTOMER_VOICE)
    yield OtherEnd()


def _chat(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    yield Say(party=AGENT, text=rng.choice(phrases.WORDS), gap_ms=rng.randint(900, 5000), level_db=-5)
    yield OtherEnd()


def _background(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    for at, words in enumerate(rng.choice(phrases.AT_HOME)):
        gap_ms = rng.randint(300, 1500) if at else rng.randint(3000, 8000)
        yield Say(party=CUSTOMER, text=words, gap_ms=gap_ms, level_db=rng.choice((-3, -9)))


def _hold(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield _agent("请您稍等，我去问一下同事", rng)
    yield _customer("好的", rng)
    yield Say(party=AGENT, text="哎这个退费现在是走哪个口子", gap_ms=rng.randint(2500, 6000), level_db=-6)
    yield Say(party=AGENT, text="哦知道了，要先去窗口登记", gap_ms=rng.randint(2500, 6000), level_db=-6)
    yield Say(party=AGENT, text="您好，让您久等了，这个要先到窗口登记", gap_ms=rng.randint(1500, 4000))
    yield _customer("行，那我明天过去", rng)
    yield from goodbyes(rng)
    yield ClosingEnd()


def _mocked_on_hold(rng: random.Random, case: Case) -> Iterator[Step]:
    """S4: asked to wait, talked about, and thanked for waiting."""
    yield from _held(rng, case, rng.choice(phrases.HELD_REMARKS), after=True)


def _consulted(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from _held(rng, case, rng.choice(phrases.CONSULTATIONS), after=False)


def _held(rng: random.Random, case: Case, words: tuple[str, ...], *, after: bool) -> Iterator[Step]:
    """A call with a hold: by the record, muted or with music, or by music alone."""
    recorded, muted = case.source is Source.RECORD, rng.random() < 0.4
    has_music = not recorded or (not muted and rng.random() < 0.5)
    yield from dialogue(rng)
    yield _agent(rng.choice(phrases.WAITS), rng)
    yield _customer(rng.choice(phrases.WAITING), rng)
    yield Wait(ms=rng.randint(500, 2500))
    yield from [HoldOn(is_mute=muted)] if recorded else []
    yield from [MusicOn(style=rng.choice(tuple(Style)), level_dbfs=rng.uniform(-28, -18))] if has_music else []
    level_db = rng.choice((0.0, -4.0, -7.0))
    yield Wait(ms=rng.randint(1500, 6000))
    for text in words:
        yield Say(party=AGENT, text=text, gap_ms=rng.randint(300, 2500), level_db=level_db, after=after)
    yield Wait(ms=rng.randint(2500, 8000))
    yield from [MusicOff()] if has_music else []
    yield from [HoldOff()] if recorded else []
    yield Say(party=AGENT, text=rng.choice(phrases.BACK), gap_ms=rng.randint(700, 2500))
    yield _customer("行，那我明天过去", rng)
    yield from goodbyes(rng)
    yield ClosingEnd()


def _radio(rng: random.Random, case: Case) -> Iterator[Step]:
    yield MusicOn(style=rng.choice(tuple(Style)), level_dbfs=rng.uniform(-50, -34))
    yield from dialogue(rng)
    yield _agent("请您稍等，我给您查一下", rng)
    yield Say(party=AGENT, text="系统有点慢，这边正在查，马上就好", gap_ms=rng.randint(6000, 12_000))
    yield Say(party=AGENT, text="查到了，已经派给维修班了", gap_ms=rng.randint(3000, 6000))
    yield _customer("行，那我等着", rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield Wait(ms=500)
    yield MusicOff()


def _unnoticed(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield _customer(rng.choice(phrases.CUT_OFF), rng)
    yield Wait(ms=rng.randint(200, 800))
    yield HangUp(by=CUSTOMER, kind=Source.TONE)
    yield from _disconnect(rng, Source.TONE)
    for line in rng.choice(phrases.STILL_THERE):
        yield Say(party=AGENT, text=line, gap_ms=rng.randint(1000, 3500))
    yield ClosingEnd()


def _message(rng: random.Random, case: Case) -> Iterator[Step]:
    """The agent leaves a message on a mailbox."""
    yield replace(draw_tone(rng, Signal.RINGBACK, rng.choice((5000, 10_000))), wait=True)
    yield Wait(ms=800)
    yield HangUp(by=SYSTEM, kind=Source.PROMPT)
    for prompt in rng.choice(phrases.MAILBOXES):
        yield Say(party=SYSTEM, text=prompt, gap_ms=300)
    for words in rng.choice(phrases.MESSAGES):
        yield Say(party=AGENT, text=words, gap_ms=rng.randint(300, 1500))
    yield OtherEnd()


def _agent(text: str, rng: random.Random) -> Say:
    return Say(party=AGENT, text=text, gap_ms=rng.randint(250, 1100))


def _customer(text: str, rng: random.Random, voice: int | None = None) -> Say:
    return Say(party=CUSTOMER, text=text, gap_ms=rng.randint(-100, 1100), speaker=voice)


_Ending = Callable[[random.Random, Case], Iterator[Step]]
_SHAPES: dict[Shape, _Ending] = {
    Shape.S1: _open_line,
    Shape.S2: _customer_left,
    Shape.S3: _mailbox,
    Shape.S4: _mocked_on_hold,
}
_ENDINGS: dict[Tail, _Ending] = {
    Tail.QUIET: _quiet,
    Tail.SURVEY: _survey,
    Tail.SILENT_CALLER: _silent_caller,
    Tail.ONE_MORE_QUESTION: _one_more_question,
    Tail.READ_BACK: _read_back,
    Tail.TRANSFER: _transfer,
    Tail.NEXT_CALL: _next_call,
    Tail.CHAT: _chat,
    Tail.BACKGROUND: _background,
    Tail.HOLD: _hold,
    Tail.UNNOTICED: _unnoticed,
    Tail.CONSULTED: _consulted,
    Tail.RADIO: _radio,
    Tail.MESSAGE: _message,
}
