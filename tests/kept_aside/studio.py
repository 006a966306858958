"""A hand-written call to sound and truth: laid out, mixed at 16 kHz, sent over two trunks, then recorded."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan
from tests.kept_aside.sound import STUDIO_HZ, noise, room, speech, tone
from tests.simulator.codec import can_encode, through
from tests.simulator.render import SimulatedCall, SimulatedTruth, Sounded, Spoken, TrueEnd
from tests.simulator.script import (
    ClosingEnd,
    Codec,
    HangUp,
    LineDrops,
    OtherEnd,
    Say,
    Script,
    Sound,
    Step,
    Wait,
)
from tests.simulator.voice import LINE_HZ, Floats

NOISES = (("pink", -61.0), ("brown", -56.0), ("hum", -53.0), ("pink", -50.0), ("brown", -66.0))
LEVELS_DBFS = ((-20.0, -24.0), (-23.0, -20.0), (-18.0, -29.0), (-26.0, -22.0))
"""Agent and customer."""
ECHOES_DB = (None, -30.0, None, -24.0, None, None, -20.0)
LOSSES = (0.0, 0.0, 0.004, 0.0, 0.0, 0.012)
CODECS = (
    *(Codec.NONE, Codec.MP3_16, Codec.NONE, Codec.GSM, Codec.AMR_12, Codec.NONE),
    *(Codec.OPUS_12, Codec.NONE, Codec.AMR_5, Codec.NONE, Codec.G723, Codec.MP3_8, Codec.OPUS_6),
)
TONES = ((-14.0, 8.0, 0.03), (-21.0, -17.0, -0.04), (-11.0, 3.0, 0.0), (-26.0, 21.0, 0.06), (-18.0, -9.0, -0.07))
"""Level, error in Hz and stretch of the cycle."""
ECHO_DELAY_MS = 130
PACKET_MS = 30
FADE_MS = 2
"""A line is cut in so long."""


@dataclass(slots=True)
class _Plan:
    """Where the pen has got to."""

    now_ms: int = 0
    said: list[tuple[Spoken, Floats]] = field(default_factory=list)
    sounds: list[tuple[int, Sound]] = field(default_factory=list)
    closing_ms: int | None = None
    end: TrueEnd | None = None
    maybe_ms: list[int] = field(default_factory=list)
    drop: tuple[int, LineDrops] | None = None


def make(script: Script, number: int) -> SimulatedCall:
    """Sound and truth of one call; `number` chooses its voices, its line and its recorder."""
    script = _on_a_line(script, number)
    rng = np.random.default_rng(zlib.crc32(f"kept aside {script.name}".encode()))
    plan = _Plan(now_ms=300 + 170 * (number % 5))
    for step in script.steps:
        _take(plan, step, script, number)
    duration_ms = max([plan.now_ms, *(at_ms + sound.duration_ms for at_ms, sound in plan.sounds)]) + script.lead_out_ms
    samples = _recorded(_sides(script, plan, duration_ms, number, rng), script)
    truth = SimulatedTruth(
        duration_ms=duration_ms,
        spoken=tuple(sorted((said for said, _ in plan.said), key=lambda said: (said.span, said.channel))),
        tones=tuple(
            Sounded(sound, TimeSpan(at_ms, at_ms + sound.duration_ms), 450.0 + sound.error_hz)
            for at_ms, sound in plan.sounds
        ),
        closing_end_ms=plan.closing_ms,
        hangup=plan.end,
        other_ends_ms=tuple(plan.maybe_ms),
        drop_ms=plan.drop[0] if plan.drop else None,
    )
    return SimulatedCall(script, samples, truth)


def _on_a_line(script: Script, number: int) -> Script:
    agent_dbfs, customer_dbfs = LEVELS_DBFS[number % len(LEVELS_DBFS)]
    level_dbfs, error_hz, stretch = TONES[number % len(TONES)]
    codec = CODECS[number % len(CODECS)]
    line = replace(
        script.line,
        noise_dbfs=NOISES[number % len(NOISES)][1],
        agent_dbfs=agent_dbfs,
        customer_dbfs=customer_dbfs,
        echo_db=ECHOES_DB[number % len(ECHOES_DB)],
        echo_delay_ms=ECHO_DELAY_MS,
        loss=LOSSES[number % len(LOSSES)],
        codec=codec if can_encode(codec) else Codec.NONE,
    )
    steps = tuple(
        replace(step, level_dbfs=level_dbfs, error_hz=error_hz, jitter=stretch) if isinstance(step, Sound) else step
        for step in script.steps
    )
    return replace(script, line=line, steps=steps)


def _take(plan: _Plan, step: Step, script: Script, number: int) -> None:
    match step:
        case Say():
            sound = speech(step.text, 3 * number + (step.speaker or 0))
            start_ms = plan.now_ms + step.gap_ms
            span = TimeSpan(start_ms, start_ms + round(1000 * sound.size / STUDIO_HZ))
            channel = 0 if step.party is Party.AGENT or script.line.is_mixed else 1
            usual_dbfs = script.line.agent_dbfs if step.party is Party.AGENT else script.line.customer_dbfs
            spoken = Spoken(step.party, channel, span, step.text, step.after)
            plan.said.append((spoken, sound * 10 ** ((usual_dbfs + step.level_db) / 20)))
            plan.now_ms = span.end_ms
        case Sound():
            plan.sounds.append((plan.now_ms + step.gap_ms, step))
            plan.now_ms += step.gap_ms + step.duration_ms if step.wait else 0
        case Wait():
            plan.now_ms += step.ms
        case ClosingEnd():
            plan.closing_ms = plan.now_ms
        case HangUp():
            plan.end = TrueEnd(plan.now_ms, step.by, step.kind)
        case OtherEnd():
            plan.maybe_ms.append(plan.now_ms)
        case LineDrops():
            plan.drop = (plan.now_ms, step)


def _sides(
    script: Script, plan: _Plan, duration_ms: int, number: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """What the agent's and the customer's side send, at 16 kHz."""
    line, count = script.line, duration_ms * STUDIO_HZ // 1000
    kind = NOISES[number % len(NOISES)][0]
    agent, customer = np.zeros(count), np.zeros(count)
    for spoken, sound in plan.said:
        _lay(agent if spoken.party is Party.AGENT else customer, sound, spoken.span.start_ms)
    agent = room(agent, wet=0.3 + 0.1 * (number % 4))
    if line.echo_db is not None:
        _lay(customer, agent[: -(STUDIO_HZ // 5)] * 10 ** (line.echo_db / 20), line.echo_delay_ms)
    customer += noise(kind, count, line.noise_dbfs, rng)
    agent += noise("brown", count, line.noise_dbfs - 3, rng)
    if plan.drop:
        at_ms, rest = plan.drop
        cut = np.clip((at_ms * STUDIO_HZ / 1000 - np.arange(count)) / (FADE_MS * STUDIO_HZ / 1000) + 1, 0, 1)
        customer *= cut
        if rest.noise_dbfs is not None:
            customer += (1 - cut) * noise("pink", count, rest.noise_dbfs, rng)
    for at_ms, signal in plan.sounds:
        _lay(customer, tone(signal, rng), at_ms)
    return agent, _concealed(customer, line.loss, rng)


def _lay(track: Floats, sound: Floats, at_ms: int) -> None:
    first = at_ms * STUDIO_HZ // 1000
    fits = sound[: max(0, track.size - first)]
    track[first : first + fits.size] += fits


def _concealed(sound: Floats, share: float, rng: np.random.Generator) -> Floats:
    """Lost packets as a telephone conceals them: the packet before once more, at half its level."""
    size = PACKET_MS * STUDIO_HZ // 1000
    heard = sound.copy()
    for at in np.flatnonzero(rng.random(sound.size // size - 1) < share) + 1:
        heard[at * size : (at + 1) * size] = 0.5 * heard[(at - 1) * size : at * size]
    return heard


def _recorded(sides: tuple[Floats, Floats], script: Script) -> NDArray[np.int16]:
    """Each side over a trunk of its own in true G.711; mixed only then; coded last."""
    from scipy.signal import resample_poly

    trunks = [_g711(resample_poly(side, LINE_HZ, STUDIO_HZ)) for side in sides]
    if not script.line.is_mixed:
        return through(np.stack(trunks), script.line.codec)
    both = 0.8 * (trunks[0].astype(np.float64) + trunks[1])
    return through(np.clip(np.round(both), -32768, 32767).astype(np.int16)[None], script.line.codec)


def _g711(sound: Floats) -> NDArray[np.int16]:
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.clip(sound, -1, 1), LINE_HZ, format="WAV", subtype="ALAW")
    file.seek(0)
    return np.asarray(soundfile.read(file, dtype="int16")[0])
