"""A script and a seed to sound and truth. The same two give the same bytes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan
from tests.simulator import ambience
from tests.simulator import line as lines
from tests.simulator.codec import through
from tests.simulator.music import hold_music
from tests.simulator.script import (
    ClosingEnd,
    HangUp,
    HoldOff,
    HoldOn,
    LineDrops,
    MusicOff,
    MusicOn,
    OtherEnd,
    Say,
    Script,
    Sound,
    Source,
    Wait,
)
from tests.simulator.tones import frequency_hz, tone
from tests.simulator.voice import LINE_HZ, BuzzVoice, Floats, Voice

AGENT, CUSTOMER = 0, 1
"""Channels."""
GATE_HOLD_MS = 200
"""Silence suppression lets noise through for this long around speech."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance as it was rendered, `after` where it is talk after the hang-up."""

    party: Party
    channel: int
    span: TimeSpan
    text: str
    after: bool = False


@dataclass(frozen=True, slots=True)
class Sounded:
    """One tone as it was rendered; its channel is the customer's, or the only one."""

    sound: Sound
    span: TimeSpan
    frequency_hz: float


@dataclass(frozen=True, slots=True)
class Held:
    """One hold or mute as the switch has it, or one stretch of music."""

    span: TimeSpan
    begun: HoldOn | MusicOn


@dataclass(frozen=True, slots=True)
class TrueEnd:
    """The hang-up; `by` is None where nobody hung up."""

    at_ms: int
    by: Party | None
    kind: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedTruth:
    """What a rendered call holds, in ms of the recording."""

    duration_ms: int
    spoken: tuple[Spoken, ...]
    tones: tuple[Sounded, ...]
    closing_end_ms: int | None
    hangup: TrueEnd | None
    other_ends_ms: tuple[int, ...]
    drop_ms: int | None
    held: tuple[Held, ...] = ()
    """Holds, mutes and music in the order of their ends."""

    @property
    def after(self) -> tuple[TimeSpan, ...]:
        """Talk after the hang-up or on hold that is to be flagged, utterance by utterance."""
        return tuple(spoken.span for spoken in self.spoken if spoken.after)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedCall:
    """A rendered call: int16 samples at 8 kHz of shape (channels, frames), and its truth."""

    script: Script
    samples: NDArray[np.int16]
    truth: SimulatedTruth


@dataclass(slots=True)
class _Tape:
    """Where the rendering has got to."""

    now_ms: int
    spoken: list[Spoken] = field(default_factory=list)
    voices: list[tuple[Floats, float]] = field(default_factory=list)
    """Sound and level of each item of `spoken`."""
    sounds: list[tuple[int, Sound]] = field(default_factory=list)
    closing_end_ms: int | None = None
    hangup: TrueEnd | None = None
    other_ends_ms: list[int] = field(default_factory=list)
    drop: tuple[int, LineDrops] | None = None
    open_holds: dict[type, tuple[int, HoldOn | MusicOn]] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)


def render(script: Script, seed: int, voice: Voice | None = None) -> SimulatedCall:
    """Lay the steps out in time, speak and mix them."""
    rng = np.random.default_rng([seed, zlib.crc32(script.name.encode())])
    voice = voice or BuzzVoice()
    tape = _lay_out(script, voice)
    tones_end_ms = max((at_ms + sound.duration_ms for at_ms, sound in tape.sounds if sound.wait), default=0)
    duration_ms = max(tape.now_ms, tones_end_ms) + script.lead_out_ms
    around = _around(script, duration_ms, voice, rng)
    channels = _channels(script, tape, around, rng)
    truth = SimulatedTruth(
        duration_ms=duration_ms,
        spoken=tuple(sorted(tape.spoken, key=lambda spoken: (spoken.span, spoken.channel))),
        tones=tuple(
            Sounded(sound, TimeSpan(at_ms, min(at_ms + sound.duration_ms, duration_ms)), frequency_hz(sound))
            for at_ms, sound in tape.sounds
        ),
        closing_end_ms=tape.closing_end_ms,
        hangup=tape.hangup,
        other_ends_ms=tuple(tape.other_ends_ms),
        drop_ms=tape.drop[0] if tape.drop else None,
        held=tuple(tape.held),
    )
    return SimulatedCall(script, channels, truth)


