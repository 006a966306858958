"""Changes of the line that are there, and what only looks like one."""

from __future__ import annotations

from itertools import cycle, pairwise, repeat

import numpy as np
import pytest

from callaudit.domain.line import LineChange, LineChangeKind
from callaudit.domain.waveform import Waveform
from callaudit.speech.line import FloorChangeDetector
from tests.simulator import line as lines
from tests.simulator.script import Codec, Signal, Sound, Trunk
from tests.simulator.tones import tone
from tests.simulator.voice import LINE_HZ, Floats
from tests.speech.floors import (
    AGENT_TURNS,
    CUSTOMER,
    CUSTOMER_TURNS,
    SECONDS,
    Path,
    after,
    changed,
    hiss,
    loudness,
    recorded,
    voices,
)

DETECTOR = FloorChangeDetector()
AT_S = 18.0
"""In a pause, with the customer's last word two seconds before."""
CODECS = (Codec.NONE, Codec.GSM, Codec.MP3, Codec.OPUS)
SPOKEN = voices(CUSTOMER_TURNS)


def of_customer(wave: Waveform) -> list[LineChange]:
    return [change for change in DETECTOR.detect(wave) if change.channel == CUSTOMER]


def is_found(wave: Waveform, at_s: float = AT_S) -> LineChange:
    (change,) = of_customer(wave)
    assert abs(change.at_ms - at_s * 1000) <= change.uncertainty_ms <= 100
    return change


def bursts(signal: Signal, start_s: float, seconds: float, level_dbfs: float = -16.0) -> Floats:
    """A tone of the exchange over nothing."""
    sound = np.zeros(round(SECONDS * LINE_HZ))
    first = round(start_s * LINE_HZ)
    heard = tone(
        Sound(signal=signal, duration_ms=round(seconds * 1000), level_dbfs=level_dbfs), np.random.default_rng(3)
    )
    sound[first : first + heard.size] = heard[: sound.size - first]
    return sound


class TestFound:
    @pytest.mark.parametrize(("codec", "trunk"), [*zip(CODECS, repeat(Trunk.ALAW)), *zip(CODECS, Trunk, strict=False)])
    @pytest.mark.parametrize("before_dbfs", [-64.0, -50.0])
    def test_digital_silence(self, codec: Codec, trunk: Trunk, before_dbfs: float) -> None:
        change = is_found(changed(before_dbfs, None, AT_S, Path(codec=codec, trunk=trunk)))
        assert (change.kind, change.after_dbfs) == (LineChangeKind.DIGITAL_SILENCE, -100)
        assert change.before_dbfs == pytest.approx(before_dbfs, abs=3)

    @pytest.mark.parametrize("codec", CODECS)
    @pytest.mark.parametrize(("before_dbfs", "after_dbfs"), [(-52.0, -64.0), (-60.0, -70.0), (-64.0, -45.0)])
    def test_another_floor(self, codec: Codec, before_dbfs: float, after_dbfs: float) -> None:
        change = is_found(changed(before_dbfs, after_dbfs, AT_S, Path(codec=codec)))
        assert change.kind is LineChangeKind.FLOOR
        assert change.before_dbfs == pytest.approx(before_dbfs, abs=3)
        assert change.after_dbfs == pytest.approx(after_dbfs, abs=3)

    @pytest.mark.parametrize("after_dbfs", [None, -70.0, -45.0])
    @pytest.mark.parametrize("loss", [0.01, 0.05])
    def test_though_packets_are_lost(self, after_dbfs: float | None, loss: float) -> None:
        is_found(changed(-58, after_dbfs, AT_S, Path(loss=loss)))

    @pytest.mark.parametrize("after_dbfs", [None, -72.0, -40.0])
    @pytest.mark.parametrize("at_s", [AT_S, 16.7, 25.03])
    def test_under_echo_that_ends_with_the_line(self, after_dbfs: float | None, at_s: float) -> None:
        is_found(changed(-58, after_dbfs, at_s, Path(echo_db=-30)), at_s)

    @pytest.mark.parametrize("at_s", [16.66, 22.5, 23.777])
    def test_under_crosstalk_that_goes_on(self, at_s: float) -> None:
        is_found(changed(-56, None, at_s, Path(crosstalk_db=-40)), at_s)

    @pytest.mark.parametrize("codec", CODECS)
    @pytest.mark.parametrize(("signal", "delay_s"), [(Signal.BUSY, 0.0), (Signal.CONGESTION, 0.15), (Signal.BUSY, 1.2)])
    def test_before_the_tone_that_follows(self, codec: Codec, signal: Signal, delay_s: float) -> None:
        sound = after(SPOKEN + hiss(-58), AT_S, bursts(signal, AT_S + delay_s, 60))
        is_found(recorded(sound, path=Path(codec=codec)))

    @pytest.mark.parametrize("codec", CODECS)
    def test_before_a_dial_tone_that_ends_in_silence(self, codec: Codec) -> None:
        is_found(recorded(after(SPOKEN + hiss(-58), AT_S, bursts(Signal.DIAL, AT_S + 0.1, 6)), path=Path(codec=codec)))

    def test_the_idle_code_of_a_law_is_digital_silence(self) -> None:
        wave = changed(-56, None, AT_S, Path(trunk=Trunk.LINEAR))
        wave.samples[CUSTOMER, round(AT_S * 16_000) :] = 8
        assert is_found(wave).kind is LineChangeKind.DIGITAL_SILENCE

    @pytest.mark.parametrize("offset", [-400, 60])
    def test_an_offset_changes_nothing(self, offset: int) -> None:
        wave = changed(-56, None, AT_S, Path(trunk=Trunk.LINEAR))
        wave.samples[CUSTOMER] += np.int16(offset)
        assert is_found(wave).kind is LineChangeKind.DIGITAL_SILENCE

    def test_between_a_silent_start_and_padding(self) -> None:
        """Nothing is sent before the call stands, and the recorder fills up both channels at the end."""
        sound, agent = SPOKEN + hiss(-58), voices(AGENT_TURNS) + hiss(-62, seed=9)
        sound[: 2 * LINE_HZ] = 0
        sound, agent = after(sound, AT_S, hiss(-75)), after(agent, 28, hiss(None))
        assert is_found(recorded(after(sound, 28, hiss(None)), agent)).kind is LineChangeKind.FLOOR

    def test_on_the_agent_s_channel(self) -> None:
        agent = after(voices(AGENT_TURNS) + hiss(-60), 25.5, hiss(None))
        (change,) = DETECTOR.detect(recorded(SPOKEN + hiss(-58), agent))
        assert (change.channel, change.at_ms) == (0, pytest.approx(25_500, abs=40))

    def test_a_second_before_the_end(self) -> None:
        is_found(changed(-58, None, SECONDS - 1, Path()), SECONDS - 1)


