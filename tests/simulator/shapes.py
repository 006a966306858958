"""Scripts of calls of every shape, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from tests.simulator import phrases
from tests.simulator.draw import draw_line
from tests.simulator.music import Style
from tests.simulator.parts import (
    AGENT,
    CUSTOMER,
    SYSTEM,
    Case,
    Ending,
    agent,
    customer,
    dialogue,
    disconnect,
    draw_tone,
    goodbyes,
    talk,
)
from tests.simulator.script import (
    Clock,
    ClosingEnd,
    HangUp,
    HoldOff,
    HoldOn,
    MusicOff,
    MusicOn,
    OtherEnd,
    Say,
    Script,
    Shape,
    Signal,
    Source,
    Step,
    Tail,
    Twist,
    Wait,
)
from tests.simulator.twists import draw_clock, twisted

NEXT_CUSTOMER_VOICE = 7
OTHER_AGENT_VOICE = 3


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
    Case(Shape.S2, Source.RECORD, twist=Twist.ALL_AGREE),
    Case(Shape.S2, Source.TONE, twist=Twist.RECORD_AGAINST_TONE),
    Case(Shape.S2, Source.TONE, twist=Twist.RECORD_DRIFTS),
    Case(Shape.S1, Source.CLOSING, twist=Twist.RECORD_OF_ANOTHER),
    Case(Shape.S2, Source.TONE, twist=Twist.RECORD_WITHOUT_HANGUP),
    Case(Shape.S1, Source.CLOSING, twist=Twist.AGENT_ONLY),
    Case(Shape.INNOCENT, Source.CLOSING, Tail.QUIET, Twist.AGENT_ONLY),
    Case(Shape.S1, Source.CLOSING, twist=Twist.CUSTOMER_ONLY),
    Case(Shape.INNOCENT, Source.TONE, Tail.QUIET, Twist.CUSTOMER_ONLY),
    Case(Shape.S2, Source.TONE, twist=Twist.CUT_IN),
    Case(Shape.S1, Source.CLOSING, twist=Twist.MOCKS_FIRST),
    Case(Shape.INNOCENT, Source.TONE, Tail.QUIET, Twist.LONG_WAIT),
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
    line = draw_line(rng, is_mixed=is_mixed)
    return Script(
        name=name,
        steps=tuple(_ending(case)(rng, case)),
        shape=case.shape,
        source=case.source,
        tail=case.tail,
        twist=case.twist,
        line=replace(line, is_gated=line.is_gated and case.source is not Source.LINE),
        clock=_clock(rng, case),
        lead_in_ms=rng.randint(300, 1500),
        lead_out_ms=rng.choice((1000, 1500, 4000, 10_000)),
    )


def _ending(case: Case) -> Ending:
    if case.twist is not Twist.NONE:
        return twisted(case.twist)
    return _ENDINGS[case.tail] if case.is_innocent else _SHAPES[case.shape]


def _clock(rng: random.Random, case: Case) -> Clock | None:
    if case.twist is not Twist.NONE:
        return draw_clock(rng, case.twist)
    return Clock(offset_ms=rng.randint(-400, 400)) if case.source is Source.RECORD else None


def _open_line(rng: random.Random, case: Case) -> Iterator[Step]:
    """S1: the goodbyes are the end, nobody hangs up."""
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield HangUp(by=None, kind=Source.CLOSING)
    yield from talk(rng, (800, 9000))


def _customer_left(rng: random.Random, case: Case) -> Iterator[Step]:
    """S2: the customer hangs up, after the goodbyes or in anger."""
    yield from dialogue(rng)
    if case.source is not Source.CLOSING and rng.random() < 0.3:
        yield customer(rng.choice(phrases.CUT_OFF), rng)
    else:
        yield from goodbyes(rng)
        yield ClosingEnd()
        if case.source is Source.CLOSING:
            yield OtherEnd()  # nothing on the recording tells that the customer stayed on for a moment
    yield Wait(ms=rng.randint(200, 2500))
    yield HangUp(by=CUSTOMER, kind=case.source)
    yield from disconnect(rng, case.source)
    yield from talk(rng)


def _mailbox(rng: random.Random, case: Case) -> Iterator[Step]:
    """S3: nobody answers but a machine."""
    yield replace(draw_tone(rng, Signal.RINGBACK, rng.choice((5000, 10_000))), wait=True)
    yield Wait(ms=800)
    yield HangUp(by=SYSTEM, kind=Source.PROMPT)
    for prompt in rng.choice(phrases.MAILBOXES + phrases.NETWORK):
        yield Say(party=SYSTEM, text=prompt, gap_ms=300)
    if rng.random() < 0.5:
        yield draw_tone(rng, Signal.BUSY, 8000, delay_ms=300)
    yield from talk(rng)


def _quiet(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    if case.source is Source.TONE:
        yield Wait(ms=rng.randint(200, 2500))
        yield HangUp(by=CUSTOMER, kind=Source.TONE)
        yield from disconnect(rng, Source.TONE)
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
    yield agent(rng.choice(phrases.GREETINGS), rng)
    if rng.random() < 0.5:
        yield customer(rng.choice(phrases.REPLIES), rng)
        yield agent("您说的是哪个小区", rng)
    for line in rng.choice(phrases.NOBODY_THERE):
        yield Say(party=AGENT, text=line, gap_ms=rng.randint(3000, 7000))
    yield ClosingEnd()


def _one_more_question(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield from goodbyes(rng)
    question, answer, thanks = rng.choice(phrases.MORE_QUESTIONS)
    yield Say(party=CUSTOMER, text=question, gap_ms=rng.randint(200, 2500))
    yield agent(answer, rng)
    yield customer(thanks, rng)
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
    yield agent(mine, rng)
    yield customer(theirs, rng)
    yield replace(draw_tone(rng, Signal.RINGBACK, rng.choice((6000, 10_500)), delay_ms=700), wait=True)
    yield Say(party=AGENT, text="您好，专席为您服务，您请讲", gap_ms=400, speaker=OTHER_AGENT_VOICE)
    yield customer(rng.choice(phrases.REPLIES), rng)
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
    yield agent("请您稍等，我去问一下同事", rng)
    yield customer("好的", rng)
    yield Say(party=AGENT, text="哎这个退费现在是走哪个口子", gap_ms=rng.randint(2500, 6000), level_db=-6)
    yield Say(party=AGENT, text="哦知道了，要先去窗口登记", gap_ms=rng.randint(2500, 6000), level_db=-6)
    yield Say(party=AGENT, text="您好，让您久等了，这个要先到窗口登记", gap_ms=rng.randint(1500, 4000))
    yield customer("行，那我明天过去", rng)
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
    yield agent(rng.choice(phrases.WAITS), rng)
    yield customer(rng.choice(phrases.WAITING), rng)
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
    yield customer("行，那我明天过去", rng)
    yield from goodbyes(rng)
    yield ClosingEnd()


def _radio(rng: random.Random, case: Case) -> Iterator[Step]:
    yield MusicOn(style=rng.choice(tuple(Style)), level_dbfs=rng.uniform(-50, -34))
    yield from dialogue(rng)
    yield agent("请您稍等，我给您查一下", rng)
    yield Say(party=AGENT, text="系统有点慢，这边正在查，马上就好", gap_ms=rng.randint(6000, 12_000))
    yield Say(party=AGENT, text="查到了，已经派给维修班了", gap_ms=rng.randint(3000, 6000))
    yield customer("行，那我等着", rng)
    yield from goodbyes(rng)
    yield ClosingEnd()
    yield Wait(ms=500)
    yield MusicOff()


def _unnoticed(rng: random.Random, case: Case) -> Iterator[Step]:
    yield from dialogue(rng)
    yield customer(rng.choice(phrases.CUT_OFF), rng)
    yield Wait(ms=rng.randint(200, 800))
    yield HangUp(by=CUSTOMER, kind=Source.TONE)
    yield from disconnect(rng, Source.TONE)
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


_SHAPES: dict[Shape, Ending] = {
    Shape.S1: _open_line,
    Shape.S2: _customer_left,
    Shape.S3: _mailbox,
    Shape.S4: _mocked_on_hold,
}
_ENDINGS: dict[Tail, Ending] = {
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
