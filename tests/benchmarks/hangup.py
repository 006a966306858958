"""How well hang-ups and speech after them are found on simulated calls.

    python -m tests.benchmarks.hangup [CALLS] [--seed N] [--voice buzz|espeak|DIR] [--speech truth|silero]
                                      [--blur MS] [--worst N] [--write DIR]

Words are the oracle's: the true utterances, with parties by channel, or by their words where the recording is mixed.
Speech regions come from the truth too, for speed, unless `--speech silero` (which wants `--voice espeak`: a detector
of voices does not take the synthetic buzz for one everywhere). Tones, call records, goodbyes, weighing and findings are
the program's own, and so are lexicon and classifier.

The measure is that of `callaudit evaluate`: a hang-up within 2 s of the true one is found, one elsewhere is false;
errors are those of found ones. Recall counts sentences after the hang-up that a finding covers by half, precision
counts findings. `--blur` moves both ends of every oracle utterance by up to so many ms, as an engine does. `--write`
keeps the calls for `callaudit evaluate DIR`, with their call records.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.builders import STEREO
from tests.simulator.bridge import SimulatedDecoder, TrueSpeech, path_of, record_of, source_of, truth_of
from tests.simulator.codec import can_encode
from tests.simulator.files import write, write_records
from tests.simulator.measure import CallMeasure, measure
from tests.simulator.render import SimulatedCall, render
from tests.simulator.script import Shape
from tests.simulator.shapes import scripts
from tests.simulator.voice import BuzzVoice, EspeakVoice, FolderVoice, Voice

from callaudit import assembly
from callaudit.classifier.talk import TalkClassifier
from callaudit.detectors import FusedDetector, make_detectors, score_call
from callaudit.evaluation.endings import grouped, summed
from callaudit.evaluation.oracle import OracleTranscriber
from callaudit.evaluation.report import ENDING_HEADINGS, ending_row
from callaudit.hangup.locate import EvidenceHangupLocator
from callaudit.pipeline import Engines, judge, prepare
from callaudit.ports import SpeechDetector
from callaudit.settings import HangupSettings, SpeechSettings, load_settings
from callaudit.speech.line import FloorChangeDetector
from callaudit.speech.music import HoldMusicDetector
from callaudit.speech.tones.detector import CallProgressToneDetector
from callaudit.text.parties import WordPartyAttributor


@cache
def _detector() -> FusedDetector:
    """Lexicon, classifier and speech after the hang-up, as a scan has them."""
    settings = load_settings()
    return FusedDetector(make_detectors(*assembly.word_engines(settings), settings.hangup))


@cache
def _talk_reader() -> TalkClassifier:
    return TalkClassifier()


def engines_for(call: SimulatedCall, speech: SpeechDetector | None = None, blur_ms: int = 0) -> Engines:
    """The program's own stages around one simulated call."""
    return Engines(
        decoder=SimulatedDecoder([call]),
        speech=speech or TrueSpeech(call),
        line=FloorChangeDetector(),
        music=HoldMusicDetector(),
        tones=CallProgressToneDetector(),
        transcriber=OracleTranscriber({path_of(call): truth_of(call, blur_ms)}),
        attributor=WordPartyAttributor(_talk_reader()),
        locator=EvidenceHangupLocator(HangupSettings(), _talk_reader()),
        detector=_detector(),
        scorer=score_call,
        channel_parties=STEREO,
    )


def run(call: SimulatedCall, speech: SpeechDetector | None = None, blur_ms: int = 0) -> CallMeasure:
    """Prepare, transcribe and judge one call, and compare."""
    engines = engines_for(call, speech, blur_ms)
    prepared = prepare(source_of(call), engines)
    (transcript,) = engines.transcriber.transcribe([prepared])
    return measure(call, judge(prepared.call, prepared.acoustics, transcript, engines))


def main() -> None:
    """Print the benchmark."""
    options = _options()
    voice = _voice(options.voice)
    speech: SpeechDetector | None = None
    if options.speech == "silero":
        from callaudit.speech.activity import SileroDetector

        speech = SileroDetector(SpeechSettings())
    begun_s = time.perf_counter()
    measures, records = [], []
    for script in scripts(options.calls, options.seed):
        if not can_encode(script.line.codec):
            print(f"{script.name} left out: this ffmpeg has no encoder of {script.line.codec}")
            continue
        call = render(script, options.seed, voice)
        measures.append(run(call, speech, options.blur))
        if options.write:
            write(call, options.write)
            records += [record] if (record := record_of(call)) else []
    if options.write:
        write_records(records, options.write)
    print(
        f"{len(measures)} calls, seed {options.seed}, voice {options.voice}, speech regions by {options.speech}, ",
        end="",
    )
    print(f"oracle transcripts, {time.perf_counter() - begun_s:.0f} s\n")
    show(measures, options.worst)


def show(measures: Sequence[CallMeasure], worst: int) -> None:
    """Print the tables, and the first so many calls that went wrong."""
    endings = [call.ending for call in measures]
    _print_row(("", *ENDING_HEADINGS))
    _print_row(ending_row("all", summed(endings)))
    for grouping, groups in grouped(endings).items():
        print(f"by {grouping}")
        for name, rates in groups.items():
            _print_row(ending_row(f"  {name}", rates))
    confused = Counter(step.signal.value for call in measures if call.false_tones for step in call.script.sounds)
    print(f"tones heard where none ended the call: {sum(call.false_tones for call in measures)}; ", end="")
    print(f"signals on those calls: {dict(confused) or 'none'}\n")
    _print_wrong([call for call in measures if call.is_wrong][:worst])


def _voice(name: str) -> Voice:
    if name == "espeak":
        return EspeakVoice()
    return BuzzVoice() if name == "buzz" else FolderVoice(Path(name))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hang-ups and speech after them, on simulated calls.")
    parser.add_argument("calls", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--voice", default="buzz", help="buzz, espeak or a folder of recordings")
    parser.add_argument("--speech", choices=("truth", "silero"), default="truth")
    parser.add_argument("--blur", type=int, default=0, metavar="MS", help="move the ends of utterances by up to this")
    parser.add_argument("--write", type=Path, metavar="DIR", help="keep the calls with their truth in this folder")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the first N calls that went wrong")
    return parser.parse_args()


def _print_row(cells: Sequence[str]) -> None:
    widths = [max(9, len(heading)) + 2 for heading in ENDING_HEADINGS]
    told = "".join(f"{cell:>{width}}" for cell, width in zip(cells[1:], widths, strict=True))
    print(f"{cells[0]:24}{told}")


def _print_wrong(measures: Sequence[CallMeasure]) -> None:
    for call in measures:
        script = call.script
        kind = f"{script.shape.value} {script.source.value} {script.tail.value}"
        hangup, late = call.ending.hangup, call.ending.late_speech
        error = hangup.verdict.value if hangup.error_ms is None else f"{hangup.error_ms:+d} ms"
        signal = ", ".join(f"{step.signal.value} {step.error_hz:+.0f} Hz ±{step.jitter:.0%}" for step in script.sounds)
        kind += f" [{signal}]" if signal else ""
        kind += "" if script.shape is not Shape.S2 or script.has_goodbyes else " (cut off)"
        print(
            f"{script.name} {kind}{' mixed' if script.line.is_mixed else ''}: hang-up {error}, "
            f"{late.found}/{late.true} sentences, {late.right}/{late.reported} findings right"
        )


if __name__ == "__main__":
    main()