def gate(hold_ms: int, filling_dbfs: float | None) -> Floats:
    """The channel is cut off, or filled with noise made on the spot, whenever the customer does not speak."""
    is_open = lines.open_while(np.where(np.abs(SPOKEN) > 1e-3, SPOKEN, 0), hold_ms)
    return (SPOKEN + hiss(-56)) * is_open + hiss(filling_dbfs, seed=5) * (1 - is_open)


def breaths() -> Floats:
    """Breathing every four seconds until the telephone is put aside."""
    t = np.arange(round(SECONDS * LINE_HZ)) / LINE_HZ
    return hiss(-40, seed=6) * np.maximum(0, np.sin(2 * np.pi * t / 4)) ** 2 * (t < 20)


def flicker() -> Floats:
    """Two kinds of background by turns, as a telephone that wanders between two cells has them."""
    sound = hiss(-50)
    for start_s, end_s in ((5, 8), (13, 15), (20, 30)):
        sound = after(after(sound, start_s, hiss(-66)), end_s, sound)
    return sound


def pumped() -> Floats:
    """Gain control: the noise is low after every word and comes up within two seconds."""
    ends_s = [start_s + 2.6 for start_s, _ in CUSTOMER_TURNS]
    times_s, gains_db = [0.0], [0.0]
    for end_s in ends_s:
        times_s += [end_s - 2.6, end_s - 2.5, end_s, end_s + 2]
        gains_db += [0.0, -16.0, -16.0, 0.0]
    return loudness(hiss(-48), tuple(times_s), tuple(gains_db))


