"""Simulated calls into callaudit's own stages: decoder, regions, record and oracle words from the truth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from callaudit.audio.channels import channels_alike, has_dead_channel
from callaudit.domain.analysis import CallSource, Warn
from callaudit.domain.calls import CallRecord, ClockSpan, Party, Recording
from callaudit.domain.findings import TALK_CATEGORIES, Category, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion
from callaudit.domain.waveform import SPEECH_RATE_HZ, Waveform, level_dbfs
from callaudit.evaluation.truth import TrueFinding, TrueHangup, TrueUtterance, Truth
from tests.simulator.render import SimulatedCall
from tests.simulator.script import Codec, HoldOn, Shape, Tail, Twist
from tests.simulator.voice import LINE_HZ

BEGUN_AT = datetime(2024, 5, 6, 9, 30, tzinfo=UTC)
"""When every simulated recording began."""
ANOTHER_CALL = 0.6
"""Times of a record of another call, against this one's."""
REGION_PAD_MS = 200
"""The speech detector's padding."""
REGION_GAP_MS = 300
"""Shorter pauses do not part regions."""


def path_of(call: SimulatedCall) -> Path:
    """The file the call would be."""
    return Path(f"{call.script.name}.wav")


def source_of(call: SimulatedCall) -> CallSource:
    """The call as a scan would get it, with its record where it has one."""
    return CallSource(path=path_of(call), record=record_of(call))


def record_of(call: SimulatedCall) -> CallRecord | None:
    """What the switch wrote: whole seconds on a clock of its own, and not always the truth."""
    clock, hangup = call.script.clock, call.truth.hangup
    if clock is None:
        return None

    def written(at_ms: int) -> datetime:
        told_ms = at_ms * ANOTHER_CALL if clock.is_of_another_call else at_ms
        return (BEGUN_AT + timedelta(milliseconds=told_ms + clock.offset_ms)).replace(microsecond=0)

    def spans(is_mute: bool) -> tuple[ClockSpan, ...]:
        told = [held.span for held in call.truth.held if held.begun == HoldOn(is_mute=is_mute)]
        return tuple(ClockSpan(written(span.start_ms), written(span.end_ms)) for span in told)

    ended_ms = max(hangup.at_ms if hangup else 0, call.truth.duration_ms + clock.stretch_ms)
    return CallRecord(
        recording=path_of(call).name,
        call_id=call.script.name,
        recording_start_at=BEGUN_AT,
        customer_hangup_at=written(hangup.at_ms) if hangup and clock.has_hangup else None,
        ended_at=written(ended_ms),
        hangup_by=hangup.by if hangup and clock.has_hangup else None,
        hold_spans=spans(is_mute=False),
        mute_spans=spans(is_mute=True),
    )


def truth_of(call: SimulatedCall, blur_ms: int = 0) -> Truth:
    """The truth as `callaudit evaluate` reads it; talk after the hang-up, or on hold, is one finding.

    Args:
        call: a rendered call.
        blur_ms: both ends of every utterance are moved by up to this, the same way every time.
    """
    rng = random.Random(call.script.name)
    truth = call.truth
    after = truth.after
    span = TimeSpan(after[0].start_ms, after[-1].end_ms) if after else None
    on_hold = call.script.shape is Shape.S4
    kind = (Category.ON_HOLD, Phase.ON_HOLD) if on_hold else (Category.POST_HANGUP, Phase.AFTER_HANGUP)
    finding = span and TrueFinding(kind[0], span, Party.AGENT, kind[1], "")
    return Truth(
        utterances=tuple(
            TrueUtterance(said.party, said.channel, _blurred(said.span, truth.duration_ms, blur_ms, rng), said.text)
            for said in truth.spoken
        ),
        hangup=_hangup(call),
        closing_end_ms=truth.closing_end_ms,
        findings=(finding,) if finding else (),
        categories=TALK_CATEGORIES,
        is_mixed=call.script.line.is_mixed,
        is_synthetic=True,
        labels=labels_of(call),
    )


