"""The sample calls hold what their ground truth says. No test here listens to words."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from callaudit.audio.decode import FfmpegDecoder
from callaudit.calls.records import read_call_records
from callaudit.domain.analysis import CallSource
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import Waveform, level_dbfs
from callaudit.errors import AudioError
from callaudit.evaluation.truth import Truth, read_truths
from callaudit.resources import bundled
from callaudit.settings import AudioSettings

SAMPLES = bundled("samples")
TRUTHS = read_truths(SAMPLES)
SOUND = {path: truth for path, truth in TRUTHS.items() if truth.error is None}
QUIET_DBFS = -45.0
EDGE_MS = 60
"""Codecs smear the edges of speech."""

every_call = pytest.mark.parametrize(("path", "truth"), SOUND.items(), ids=[path.stem for path in SOUND])


@cache
def decoded(path: Path) -> Waveform:
    return FfmpegDecoder(AudioSettings()).decode(CallSource(path=path))[1]


def named(name: str) -> Truth:
    return next(truth for path, truth in TRUTHS.items() if path.stem == name)


def test_all_files_together_are_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 8_000_000


def test_the_formats_of_telephone_recorders_are_there() -> None:
    assert {path.suffix for path in TRUTHS} == {".wav", ".mp3", ".ogg", ".m4a", ".amr", ".flac"}
    formats = {path.read_bytes()[20:22] for path in TRUTHS if path.suffix == ".wav"}
    pcm, alaw, mulaw, ima_adpcm, gsm = b"\x01\0", b"\x06\0", b"\x07\0", b"\x11\0", b"\x31\0"
    assert formats == {pcm, alaw, mulaw, ima_adpcm, gsm}


@every_call
def test_a_call_lasts_from_20_to_60_seconds(path: Path, truth: Truth) -> None:
    assert 20_000 <= decoded(path).duration_ms <= 60_000


@every_call
def test_a_telephone_line_carries_8_khz(path: Path, truth: Truth) -> None:
    recording = FfmpegDecoder(AudioSettings()).decode(CallSource(path=path))[0]
    assert recording.sample_rate_hz in (8000, 48_000 if path.suffix == ".ogg" else 8000)
    assert recording.channels == (1 if path.suffix == ".amr" or path.stem == "origin-mixed" else 2)


@every_call
def test_true_times_lie_within_the_recording(path: Path, truth: Truth) -> None:
    end_ms = decoded(path).duration_ms
    times = [said.span.end_ms for said in truth.utterances] + [found.span.end_ms for found in truth.findings]
    times += [truth.hangup.at_ms] if truth.hangup else []
    assert all(0 < time_ms <= end_ms for time_ms in times)


@every_call
def test_there_is_speech_where_the_truth_says_so(path: Path, truth: Truth) -> None:
    wave_form = decoded(path)
    for said in truth.utterances:
        assert level_dbfs(wave_form.cut(said.channel, said.span)) > -34
        onset = TimeSpan(said.span.start_ms, said.span.start_ms + 250)
        assert level_dbfs(wave_form.cut(said.channel, onset)) > QUIET_DBFS


@every_call
def test_there_is_none_elsewhere(path: Path, truth: Truth) -> None:
    wave_form = decoded(path)
    for channel in range(wave_form.channels):
        quiet = wave_form.samples[channel].copy()
        for said in truth.utterances:
            if said.channel == channel or truth.is_mixed:
                span = said.span.widen(EDGE_MS, wave_form.duration_ms)
                quiet[span.start_ms * 16 : span.end_ms * 16] = 0
        if truth.hangup and truth.hangup.kind == "busy_tone" and channel == 1:
            quiet[truth.hangup.at_ms * 16 :] = 0
        assert np.sqrt(np.mean(np.square(quiet.astype(np.float64)))) / 32768 < 10 ** (QUIET_DBFS / 20)


@every_call
def test_findings_quote_what_was_said_then(path: Path, truth: Truth) -> None:
    for finding in truth.findings:
        words = "，".join(said.text for said in truth.utterances if said.span.overlaps(finding.span))
        assert finding.quote in words
        assert finding.party is Party.AGENT


@every_call
def test_findings_are_on_the_right_side_of_the_hangup(path: Path, truth: Truth) -> None:
    for finding in truth.findings:
        after = truth.hangup is not None and finding.span.start_ms >= truth.hangup.at_ms
        assert finding.phase is (Phase.AFTER_HANGUP if after else Phase.BEFORE_HANGUP)


@pytest.mark.parametrize(("name", "drop_ms"), [("origin-1s", 1000), ("origin-4s", 4000), ("origin-10s", 10_000)])
def test_the_origin_case_ends_as_named(name: str, drop_ms: int) -> None:
    path = next(path for path in TRUTHS if path.stem == name)
    truth = TRUTHS[path]
    assert truth.hangup is not None
    assert (truth.hangup.by, truth.hangup.kind, truth.hangup.at_ms) == ("nobody", "closing", truth.closing_end_ms)
    assert decoded(path).duration_ms - truth.utterances[-1].span.end_ms == pytest.approx(drop_ms, abs=100)
    after = "".join(said.text for said in truth.utterances if said.span.start_ms >= truth.hangup.at_ms)
    for words in ("为了四十五块钱打了仨电话", "这种人都不要脸", "像个神经病一样"):
        assert words in after


@pytest.mark.parametrize(
    "name",
    [
        *("customer-swears", "customer-quotes", "survey-tail", "silent-caller", "one-more-question"),
        *("clean-stereo", "clean-mono", "upmixed"),
    ],
)
def test_innocent_calls_have_nothing_to_find(name: str) -> None:
    assert named(name).findings == ()


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("busy-tone", Category.INSULT),
        ("record-hangup", Category.INSULT),
        ("abuse-midcall", Category.THREAT),
        ("cold-shoulder", Category.SHIRKING),
        ("harmless-chat", Category.POST_HANGUP),
        ("origin-mixed", Category.POST_HANGUP),
    ],
)
def test_the_other_calls_have_something_to_find(name: str, category: Category) -> None:
    assert category in {finding.category for finding in named(name).findings}


def test_abuse_in_mid_call_is_before_any_hangup() -> None:
    assert {finding.phase for finding in named("abuse-midcall").findings} == {Phase.BEFORE_HANGUP}


def test_the_silent_caller_says_nothing() -> None:
    assert {said.party for said in named("silent-caller").utterances} == {Party.AGENT}


def test_the_survey_is_said_by_a_machine_after_the_closing() -> None:
    truth = named("survey-tail")
    assert truth.closing_end_ms is not None
    machine = [said for said in truth.utterances if said.party is Party.SYSTEM]
    assert machine
    assert all(said.span.start_ms > truth.closing_end_ms for said in machine)


def test_both_channels_of_the_upmixed_call_are_alike() -> None:
    path = next(path for path in TRUTHS if path.stem == "upmixed")
    samples = decoded(path).samples
    assert np.array_equal(samples[0], samples[1])


def test_the_busy_tone_is_a_tone_of_the_chinese_network() -> None:
    path = next(path for path in TRUTHS if path.stem == "busy-tone")
    with wave.open(str(path)) as file:
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)[:, 1]
    hangup = TRUTHS[path].hangup
    assert hangup is not None
    tone = samples[(hangup.at_ms + 200) * rate_hz // 1000 :].astype(np.float64)
    on_frames = 350 * rate_hz // 1000
    first_on, first_off = tone[:on_frames], tone[on_frames : 2 * on_frames]
    strongest_hz = np.argmax(np.abs(np.fft.rfft(first_on))) * rate_hz / on_frames
    assert strongest_hz == pytest.approx(450, abs=3)
    assert np.abs(first_off).max() < 100 < np.abs(first_on).max()


def test_the_corrupt_recording_cannot_be_decoded() -> None:
    (path,) = TRUTHS.keys() - SOUND.keys()
    with pytest.raises(AudioError) as caught:
        FfmpegDecoder(AudioSettings()).decode(CallSource(path=path))
    assert caught.value.code.startswith(TRUTHS[path].error or "nothing")


def test_the_call_records_agree_with_the_truth() -> None:
    records = read_call_records(SAMPLES / "calls.csv")
    by_record = 0
    for path, truth in SOUND.items():
        record = records.for_recording(path)
        tells = truth.hangup is not None and truth.hangup.kind == "call_record"
        assert not tells or record is not None
        if record is None or record.recording_start_at is None or record.ended_at is None:
            continue
        length_ms = (record.ended_at - record.recording_start_at).total_seconds() * 1000
        assert length_ms == pytest.approx(decoded(path).duration_ms, abs=record.clock_uncertainty_ms)
        if tells and truth.hangup and record.customer_hangup_at:
            offset_ms = (record.customer_hangup_at - record.recording_start_at).total_seconds() * 1000
            assert offset_ms == pytest.approx(truth.hangup.at_ms, abs=1)
            by_record += 1
    assert by_record >= 3


def test_no_utterance_is_said_twice() -> None:
    texts = [said.text for truth in TRUTHS.values() for said in truth.utterances]
    assert len(texts) == len(set(texts))
