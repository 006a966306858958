"""The telephone line: levels, noise, echo, busy tone, companding, and the mix of it all (pydub)."""

from __future__ import annotations

import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from samples.make.scenario import Scenario
from samples.make.timeline import Spoken, Timeline
from samples.make.voice import LINE_HZ, MARGIN_MS, telephone_band

with warnings.catch_warnings():
    # pydub looks for an ffmpeg on the PATH when it is imported; mixing needs none.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

SPEECH_DBFS = -21.0
ASIDE_DB = -7.0
"""How much quieter somebody is who has turned away from the microphone."""
FADE_MS = 30
ECHO_DELAY_MS = 90
BUSY_HZ, BUSY_ON_MS, BUSY_OFF_MS = 450, 350, 350
"""Busy tone of the Chinese network, GB/T 3380."""
BUSY_DBFS = -18.0
BUSY_DELAY_MS = 200
"""The exchange takes a moment to notice."""
MU = 255


def mix(scenario: Scenario, timeline: Timeline) -> AudioSegment:
    """The finished call: 8 kHz, two channels (agent, customer), or as many as the layout says."""
    agent = _track(scenario, timeline, "agent")
    customer = _track(scenario, timeline, "customer")
    if scenario.echo_db is not None:
        customer = customer.overlay(agent.apply_gain(scenario.echo_db), position=ECHO_DELAY_MS)
    customer = _disconnect(customer, timeline)
    if scenario.layout == "stereo":
        return AudioSegment.from_mono_audiosegments(_compand(agent), _compand(customer))
    one = _compand(agent.overlay(customer))
    return one if scenario.layout == "mono" else AudioSegment.from_mono_audiosegments(one, one)


def _track(scenario: Scenario, timeline: Timeline, party: str) -> AudioSegment:
    seed = zlib.crc32(f"{scenario.name} {party}".encode())
    track = _noise(timeline.duration_ms, scenario.noise_dbfs, seed)
    for spoken in timeline.spoken:
        heard_on = scenario.voices[spoken.turn.role].channel or spoken.turn.role
        if heard_on == party:
            track = track.overlay(_levelled(spoken), position=spoken.start_ms - MARGIN_MS)
    return track


def _levelled(spoken: Spoken) -> AudioSegment:
    speech = _segment(spoken.samples / np.abs(spoken.samples).max() * 0.5)
    target_dbfs = SPEECH_DBFS + (ASIDE_DB if spoken.turn.aside else 0.0)
    return speech.apply_gain(target_dbfs - speech.dBFS).fade_in(FADE_MS).fade_out(FADE_MS)


def _disconnect(customer: AudioSegment, timeline: Timeline) -> AudioSegment:
    """After the customer has hung up the channel holds nothing, or the busy tone."""
    if timeline.hangup is None or timeline.hangup[1].by != "customer":
        return customer
    at_ms, event = timeline.hangup
    rest_ms = timeline.duration_ms - at_ms
    silence = AudioSegment.silent(duration=rest_ms, frame_rate=LINE_HZ)
    if event.kind == "busy_tone":
        silence = silence.overlay(_busy_tone(rest_ms - BUSY_DELAY_MS), position=BUSY_DELAY_MS)
    return customer[:at_ms] + silence


def _busy_tone(duration_ms: int) -> AudioSegment:
    t = np.arange(duration_ms * LINE_HZ // 1000) / LINE_HZ
    gate = (t * 1000) % (BUSY_ON_MS + BUSY_OFF_MS) < BUSY_ON_MS
    tone = np.sin(2 * np.pi * BUSY_HZ * t) * gate * 10 ** (BUSY_DBFS / 20) * np.sqrt(2)
    return _segment(tone.astype(np.float32))


def _noise(duration_ms: int, level_dbfs: float, seed: int) -> AudioSegment:
    from scipy.signal import sosfilt

    white = np.random.default_rng(seed).normal(size=duration_ms * LINE_HZ // 1000)
    band = sosfilt(telephone_band(), white)
    return _segment((band / band.std() * 10 ** (level_dbfs / 20)).astype(np.float32))


def _compand(track: AudioSegment) -> AudioSegment:
    """Through a G.711 mu-law trunk, whatever the recorder stores afterwards."""
    samples = np.array(track.get_array_of_samples(), dtype=np.float32) / 32768
    companded = np.round(np.sign(samples) * np.log1p(MU * np.abs(samples)) / np.log1p(MU) * 127) / 127
    return _segment((np.sign(companded) * np.expm1(np.abs(companded) * np.log1p(MU)) / MU).astype(np.float32))


def _segment(samples: NDArray[np.float32]) -> AudioSegment:
    data = np.clip(samples * 32767, -32768, 32767).astype(np.int16).tobytes()
    return AudioSegment(data=data, sample_width=2, frame_rate=LINE_HZ, channels=1)
