from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.domain.analysis import PreparedCall
from callaudit.domain.calls import Party, PartyBasis
from callaudit.errors import TranscriptionError
from callaudit.evaluation.oracle import OracleTranscriber
from callaudit.evaluation.truth import Truth
from callaudit.ports import Transcriber
from tests.builders import make_acoustics, make_call, make_wave
from tests.evaluation.builders import said

PATH = make_call().recording.path
TRUTH = Truth(utterances=(said("您好"), said("你好", 500, Party.CUSTOMER)))


def prepared(mixed: bool = False) -> PreparedCall:
    return PreparedCall(
        call=make_call(mixed=mixed), wave=make_wave(channels=1 if mixed else 2), acoustics=make_acoustics()
    )


def test_the_oracle_returns_what_was_said() -> None:
    oracle: Transcriber = OracleTranscriber({PATH: TRUTH})
    (transcript,) = oracle.transcribe([prepared()])
    assert [(u.index, u.text, u.party) for u in transcript.utterances] == [
        (0, "您好", Party.AGENT),
        (1, "你好", Party.CUSTOMER),
    ]
    assert all(-70 < u.level_dbfs < -50 for u in transcript.utterances)


def test_the_oracle_does_not_tell_who_spoke_on_a_mixed_recording() -> None:
    truth = Truth(utterances=(said("您好"), said("你好", 500, Party.CUSTOMER, channel=0)), is_mixed=True)
    (transcript,) = OracleTranscriber({PATH: truth}).transcribe([prepared(mixed=True)])
    assert {(u.party, u.party_basis) for u in transcript.utterances} == {(Party.UNKNOWN, PartyBasis.MIXED)}


def test_true_words_of_two_channels_are_heard_on_the_only_one_of_a_call_taken_for_mixed() -> None:
    (transcript,) = OracleTranscriber({PATH: TRUTH}).transcribe([prepared(mixed=True)])
    assert {(u.channel, u.party) for u in transcript.utterances} == {(0, Party.UNKNOWN)}


def test_a_call_without_truth_is_an_error() -> None:
    with pytest.raises(TranscriptionError):
        OracleTranscriber({Path("two.wav"): TRUTH}).transcribe([prepared()])
