"""A call has the same transcript, to the last bit of every figure, whatever calls it is transcribed with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from callaudit.audio.decode import FfmpegDecoder
from callaudit.domain.analysis import CallSource
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion
from callaudit.domain.waveform import SPEECH_RATE_HZ
from callaudit.resources import bundled
from callaudit.settings import AudioSettings, SpeechSettings
from callaudit.speech.activity import SileroDetector
from callaudit.speech.engine import WhisperTranscriber
from callaudit.speech.packing import pack, pieces_of
from tests.builders import make_acoustics, make_call
from tests.speech.sounds import beats, noise, prepared, spoken, wave_of

SAMPLES = ("origin-4s.mp3", "abuse-midcall.ogg", "upmixed.wav")


def transcriber(batch_windows: int = 8) -> WhisperTranscriber:
    return WhisperTranscriber(SpeechSettings(model="mini", device="cpu", threads=1, batch_windows=batch_windows))


@pytest.fixture(scope="module")
def engine():
    return transcriber()


@pytest.fixture(scope="module")
def calls():
    detector, decoder = SileroDetector(SpeechSettings()), FfmpegDecoder(AudioSettings())
    waves = [decoder.decode(CallSource(path=Path(bundled("samples")) / name))[1] for name in SAMPLES]
    return [prepared(wave, detector, call_id=name) for name, wave in zip(SAMPLES, waves, strict=True)]


@pytest.fixture(scope="module")
def trying(calls):
    """Calls of a tone, of noise and of one word over and over: windows that whisper guesses or loops on."""
    loop = np.tile(spoken("greeting")[: SPEECH_RATE_HZ // 2], 8)
    found = []
    for name, sound in {"tone": beats(3, 0, 4), "noise": noise(3, -20), "loop": loop}.items():
        wave = wave_of(sound, noise(3))
        regions = (SpeechRegion(TimeSpan(0, 2900), 0, -20.0),)
        acoustics = make_acoustics(duration_ms=wave.duration_ms, regions=regions)
        found.append(type(calls[0])(call=make_call(call_id=name), wave=wave, acoustics=acoustics))
    return found


@pytest.fixture(scope="module")
def alone(engine, calls):
    """What each call is transcribed to by itself."""
    return [engine.transcribe([call])[0] for call in calls]


def test_the_calls_say_something(alone):
    assert all(len(transcript.utterances) > 5 for transcript in alone)


def test_together_or_alone(engine, calls, alone):
    assert list(engine.transcribe(calls)) == alone


def test_in_another_order(engine, calls, alone):
    assert list(engine.transcribe(calls[::-1])) == alone[::-1]


def test_beside_calls_that_whisper_loops_and_guesses_on(engine, calls, trying, alone):
    beside = engine.transcribe([trying[0], calls[1], *trying[1:], calls[0]])

    assert {utterance.temperature for n in (0, 2, 3) for utterance in said(beside[n])} - {0.0}
    assert [beside[4], beside[1]] == alone[:2]
    assert beside[3] == engine.transcribe(trying[2:])[0]


@pytest.mark.parametrize("batch_windows", [1, 3, 16])
def test_in_batches_of_any_size(calls, alone, batch_windows):
    assert list(transcriber(batch_windows).transcribe(calls)) == alone


def test_whatever_was_drawn_before(engine, trying):
    torch.manual_seed(1)
    first = engine.transcribe(trying)
    torch.manual_seed(2)

    assert engine.transcribe(trying) == first


def test_calls_share_batches_and_no_windows(engine, calls, monkeypatch):
    batches = []
    decode = engine._decoder.decode

    def listen(windows):
        batches.append(len(windows))
        return decode(windows)

    monkeypatch.setattr(engine._decoder, "decode", listen)

    engine.transcribe(calls)

    assert batches[0] == sum(len(pack(pieces_of(call.acoustics.regions))) for call in calls) > len(calls)


def said(transcript):
    """Every utterance, those set aside included."""
    return [*transcript.utterances, *(dropped.utterance for dropped in transcript.dropped)]
