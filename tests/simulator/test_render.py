from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan
from tests.simulator.line import compand
from tests.simulator.render import AGENT, CUSTOMER, SimulatedCall, render
from tests.simulator.script import (
    ClosingEnd,
    HangUp,
    Line,
    LineDrops,
    Say,
    Script,
    Shape,
    Signal,
    Sound,
    Source,
    Step,
    Trunk,
    Wait,
)
from tests.simulator.voice import LINE_HZ

HELLO = Say(party=Party.AGENT, text="您好，请讲", gap_ms=400)
ANSWER = Say(party=Party.CUSTOMER, text="路灯坏了", gap_ms=400)
QUIET = Line(noise_dbfs=-90, trunk=Trunk.LINEAR)


def script(*steps: Step, line: Line = QUIET, lead_out_ms: int = 500) -> Script:
    return Script(
        name="one", steps=steps, shape=Shape.S2, source=Source.TONE, line=line, lead_in_ms=500, lead_out_ms=lead_out_ms
    )


def part(call: SimulatedCall, channel: int, span: TimeSpan) -> np.ndarray:
    return call.samples[channel, span.start_ms * 8 : span.end_ms * 8].astype(np.float64) / 32768


def dbfs(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-12))


def peak_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return float(np.fft.rfftfreq(sound.size, 1 / LINE_HZ)[spectrum.argmax()])


def test_the_same_script_and_seed_give_the_same_bytes_and_another_seed_others() -> None:
    noisy = script(HELLO, ANSWER, line=Line(loss=0.02, echo_db=-25))
    assert render(noisy, 3).samples.tobytes() == render(noisy, 3).samples.tobytes()
    assert render(noisy, 3).samples.tobytes() != render(noisy, 4).samples.tobytes()


def test_speech_lies_where_the_truth_says_and_on_no_other_channel() -> None:
    call = render(script(HELLO, ANSWER), 1)
    agent, customer = call.truth.spoken
    assert (agent.span.start_ms, agent.channel, customer.channel) == (900, AGENT, CUSTOMER)
    assert customer.span.start_ms == agent.span.end_ms + 400
    assert dbfs(part(call, AGENT, agent.span)) == pytest.approx(-21, abs=1)
    assert dbfs(part(call, CUSTOMER, customer.span)) == pytest.approx(-24, abs=1)
    assert dbfs(part(call, CUSTOMER, agent.span)) < -85
    for edge_ms in (agent.span.start_ms - 20, agent.span.end_ms):
        assert dbfs(part(call, AGENT, TimeSpan(edge_ms, edge_ms + 20))) < -80


def test_a_mixed_recording_holds_both_parties_on_one_channel() -> None:
    call = render(script(HELLO, ANSWER, line=replace(QUIET, is_mixed=True)), 1)
    assert call.samples.shape[0] == 1
    assert {said.channel for said in call.truth.spoken} == {0}
    assert all(dbfs(part(call, 0, said.span)) > -30 for said in call.truth.spoken)


@pytest.mark.parametrize(
    ("signal", "hz"), [(Signal.BUSY, 450), (Signal.CONGESTION, 450), (Signal.DIAL, 450), (Signal.HOWLER, 950)]
)
@pytest.mark.parametrize("error_hz", [-25, 0, 20])
def test_a_tone_has_its_frequency_with_the_error_asked_for(signal: Signal, hz: int, error_hz: int) -> None:
    call = render(script(HELLO, Sound(signal=signal, duration_ms=4000, error_hz=error_hz, wait=True)), 1)
    (heard,) = call.truth.tones
    assert heard.frequency_hz == hz + error_hz
    assert peak_hz(part(call, CUSTOMER, heard.span)) == pytest.approx(hz + error_hz, abs=2)
    assert dbfs(part(call, AGENT, heard.span)) < -85


def test_a_busy_tone_sounds_and_rests_in_its_rhythm_at_its_level() -> None:
    call = render(script(HELLO, Sound(signal=Signal.BUSY, duration_ms=2800, level_dbfs=-20, wait=True)), 1)
    start_ms = call.truth.tones[0].span.start_ms
    for cycle_ms in range(start_ms, start_ms + 2800, 700):
        assert dbfs(part(call, CUSTOMER, TimeSpan(cycle_ms + 10, cycle_ms + 340))) == pytest.approx(-20, abs=0.5)
        assert dbfs(part(call, CUSTOMER, TimeSpan(cycle_ms + 360, cycle_ms + 690))) < -80


def test_jitter_moves_the_bursts_by_no_more_than_its_share() -> None:
    call = render(script(HELLO, Sound(signal=Signal.BUSY, duration_ms=14_000, jitter=0.1, wait=True)), 1)
    loud = np.abs(part(call, CUSTOMER, call.truth.tones[0].span)) > 0.01
    smooth = np.convolve(loud, np.ones(40), mode="same") > 0
    lengths_ms = np.diff(np.flatnonzero(np.diff(smooth.astype(int)))) / 8
    assert lengths_ms.min() > 300
    assert lengths_ms.max() < 400
    assert lengths_ms.std() > 5


