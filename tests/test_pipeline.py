from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callaudit.domain.analysis import CallSource, Warn
from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.line import LineChange, LineChangeKind
from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError
from callaudit.pipeline import assign_parties, call_id_of, judge, peaks_of, prepare, step, transcribe
from tests.builders import make_record, make_recording, make_transcript
from tests.fakes import FakeDecoder, NoLineChanges, ScriptedTranscriber, make_engines

ONE = CallSource(path=Path("calls/one.wav"))
AGENT_SECOND = (Party.CUSTOMER, Party.AGENT)


def test_the_three_stages_lead_from_a_recording_to_findings():
    engines = make_engines(transcriber=ScriptedTranscriber(script={"one": "真不要脸"}))
    prepared = prepare(ONE, engines)
    judged = judge(prepared.call, prepared.acoustics, transcribe([prepared], engines)[0], engines)

    assert [finding.quote for finding in judged.findings] == ["真不要脸"]
    assert judged.score == 10


def test_every_value_between_the_stages_can_be_pickled():
    engines = make_engines()
    prepared = pickle.loads(pickle.dumps(prepare(ONE, engines)))
    transcript = pickle.loads(pickle.dumps(transcribe([prepared], engines)[0]))
    judged = judge(prepared.call, prepared.acoustics, transcript, engines)

    assert pickle.loads(pickle.dumps(judged)) == judged


def test_a_stage_that_did_not_run_is_recorded():
    prepared = prepare(ONE, make_engines())
    judged = judge(prepared.call, prepared.acoustics, transcribe([prepared], make_engines())[0], make_engines())

    assert ("post_hangup", "no_hangup_evidence") in [(gap.stage, gap.reason) for gap in judged.not_run]


def test_a_call_error_carries_stage_and_call():
    with pytest.raises(AudioError) as caught:
        prepare(ONE, make_engines(decoder=FakeDecoder(bad=frozenset({"one"}))))

    assert (caught.value.stage, caught.value.call_id) == ("decode", "one")


def test_an_error_with_its_context_survives_a_trip_to_another_process():
    with pytest.raises(AudioError) as caught:
        prepare(ONE, make_engines(decoder=FakeDecoder(bad=frozenset({"one"}))))
    back = pickle.loads(pickle.dumps(caught.value))

    assert (back.code, back.hint, back.stage, back.call_id) == ("audio.not_audio", "look at the file", "decode", "one")


def test_the_hook_hears_of_a_step_even_when_it_fails():
    heard = []

    def work():
        with step("decode", "one", lambda stage, call_id, elapsed_ms: heard.append((stage, call_id))):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert heard == [("decode", "one")]


def test_the_call_record_names_the_call_before_the_file_does():
    assert call_id_of(CallSource(path=Path("a/x.wav"), record=make_record(call_id="C-7"))) == "C-7"
    assert call_id_of(CallSource(path=Path("a/x.wav"))) == "x"


@pytest.mark.parametrize(
    ("record_parties", "folder_parties", "expected", "basis"),
    [
        (AGENT_SECOND, (Party.AGENT, Party.CUSTOMER), AGENT_SECOND, PartyBasis.CALL_RECORD),
        (None, AGENT_SECOND, AGENT_SECOND, PartyBasis.FOLDER),
        (None, None, (Party.AGENT, Party.CUSTOMER), PartyBasis.SETTING),
    ],
)
def test_the_nearest_channel_map_wins(record_parties, folder_parties, expected, basis):
    source = CallSource(
        path=Path("a.wav"), record=make_record(channel_parties=record_parties), folder_parties=folder_parties
    )
    parties = assign_parties(source, make_recording(), (), (Party.AGENT, Party.CUSTOMER))

    assert parties == (expected, basis)


@pytest.mark.parametrize(("channels", "warnings"), [(1, ()), (2, (Warn.CHANNELS_ALIKE,)), (2, (Warn.CHANNEL_DEAD,))])
def test_a_mixed_recording_names_nobody_whatever_the_map_says(channels, warnings):
    source = CallSource(path=Path("a.wav"), record=make_record(channel_parties=AGENT_SECOND))
    parties, basis = assign_parties(source, make_recording(channels=channels), warnings, AGENT_SECOND)

    assert (parties, basis) == ((Party.UNKNOWN,), PartyBasis.MIXED)


def test_a_mixed_recording_is_heard_once_however_many_channels_repeat_it():
    engines = make_engines(decoder=FakeDecoder(warnings=(Warn.CHANNELS_ALIKE,)))
    prepared = prepare(ONE, engines)

    assert prepared.wave.channels == len(prepared.call.channel_parties) == len(prepared.acoustics.peaks) == 1
    assert prepared.call.recording.channels == 2


def test_changes_of_the_line_are_looked_for_and_kept():
    change = LineChange(500, 1, LineChangeKind.FLOOR, 30, -58.0, -70.0)
    steps = []

    class OneChange(NoLineChanges):
        def detect(self, wave):
            return (change,)

    prepared = prepare(ONE, make_engines(line=OneChange()), lambda stage, call_id, elapsed_ms: steps.append(stage))

    assert prepared.acoustics.line_changes == (change,)
    assert steps == ["decode", "speech", "tones", "line", "music"]


def test_a_channel_map_that_does_not_fit_is_a_call_error():
    with pytest.raises(AudioError, match=r"^calls/one\.wav: 3 channels, but the channel map names 2"):
        assign_parties(CallSource(path=Path("a.wav")), make_recording(channels=3), (), AGENT_SECOND)


def test_peaks_follow_the_loudness():
    samples = np.zeros((1, 1000), np.int16)
    samples[0, 500:] = -16384

    assert peaks_of(Waveform(samples), slices=4) == ((0, 0, 50, 50),)


@pytest.mark.parametrize("frames", [1, 3, 599, 600, 601])
def test_peaks_of_the_shortest_recordings_exist(frames):
    (peaks,) = peaks_of(Waveform(np.full((1, frames), 32767, np.int16)))

    assert 1 <= len(peaks) <= 600
    assert set(peaks) == {99}


def test_of_a_mixed_recording_the_channel_that_lives_is_heard():
    from callaudit.pipeline import _loudest_channel

    samples = np.zeros((2, 1000), np.int16)
    samples[1] = 9000

    assert _loudest_channel(Waveform(samples)).samples.tolist() == [[9000] * 1000]


def test_a_call_on_which_nobody_was_heard_does_not_look_clean():
    engines = make_engines()
    prepared = prepare(ONE, engines)
    silent = replace(prepared.acoustics, regions=())
    judged = judge(prepared.call, silent, make_transcript(), engines)

    assert ("transcribe", "no_speech_found") in [(gap.stage, gap.reason) for gap in judged.not_run]
