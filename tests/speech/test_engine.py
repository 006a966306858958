from __future__ import annotations

from dataclasses import replace

import pytest

from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import DropReason, SpeechRegion
from callaudit.errors import ModelError
from callaudit.ports import SpeechDetector, Transcriber
from callaudit.settings import SpeechSettings
from callaudit.speech.activity import SileroDetector
from callaudit.speech.decoding import DecodedWindow, TimedText
from callaudit.speech.engine import WhisperTranscriber
from tests.speech.sounds import dialogue, edits, prepared

SETTINGS = SpeechSettings(model="mini")
FIRST = [(0, "greeting", 1.0), (1, "complaint", 4.0), (0, "remark", 8.0)]
SECOND = [(1, "greeting", 0.8), (0, "complaint", 4.0), (1, "remark", 7.8)]


@pytest.fixture(scope="module")
def detector() -> SpeechDetector:
    return SileroDetector(SETTINGS)


@pytest.fixture(scope="module")
def engine() -> Transcriber:
    return WhisperTranscriber(SETTINGS)


@pytest.fixture
def calls(detector):
    return [prepared(dialogue(turns, 10.0)[0], detector, call_id=str(i)) for i, turns in enumerate((FIRST, SECOND))]


class Scripted:
    """A window decoder that writes what a function says; `poor` says whether it calls shared windows guesswork."""

    def __init__(self, write, poor=False, logprob=lambda window: -0.2):
        self.write, self.poor, self.logprob, self.windows = write, poor, logprob, []

    def decode(self, windows):
        self.windows.append([window.samples.size // 16 for window in windows])
        return [
            DecodedWindow(
                segments=tuple(self.write(w)),
                avg_logprob=self.logprob(w),
                no_speech_prob=0.0,
                temperature=0.0,
                is_poor=self.poor and not is_alone(w),
            )
            for w in windows
        ]


def is_alone(window):
    return window.samples.size // 16 < 6000


@pytest.fixture
def scripted(engine, monkeypatch):
    def script(write, **how):
        decoder = Scripted(write, **how)
        monkeypatch.setattr(engine, "_decoder", decoder)
        return decoder

    return script


def test_spoken_calls_become_text_of_the_right_party_at_the_right_time(engine, calls):
    transcripts = engine.transcribe(calls)

    for transcript, turns in zip(transcripts, (FIRST, SECOND), strict=True):
        told = dialogue(turns, 10.0)[1]
        wrong = total = 0
        for channel, words, text in told:
            heard = [u for u in transcript.utterances if u.channel == channel and u.span.overlaps(words)]
            assert heard
            assert {u.party for u in heard} == {(Party.AGENT, Party.CUSTOMER)[channel]}
            wrong += edits(text, "".join(u.text for u in heard).replace("，", ""))
            total += len(text)
        assert wrong / total < 0.6
        assert transcript.engine.startswith("whisper 20")
        assert "mini@" in transcript.engine


def test_utterances_are_in_order_within_their_regions_and_carry_their_measures(engine, calls):
    for transcript, call in zip(engine.transcribe(calls), calls, strict=True):
        utterances = transcript.utterances
        assert [u.index for u in utterances] == list(range(len(utterances)))
        assert [u.span for u in utterances] == sorted(u.span for u in utterances)
        for utterance in utterances:
            assert any(
                r.channel == utterance.channel and r.span.clip(utterance.span) == utterance.span
                for r in call.acoustics.regions
            )
            assert utterance.party_basis is PartyBasis.SETTING
            assert utterance.avg_logprob < 0
            assert -40 < utterance.level_dbfs < -10


def test_the_same_calls_give_the_same_transcripts(engine, calls):
    assert engine.transcribe(calls) == engine.transcribe(calls)


def test_a_call_without_speech_has_an_empty_transcript(engine, calls, detector):
    silent = prepared(dialogue([], 5.0)[0], detector, call_id="silent")

    first, nothing, second = engine.transcribe([calls[0], silent, calls[1]])

    assert nothing.utterances == nothing.dropped == ()
    assert first.utterances
    assert second.utterances
    assert engine.transcribe([]) == ()
    assert engine.transcribe([silent]) == (nothing,)


def test_a_segment_over_two_regions_never_gives_words_to_the_wrong_one(engine, calls, scripted):
    def write(window):
        """One segment over all it hears; told apart only when heard alone."""
        length_ms = window.samples.size // 16
        return [TimedText(TimeSpan(0, length_ms), "您好" if length_ms < 6000 else "甲乙丙丁戊己庚辛")]

    decoder = scripted(write)

    transcripts = engine.transcribe(calls)

    heard = [u for transcript in transcripts for u in transcript.utterances]
    assert {u.text for u in heard} == {"您好"}
    assert len(heard) == sum(len(call.acoustics.regions) for call in calls)
    assert len(decoder.windows[-1]) == len(heard)


def test_a_clear_segment_is_kept_while_its_neighbours_are_asked_for_again(engine, calls, scripted):
    first, second, third = (r.span.duration_ms for r in calls[0].acoustics.regions)

    def write(window):
        if window.samples.size // 16 > first + second + third:
            yield TimedText(TimeSpan(100, first), "第一")
            yield TimedText(TimeSpan(first + 400, first + 300 + second + 300 + third), "第二第三")
        else:
            yield TimedText(TimeSpan(0, 300), "单独")

    scripted(write)

    (transcript,) = engine.transcribe(calls[:1])

    assert next(u.text for u in transcript.utterances) == "第一"
    assert "第二第三" not in {u.text for u in transcript.utterances}
    assert transcript.utterances[0].span.start_ms == calls[0].acoustics.regions[0].span.start_ms + 100


def test_a_region_passed_over_beside_others_is_asked_for_again(engine, calls, scripted):
    first = calls[0].acoustics.regions[0].span.duration_ms
    decoder = scripted(lambda window: [TimedText(TimeSpan(0, min(first, window.samples.size // 16)), "您好")])

    (transcript,) = engine.transcribe(calls[:1])

    assert [u.text for u in transcript.utterances] == ["您好"] * 3
    assert len(decoder.windows) == 3


@pytest.mark.parametrize(
    ("text", "poor"), [("我想问问问问问", False), ("我想问一下", True)], ids=["stutter", "guesswork"]
)
def test_doubtful_text_of_a_shared_window_is_asked_for_again(engine, calls, scripted, text, poor):
    spans = [r.span.duration_ms for r in calls[0].acoustics.regions]
    starts = [0, spans[0] + 300, spans[0] + spans[1] + 600]

    def write(window):
        if is_alone(window):
            return [TimedText(TimeSpan(0, window.samples.size // 16), "好的")]
        return [TimedText(TimeSpan(at, at + length), text) for at, length in zip(starts, spans, strict=True)]

    scripted(write, poor=poor)

    (transcript,) = engine.transcribe(calls[:1])

    assert [u.text for u in transcript.utterances] == ["好的"] * 3


@pytest.mark.parametrize(("logprob", "rounds"), [(-0.5, 1), (-0.7, 2)], ids=["sure", "unsure"])
def test_a_window_the_model_is_unsure_of_is_heard_once_more(engine, calls, scripted, logprob, rounds):
    spans = [r.span.duration_ms for r in calls[0].acoustics.regions]

    def write(window):
        gap_ms = (window.samples.size // 16 - sum(spans)) // 2
        starts = [0, spans[0] + gap_ms, spans[0] + spans[1] + 2 * gap_ms]
        return [TimedText(TimeSpan(at, at + length), "好的") for at, length in zip(starts, spans, strict=True)]

    decoder = scripted(write, logprob=lambda window: logprob)

    (transcript,) = engine.transcribe(calls[:1])

    assert len(decoder.windows) == rounds
    assert [u.text for u in transcript.utterances] == ["好的"] * 3


def test_text_written_between_regions_is_given_to_neither(engine, calls, scripted):
    first = calls[0].acoustics.regions[0].span.duration_ms

    def write(window):
        return [
            TimedText(TimeSpan(0, 500), "单独")
            if is_alone(window)
            else TimedText(TimeSpan(first + 50, first + 250), "谁")
        ]

    scripted(write)

    (transcript,) = engine.transcribe(calls[:1])

    assert "谁" not in {u.text for u in transcript.utterances}
    assert len(transcript.utterances) == 3


def test_text_written_into_silence_is_dropped_as_having_no_speech(engine, calls, scripted):
    scripted(lambda window: [TimedText(TimeSpan(29_000, 29_800), "谁在说话")])

    (transcript,) = engine.transcribe(calls[:1])

    assert transcript.utterances == ()
    assert {d.reason for d in transcript.dropped} == {DropReason.NO_SPEECH}


def test_the_script_is_simplified(engine, calls, scripted):
    scripted(lambda window: [TimedText(TimeSpan(0, 1500), "醫藥費")])

    (transcript,) = engine.transcribe(calls[:1])

    assert {u.text for u in transcript.utterances} == {"医药费"}


def test_boilerplate_is_set_aside(engine, calls, scripted):
    scripted(lambda window: [TimedText(TimeSpan(0, 1500), "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目")])

    (transcript,) = engine.transcribe(calls[:1])

    assert transcript.utterances == ()
    assert {d.reason for d in transcript.dropped} == {DropReason.BOILERPLATE}


def test_windows_go_in_batches_the_fullest_first(detector, monkeypatch):
    small = WhisperTranscriber(SpeechSettings(model="mini", batch_windows=2))
    wave, _ = dialogue([(0, "greeting", 1.0)], 5.0)
    call = prepared(wave, detector)
    spans = [TimeSpan(0, length) for length in (18_000, 21_000, 19_000, 29_000, 20_000)]
    regions = tuple(SpeechRegion(span, 0, -20.0) for span in spans)
    call = replace(call, acoustics=replace(call.acoustics, regions=regions))
    decoder = Scripted(lambda window: [])
    monkeypatch.setattr(small, "_decoder", decoder)

    small.transcribe([call])

    assert decoder.windows == [[29_000, 21_000], [20_000, 19_000], [18_000]]


def test_a_mixed_recording_keeps_its_unknown_party(engine, detector):
    wave, _ = dialogue([(0, "greeting", 1.0)], 5.0)
    call = prepared(wave, detector, mixed=True)

    (transcript,) = engine.transcribe([call])

    assert {(u.party, u.party_basis) for u in transcript.utterances} == {(Party.UNKNOWN, PartyBasis.MIXED)}


def test_a_quiet_voice_beside_a_loud_one_is_still_understood(engine, detector):
    wave, truth = dialogue(FIRST, 10.0)
    samples = wave.samples.copy()
    words = truth[2][1]
    cut = slice((words.start_ms - 300) * 16, (words.end_ms + 300) * 16)
    samples[0, cut] = (samples[0, cut] * 10 ** (-24 / 20)).astype(samples.dtype)
    quiet = prepared(type(wave)(samples), detector)

    (transcript,) = engine.transcribe([quiet])

    heard = "".join(u.text for u in transcript.utterances if u.channel == 0 and u.span.overlaps(words))
    assert edits(truth[2][2], heard) <= len(truth[2][2]) - 1


def test_the_engine_says_that_it_knows_synthetic_speech_only(engine):
    assert engine.is_synthetic_only
    assert engine.name == "whisper"
    assert engine._model.sha256 in engine.version


def test_a_model_that_cannot_be_had_is_refused_before_any_call():
    with pytest.raises(ModelError):
        WhisperTranscriber(SpeechSettings(model="no-such-model"))