def _hangup(call: SimulatedCall) -> TrueHangup | None:
    end = call.truth.hangup
    if end is None:
        return None
    by = end.by.value if end.by else "nobody"
    others_ms = call.truth.other_ends_ms
    return TrueHangup(end.at_ms, by, end.kind.value, or_ms=others_ms, is_optional=not call.script.must_be_found)


def labels_of(call: SimulatedCall) -> dict[str, str]:
    """What calls are sorted by when they are measured; what does not apply is left out."""
    script = call.script
    labels = {
        "shape": script.shape.value,
        "tail": "" if script.tail is Tail.NONE else script.tail.value,
        "evidence": script.source.value,
        "codec": "pcm" if script.line.codec is Codec.NONE else script.line.codec.value,
        "fault": script.line.worst_fault,
        "twist": "" if script.twist is Twist.NONE else script.twist.value,
        "tone": script.last_signal.value if script.last_signal else "",
        "goodbyes": ("said" if script.has_goodbyes else "cut off") if script.shape is Shape.S2 else "",
    }
    return {name: value for name, value in labels.items() if value}


def _blurred(span: TimeSpan, duration_ms: int, blur_ms: int, rng: random.Random) -> TimeSpan:
    start_ms = max(0, span.start_ms + rng.randint(-blur_ms, blur_ms))
    return TimeSpan(start_ms, min(duration_ms, max(start_ms + 1, span.end_ms + rng.randint(-blur_ms, blur_ms))))


class SimulatedDecoder:
    """Serves rendered calls by path (an `AudioDecoder`)."""

    name, version = "simulator", "1"

    def __init__(self, calls: Sequence[SimulatedCall]) -> None:
        self._calls = {path_of(call): call for call in calls}

    def decode(self, source: CallSource) -> tuple[Recording, Waveform, tuple[Warn, ...]]:
        """The sound at 16 kHz, as the real decoder gives it, and its doubts about the channels."""
        from scipy.signal import resample_poly

        call = self._calls[source.path]
        raised = resample_poly(call.samples.astype(np.float32), SPEECH_RATE_HZ // LINE_HZ, 1, axis=1)
        wave = Waveform(np.clip(np.round(raised), -32768, 32767).astype(np.int16))
        recording = Recording(
            sha256=sha256(call.samples.tobytes()).hexdigest(),
            path=source.path,
            container="wav",
            codec="pcm_s16le",
            sample_rate_hz=LINE_HZ,
            channels=wave.channels,
            duration_ms=wave.duration_ms,
            size_bytes=call.samples.nbytes,
        )
        doubts = ((Warn.CHANNELS_ALIKE, channels_alike), (Warn.CHANNEL_DEAD, has_dead_channel))
        return recording, wave, tuple(warn for warn, is_so in doubts if is_so(wave))


class TrueSpeech:
    """Regions where the truth has speech, padded as the detector pads (a `SpeechDetector`); for one call at a time."""

    name, version = "truth", "1"

    def __init__(self, call: SimulatedCall) -> None:
        self._call = call

    def detect(self, wave: Waveform) -> tuple[SpeechRegion, ...]:
        """Speech regions by time, then channel."""
        regions = []
        for channel in range(wave.channels):
            spans = [said.span for said in self._call.truth.spoken if said.channel == channel or wave.channels == 1]
            for span in _merged(spans, wave.duration_ms):
                regions.append(SpeechRegion(span, channel, level_dbfs(wave.cut(channel, span))))
        return tuple(sorted(regions))


def _merged(spans: Sequence[TimeSpan], duration_ms: int) -> list[TimeSpan]:
    """Spans grown by the padding, those that then meet as one."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        grown = span.widen(REGION_PAD_MS, duration_ms)
        if merged and grown.start_ms - merged[-1].end_ms <= REGION_GAP_MS - 2 * REGION_PAD_MS:
            merged[-1] = merged[-1].cover(grown)
        elif merged and grown.start_ms < merged[-1].end_ms:
            middle_ms = (grown.start_ms + merged[-1].end_ms) // 2
            merged[-1] = TimeSpan(merged[-1].start_ms, middle_ms)
            merged.append(TimeSpan(middle_ms, grown.end_ms))
        else:
            merged.append(grown)
    return merged
