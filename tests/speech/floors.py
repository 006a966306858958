"""Two-party calls for tests of the line: spoken turns over a background that is given sample by sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import resample_poly

from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform
from tests.simulator import line as lines
from tests.simulator.codec import through
from tests.simulator.script import Codec, Trunk
from tests.simulator.voice import LINE_HZ, Floats
from tests.speech.sounds import spoken

AGENT, CUSTOMER = 0, 1
SECONDS = 30.0
CUSTOMER_TURNS = ((3.6, "complaint"), (9.6, "greeting"), (15.5, "remark"))
AGENT_TURNS = ((0.5, "greeting"), (7.0, "greeting"), (12.8, "complaint"), (22.0, "complaint"), (26.0, "greeting"))
"""Second at which a turn begins, and what is said."""


@dataclass(frozen=True, kw_only=True)
class Path:
    """What the sound goes through on its way into the file."""

    echo_db: float | None = None
    crosstalk_db: float | None = None
    """The agent in the customer's channel, at all times; echo only while the line stands."""
    loss: float = 0.0
    trunk: Trunk = Trunk.ALAW
    codec: Codec = Codec.NONE


def voices(turns: tuple[tuple[float, str], ...], seconds: float = SECONDS, gain_db: float = 0.0) -> Floats:
    """Turns at 8 kHz over nothing; what reaches past the end is cut."""
    sound = np.zeros(round(seconds * LINE_HZ))
    for start_s, name in turns:
        first = round(start_s * LINE_HZ)
        said = spoken(name)[::2] * 10 ** (gain_db / 20)
        sound[first : first + said.size] += said[: max(0, sound.size - first)]
    return sound


def hiss(level_dbfs: float | None, seconds: float = SECONDS, seed: int = 1) -> Floats:
    """Steady noise; nothing where None."""
    count = round(seconds * LINE_HZ)
    return np.zeros(count) if level_dbfs is None else lines.noise(count, level_dbfs, np.random.default_rng(seed))


def after(sound: Floats, at_s: float, rest: Floats) -> Floats:
    """One sound up to a moment, another from there on."""
    first = round(at_s * LINE_HZ)
    return np.concatenate((sound[:first], rest[first : sound.size]))


def loudness(sound: Floats, at_s: tuple[float, ...], gains_db: tuple[float, ...]) -> Floats:
    """A sound whose gain goes from one value to the next, in straight lines of decibels."""
    t = np.arange(sound.size) / LINE_HZ
    return np.asarray(sound * 10 ** (np.interp(t, at_s, gains_db) / 20))


def recorded(customer: Floats, agent: Floats | None = None, path: Path | None = None, seed: int = 0) -> Waveform:
    """Both channels as the decoder hands them on, the agent's with noise of its own where none is given."""
    path, rng = path or Path(), np.random.default_rng(seed)
    seconds = customer.size / LINE_HZ
    if agent is None:
        agent = voices(AGENT_TURNS, seconds) + hiss(-62, seconds, seed=9)
    if path.crosstalk_db is not None:
        customer = customer + lines.leak(agent, path.crosstalk_db, 0)
    sent = [lines.compand(lines.lose_packets(part, path.loss, rng), path.trunk) for part in (agent, customer)]
    heard = through(np.stack(sent), path.codec).astype(np.float32)
    raised = resample_poly(heard, SPEECH_RATE_HZ // LINE_HZ, 1, axis=1)
    return Waveform(np.clip(np.round(raised), -32768, 32767).astype(np.int16))


def changed(before_dbfs: float, after_dbfs: float | None, at_s: float, path: Path) -> Waveform:
    """A call whose customer's channel goes over to other noise, or to nothing, at a moment."""
    heard = voices(CUSTOMER_TURNS) + hiss(before_dbfs)
    if path.echo_db is not None:
        heard += lines.leak(voices(AGENT_TURNS), path.echo_db, 90)
    return recorded(after(heard, at_s, hiss(after_dbfs, seed=2)), path=path)
