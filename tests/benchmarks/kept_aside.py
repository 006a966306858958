"""How well hang-ups and speech after them are found on calls the detectors have never met.

    python -m tests.benchmarks.kept_aside [--speech truth|silero] [--blur MS] [--worst N] [--write DIR]

49 calls written by hand (`tests/data/kept_aside_calls.toml`), each on two channels and mixed; words, pauses, voices,
tones, noises, mixing and order of codecs are not those of the simulator. The measure is the one of
`tests.benchmarks.hangup`, which says how to read the tables. Voices are espeak-ng's where it is installed, else a
murmur of the same length, for which `--speech silero` makes no sense. To run it now and then is fine; to change the
calls, or detectors to fit them, after its figures is not.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tests.benchmarks.hangup import run, show
from tests.kept_aside.reading import read_calls
from tests.kept_aside.studio import make
from tests.simulator.files import write

from callaudit.ports import SpeechDetector
from callaudit.settings import SpeechSettings


def main() -> None:
    """Print the benchmark."""
    options = _options()
    speech: SpeechDetector | None = None
    if options.speech == "silero":
        from callaudit.speech.activity import SileroDetector

        speech = SileroDetector(SpeechSettings())
    begun_s = time.perf_counter()
    measures = []
    for number, script in enumerate(read_calls()):
        call = make(script, number)
        measures.append(run(call, speech, options.blur))
        if options.write:
            write(call, options.write)
    print(f"{len(measures)} calls kept aside, speech regions by {options.speech}, ", end="")
    print(f"oracle transcripts, {time.perf_counter() - begun_s:.0f} s\n")
    show(measures, options.worst)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hang-ups and speech after them, on calls kept aside.")
    parser.add_argument("--speech", choices=("truth", "silero"), default="truth")
    parser.add_argument("--blur", type=int, default=0, metavar="MS", help="move the ends of utterances by up to this")
    parser.add_argument("--write", type=Path, metavar="DIR", help="keep the calls with their truth in this folder")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the first N calls that went wrong")
    return parser.parse_args()


if __name__ == "__main__":
    main()
