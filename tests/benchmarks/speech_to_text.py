"""Packed, batched transcription against `whisper.transcribe`: same checkpoint, same calls, same threads.

Run: `python tests/benchmarks/speech_to_text.py FILE_OR_FOLDER… [--model mini] [--threads 1] [--repeat 1]`

What the clock includes: for callaudit, finding speech and transcribing it, all calls as one group; for whisper, one
`whisper.transcribe` for each channel of each call, without and with its temperature fallback, and told where speech is
(finding it included). Loading the model and
decoding files is left out of both. Where `NAME.truth.json` lies beside a recording, the character error rate of each is
printed: simplified script, letters, digits and characters only, channels apart, all calls together.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import whisper

from callaudit.audio.decode import FfmpegDecoder
from callaudit.domain.analysis import Acoustics, CallSource, PreparedCall
from callaudit.domain.calls import Call, Party, PartyBasis, Recording
from callaudit.domain.waveform import Waveform, as_float
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings, SpeechSettings
from callaudit.speech.activity import SileroDetector
from callaudit.speech.engine import WhisperTranscriber
from callaudit.speech.models import resolve_model
from callaudit.speech.packing import fill_rate, pack, pieces_of
from callaudit.text.script import to_simplified

NOT_SOUND = (".json", ".jsonl", ".csv", ".toml", ".py", ".md")
NOT_COUNTED = re.compile(r"[\W_]+")
Texts = list[list[str]]
"""What was said, per call and channel."""


@dataclass(frozen=True)
class Sound:
    """A decoded recording and, where known, what is said on each channel."""

    recording: Recording
    wave: Waveform
    told: list[str] | None


def recordings(names: Sequence[Path]) -> Iterator[Sound]:
    """Every readable recording under some names."""
    decoder = FfmpegDecoder(AudioSettings())
    for path in (file for name in names for file in (sorted(name.rglob("*")) if name.is_dir() else [name])):
        if not path.is_file() or path.suffix in NOT_SOUND:
            continue
        try:
            recording, wave, _ = decoder.decode(CallSource(path=path))
        except AudioError as error:
            print(f"left out: {path.name} ({error.code})")
            continue
        truth = truth_of(path)
        if truth.get("mixed"):
            wave = Waveform(wave.samples[:1])
        yield Sound(recording, wave, told_on(truth, wave.channels))


def truth_of(path: Path) -> dict[str, Any]:
    """The truth file beside a recording; empty where there is none."""
    file = path.with_name(path.stem + ".truth.json")
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def told_on(truth: dict[str, Any], channels: int) -> list[str] | None:
    """What is said on each channel."""
    if not truth:
        return None
    said = sorted(truth.get("utterances", ()), key=lambda row: row["start_ms"])
    return ["".join(row["text"] for row in said if row["channel"] == channel) for channel in range(channels)]


def with_callaudit(sounds: Sequence[Sound], detector: SileroDetector, engine: WhisperTranscriber) -> Texts:
    """Speech found, packed and transcribed, all calls as one group."""
    calls = [prepare(sound, detector) for sound in sounds]
    return [
        [
            "".join(u.text for u in transcript.utterances if u.channel == channel)
            for channel in range(sound.wave.channels)
        ]
        for sound, transcript in zip(sounds, engine.transcribe(calls), strict=True)
    ]


def prepare(sound: Sound, detector: SileroDetector) -> PreparedCall:
    call = Call(
        call_id=sound.recording.path.stem,
        recording=sound.recording,
        channel_parties=(Party.UNKNOWN,) * sound.wave.channels,
        party_basis=PartyBasis.MIXED,
    )
    regions = detector.detect(sound.wave)
    acoustics = Acoustics(duration_ms=sound.wave.duration_ms, regions=regions, tones=(), peaks=())
    return PreparedCall(call=call, wave=sound.wave, acoustics=acoustics)


def with_whisper(
    sounds: Sequence[Sound], model: Any, temperature: float | tuple[float, ...], detector: SileroDetector | None = None
) -> Texts:
    """`whisper.transcribe` channel by channel, without conditioning on earlier text.

    Args:
        sounds: the calls.
        model: as `whisper.load_model` gives it.
        temperature: one, or those of its fallback.
        detector: finds speech first; the regions are then given to whisper as `clip_timestamps`.
    """
    heard: Texts = []
    for sound in sounds:
        regions = detector.detect(sound.wave) if detector else ()
        texts = []
        for channel, samples in enumerate(sound.wave.samples):
            spans = [region.span for region in regions if region.channel == channel]
            clips = [edge / 1000 for span in spans for edge in (span.start_ms, span.end_ms)] if detector else "0"
            if clips:
                texts.append(transcribe_channel(model, as_float(samples), temperature, clips))
            else:
                texts.append("")
        heard.append(texts)
    return heard


def transcribe_channel(model: Any, samples: Any, temperature: float | tuple[float, ...], clips: Any) -> str:
    """Text of one channel."""
    said = whisper.transcribe(
        model,
        samples,
        language="zh",
        temperature=temperature,
        condition_on_previous_text=False,
        clip_timestamps=clips,
        fp16=False,
    )
    return str(said["text"])


def error_rate(sounds: Sequence[Sound], heard: Texts) -> float | None:
    """Character error rate over all channels whose truth is known."""
    wrong = total = 0
    for sound, texts in zip(sounds, heard, strict=True):
        for told, text in zip(sound.told or (), texts, strict=False):
            want, got = (NOT_COUNTED.sub("", to_simplified(one)) for one in (told, text))
            wrong, total = wrong + edits(want, got), total + len(want)
    return wrong / total if total else None


def edits(told: str, heard: str) -> int:
    """Characters to change, add or take away."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(told, 1):
        new = [i]
        for j, b in enumerate(heard, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (a != b)))
        row = new
    return row[-1]