def lost_at(*starts_s: float, ms: int = 60) -> Floats:
    sound = SPOKEN + hiss(-58)
    for start_s in starts_s:
        first = round(start_s * LINE_HZ)
        sound[first : first + ms * LINE_HZ // 1000] = 0
    return sound


CONFUSERS: dict[str, Floats] = {
    "nothing happens": SPOKEN + hiss(-58),
    "says one word and is silent": voices(CUSTOMER_TURNS[:1]) + hiss(-58),
    "silence suppressed": gate(200, None),
    "silence suppressed, long hold": gate(400, None),
    "silence suppressed, one word said": gate(200, None) * (np.arange(SPOKEN.size) < 8 * LINE_HZ),
    "comfort noise in every pause": gate(200, -68),
    "louder comfort noise in every pause": gate(200, -45),
    "two backgrounds by turns": SPOKEN + flicker(),
    "two backgrounds by turns, the other way": SPOKEN + flicker()[::-1],
    "packets lost at the end": lost_at(29.94),
    "packets lost here and there": lost_at(5, 12.2, 18, 18.2, 29.5),
    "a hand-over mutes for 300 ms": lost_at(18, ms=300),
    "noise dies away over ten seconds": SPOKEN + loudness(hiss(-45), (15, 25), (0, -20)),
    "traffic passes within a second and a half": SPOKEN + hiss(-64) + loudness(hiss(-46), (18, 19.5), (0, -30)),
    "noise grows over ten seconds": SPOKEN + loudness(hiss(-62), (15, 25), (0, 20)),
    "noise comes up within two seconds": SPOKEN + loudness(hiss(-62), (18, 20), (0, 20)),
    "breathing stops": SPOKEN + hiss(-62) + breaths(),
    "gain control": SPOKEN + pumped(),
    "speaks to the end": voices(tuple((at_s, "complaint") for at_s in range(1, 30, 3)), gain_db=-12) + hiss(-62),
    "steps of three decibels": SPOKEN + after(hiss(-58), AT_S, hiss(-61)),
    "never carries anything": hiss(None),
    "noise alone": hiss(-50),
    "a tone alone": bursts(Signal.BUSY, 5, 25),
    "ringback, then noise": bursts(Signal.RINGBACK, 0.5, 9.5) + hiss(-62),
    "record notices": SPOKEN + hiss(-60) + bursts(Signal.RECORD_NOTICE, 2, 18, -38),
}


@pytest.mark.parametrize(
    ("name", "codec"), [*zip(CONFUSERS, repeat(Codec.NONE)), *zip(CONFUSERS, cycle((Codec.GSM, Codec.MP3, Codec.OPUS)))]
)
def test_what_is_no_change(name: str, codec: Codec) -> None:
    assert of_customer(recorded(CONFUSERS[name], path=Path(codec=codec))) == []


@pytest.mark.parametrize(("codec", "noise_dbfs"), [*zip(CODECS, cycle((-66, -52)))])
@pytest.mark.parametrize("echo_db", [-36, -24, -14])
def test_echo_that_ends_because_the_agent_is_silent(codec: Codec, echo_db: float, noise_dbfs: float) -> None:
    talk = voices(AGENT_TURNS[:4])
    heard = SPOKEN + hiss(noise_dbfs) + lines.leak(talk, echo_db, 120)
    assert of_customer(recorded(heard, talk + hiss(-62, seed=9), Path(codec=codec, loss=0.01))) == []


@pytest.mark.parametrize("codec", CODECS)
def test_padding_of_both_channels_is_the_recorder_s(codec: Codec) -> None:
    agent, customer = voices(AGENT_TURNS) + hiss(-62, seed=9), SPOKEN + hiss(-58)
    nothing = hiss(None)
    assert DETECTOR.detect(recorded(after(customer, 25, nothing), after(agent, 25, nothing), Path(codec=codec))) == ()


@pytest.mark.parametrize("seed", range(8))
def test_a_background_that_wanders_is_no_change(seed: int) -> None:
    """Level by the second, a random walk within 15 dB."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 2.5, 31))
    walk = tuple(float(step) for step in 15 * (walk - walk.min()) / np.ptp(walk))
    heard = SPOKEN + loudness(hiss(-62, seed=seed), tuple(map(float, range(31))), walk)
    assert of_customer(recorded(heard, path=Path(loss=0.01))) == []


@pytest.mark.parametrize("shape", [(1, 0), (2, 5), (2, 1600), (2, 16_000)])
def test_too_little_to_tell(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    assert DETECTOR.detect(Waveform(rng.integers(-40, 40, shape).astype(np.int16))) == ()


def test_every_length_can_be_looked_at() -> None:
    wave = changed(-58, None, AT_S, Path())
    ends = [round(at_s * 16_000) for at_s in np.linspace(18.9, 20.1, 7)]
    found = [of_customer(Waveform(wave.samples[:, : end + 7 * number])) for number, end in enumerate(ends)]
    assert all(changes for changes in found)
    assert all(one[0].at_ms == other[0].at_ms for one, other in pairwise(found))


def test_the_same_at_eight_kilohertz() -> None:
    wave = changed(-58, None, AT_S, Path(trunk=Trunk.LINEAR))
    assert is_found(Waveform(np.ascontiguousarray(wave.samples[:, ::2]), LINE_HZ)).at_ms == is_found(wave).at_ms