def test_a_howler_grows() -> None:
    call = render(script(HELLO, Sound(signal=Signal.HOWLER, duration_ms=5000, wait=True)), 1)
    start_ms = call.truth.tones[0].span.start_ms
    levels = [
        dbfs(part(call, CUSTOMER, TimeSpan(at_ms, at_ms + 900))) for at_ms in range(start_ms, start_ms + 5000, 1000)
    ]
    assert all(after - before > 2 for before, after in pairwise(levels))


def test_a_tone_sounds_on_while_the_agent_talks() -> None:
    talk = Say(party=Party.AGENT, text="总算打发走了", after=True)
    call = render(script(HELLO, Sound(signal=Signal.DIAL, duration_ms=9000), talk), 1)
    assert call.truth.after == (call.truth.spoken[1].span,)
    assert call.truth.tones[0].span.end_ms == call.truth.duration_ms
    assert dbfs(part(call, CUSTOMER, call.truth.after[0])) == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("trunk", Trunk)
def test_a_dropped_line_is_digital_silence_and_the_agent_is_not(trunk: Trunk) -> None:
    line = Line(noise_dbfs=-50, echo_db=-20, trunk=trunk)
    end = HangUp(by=Party.CUSTOMER, kind=Source.LINE)
    call = render(script(HELLO, ANSWER, ClosingEnd(), Wait(ms=300), end, LineDrops(), HELLO, line=line), 1)
    truth = call.truth
    assert truth.hangup is not None
    assert truth.drop_ms == truth.hangup.at_ms
    assert truth.closing_end_ms == truth.spoken[1].span.end_ms == truth.hangup.at_ms - 300
    after = TimeSpan(truth.hangup.at_ms, truth.duration_ms)
    assert not part(call, CUSTOMER, after).any()
    assert dbfs(part(call, CUSTOMER, TimeSpan(after.start_ms - 200, after.start_ms))) > -55
    assert dbfs(part(call, AGENT, after)) > -40


def test_another_noise_takes_the_place_of_the_line_that_dropped() -> None:
    call = render(script(ANSWER, LineDrops(noise_dbfs=-45), Wait(ms=1000)), 1)
    assert call.truth.drop_ms is not None
    rest = TimeSpan(call.truth.drop_ms, call.truth.duration_ms)
    assert dbfs(part(call, CUSTOMER, rest)) == pytest.approx(-45, abs=1)


def test_suppressed_silence_is_nothing_wherever_the_customer_does_not_speak() -> None:
    call = render(script(HELLO, ANSWER, Wait(ms=1000), line=Line(noise_dbfs=-50, is_gated=True)), 1)
    agent, customer = call.truth.spoken
    assert not part(call, CUSTOMER, TimeSpan(0, agent.span.end_ms)).any()
    assert dbfs(part(call, CUSTOMER, customer.span)) > -30


def test_echo_comes_late_and_faint() -> None:
    call = render(script(HELLO, line=replace(QUIET, echo_db=-20, echo_delay_ms=100)), 1)
    said = call.truth.spoken[0].span
    assert dbfs(part(call, CUSTOMER, said.shift(100))) == pytest.approx(-41, abs=1)
    assert dbfs(part(call, CUSTOMER, TimeSpan(said.start_ms, said.start_ms + 90))) < -80


def test_clipping_and_lost_packets_leave_their_marks() -> None:
    call = render(script(HELLO, HELLO, HELLO, line=replace(QUIET, noise_dbfs=-40, clip_dbfs=-20, loss=0.1)), 1)
    assert np.abs(call.samples).max() <= 32768 * 0.1 + 1
    packets = call.samples[AGENT][: call.samples.shape[1] // 160 * 160].reshape(-1, 160)
    assert 0.02 < np.mean(~packets.any(axis=1)) < 0.25


@pytest.mark.parametrize("trunk", [Trunk.ALAW, Trunk.MULAW])
def test_companding_keeps_the_sound_at_the_noise_of_g711(trunk: Trunk) -> None:
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.1, 8000)
    heard = compand(sound, trunk) / 32768
    assert 34 < dbfs(sound) - dbfs(heard - sound) < 42
    assert np.unique(compand(sound, trunk)).size <= 256
    assert not compand(np.zeros(8), trunk).any()


def test_a_script_is_drawn_the_same_from_the_same_seed() -> None:
    from tests.simulator.shapes import scripts

    assert list(scripts(5, 9)) == list(scripts(5, 9))
    assert list(scripts(5, 9)) != list(scripts(5, 10))