def best_time(repeat: int, transcribe: Callable[[], Texts]) -> tuple[float, Texts]:
    """Shortest of some runs in seconds, and the text."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        texts = transcribe()
        times.append(time.perf_counter() - start)
    return min(times), texts


def main() -> None:
    """Print throughput, ratios and error rates."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("names", nargs="+", type=Path)
    options.add_argument("--model", default="mini")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--repeat", type=int, default=1)
    chosen = options.parse_args()

    settings = SpeechSettings(model=chosen.model, threads=chosen.threads, device="cpu")
    detector, engine = SileroDetector(settings), WhisperTranscriber(settings)
    plain = whisper.load_model(str(resolve_model(chosen.model).path), device="cpu")
    torch.set_num_threads(chosen.threads)
    sounds = list(recordings(chosen.names))
    minutes = sum(sound.wave.duration_ms for sound in sounds) / 60_000
    regions = (prepare(sound, detector).acoustics.regions for sound in sounds)
    windows = [window for one in regions for window in pack(pieces_of(one))]
    print(f"{len(sounds)} calls, {minutes:.1f} minutes, {engine.engine}, {chosen.threads} threads, greedy, CPU")
    print(f"{len(windows)} windows, {fill_rate(windows):.0%} of their time filled with speech regions")

    fallback = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    rows = {
        "callaudit (finding speech included)": lambda: with_callaudit(sounds, detector, engine),
        "whisper.transcribe, no fallback": lambda: with_whisper(sounds, plain, 0.0),
        "whisper.transcribe, its fallback": lambda: with_whisper(sounds, plain, fallback),
        "whisper.transcribe, told the regions": lambda: with_whisper(sounds, plain, fallback, detector),
    }
    ours = None
    for name, transcribe in rows.items():
        seconds, texts = best_time(chosen.repeat, transcribe)
        ours = ours or seconds
        rate = error_rate(sounds, texts)
        quality = "no truth" if rate is None else f"CER {rate:.1%}"
        speed = minutes * 60 / seconds
        print(f"{name:38} {seconds:7.1f} s {speed:6.1f}x real time, {seconds / ours:5.1f}x our time, {quality}")


if __name__ == "__main__":
    main()