def _lay_out(script: Script, voice: Voice) -> _Tape:
    tape = _Tape(script.lead_in_ms)
    for step in script.steps:
        match step:
            case Say():
                _say(tape, step, voice, script)
            case Sound():
                tape.sounds.append((tape.now_ms + step.gap_ms, step))
                tape.now_ms += step.gap_ms + step.duration_ms if step.wait else 0
            case Wait():
                tape.now_ms += step.ms
            case ClosingEnd():
                tape.closing_end_ms = tape.now_ms
            case HangUp():
                tape.hangup = TrueEnd(tape.now_ms, step.by, step.kind)
            case LineDrops():
                tape.drop = (tape.now_ms, step)
            case OtherEnd():
                tape.other_ends_ms.append(tape.now_ms)
            case HoldOn() | MusicOn():
                tape.open_holds[type(step)] = (tape.now_ms, step)
            case HoldOff() | MusicOff():
                start_ms, begun = tape.open_holds.pop(HoldOn if isinstance(step, HoldOff) else MusicOn)
                tape.held.append(Held(TimeSpan(start_ms, tape.now_ms), begun))
    return tape


def _say(tape: _Tape, say: Say, voice: Voice, script: Script) -> None:
    speakers = {Party.AGENT: 1, Party.CUSTOMER: 2, Party.SYSTEM: 5}
    speaker = speakers[say.party] + 2 * (zlib.crc32(script.name.encode()) % 4) if say.speaker is None else say.speaker
    sound = voice.say(say.text, speaker)
    start_ms = max(0, tape.now_ms + say.gap_ms)
    end_ms = start_ms + sound.size * 1000 // LINE_HZ
    is_agent = say.party is Party.AGENT
    usual_dbfs = script.line.agent_dbfs if is_agent else script.line.customer_dbfs
    channel = AGENT if is_agent or script.line.is_mixed else CUSTOMER
    tape.spoken.append(Spoken(say.party, channel, TimeSpan(start_ms, end_ms), say.text, say.after))
    tape.voices.append((sound, usual_dbfs + say.level_db))
    tape.now_ms = end_ms


def _around(script: Script, duration_ms: int, voice: Voice, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Noise and whatever else is heard around agent and customer."""
    count, line = duration_ms * LINE_HZ // 1000, script.line
    noises = [
        lines.noise(count, line.noise_dbfs, rng) * ambience.swell(count, line.ambience.swell_db, rng) for _ in range(2)
    ]
    return (
        noises[AGENT] + ambience.around_agent(count, line.ambience, voice, rng),
        noises[CUSTOMER] + ambience.around_customer(count, line.ambience, rng),
    )


def _channels(
    script: Script, tape: _Tape, around: tuple[Floats, Floats], rng: np.random.Generator
) -> NDArray[np.int16]:
    count, line = around[AGENT].size, script.line
    speech = [np.zeros(count), np.zeros(count)]
    for spoken, (sound, dbfs) in zip(tape.spoken, tape.voices, strict=True):
        _add(
            speech[AGENT if spoken.party is Party.AGENT else CUSTOMER], sound * 10 ** (dbfs / 20), spoken.span.start_ms
        )
    agent, customer = speech[AGENT].copy(), speech[CUSTOMER] + around[CUSTOMER]
    if line.echo_db is not None:
        customer += lines.leak(speech[AGENT], line.echo_db, line.echo_delay_ms)
    if line.is_gated:
        customer *= lines.open_while(speech[CUSTOMER], GATE_HOLD_MS)
    if line.crosstalk_db is not None:
        agent += lines.leak(speech[CUSTOMER], line.crosstalk_db, 0)
    agent += around[AGENT]
    if tape.drop:
        first = tape.drop[0] * LINE_HZ // 1000
        rest_dbfs = tape.drop[1].noise_dbfs
        customer[first:] = 0 if rest_dbfs is None else lines.noise(count - first, rest_dbfs, rng)
    for held in tape.held:
        if isinstance(held.begun, MusicOn):
            music = hold_music(held.begun.style, held.span.duration_ms, held.begun.level_dbfs, rng)
            _add(customer, music, held.span.start_ms)
    for at_ms, signal in tape.sounds:
        _add(customer, tone(signal, rng), at_ms)
    parts = [agent + customer] if line.is_mixed else [agent, customer]
    sent = [lines.lose_packets(lines.clip(part, line.clip_dbfs), line.loss, rng) for part in parts]
    return through(np.stack([lines.compand(part, line.trunk) for part in sent]), line.codec)


def _add(track: Floats, sound: Floats, at_ms: int) -> None:
    """Mix in place; what reaches past the end is cut."""
    first = at_ms * LINE_HZ // 1000
    room = track[first : first + sound.size]
    room += sound[: room.size]
