"""How long judging a call takes, against the length of the call.

    python -m tests.benchmarks.judge [ROUNDS]

The sample calls with their true transcripts; the clock covers party attribution, hang-up, lexicon, classifier, fusion
and score on one thread, and leaves out loading, decoding and recognition. Printed are ratios of the same run.
"""

from __future__ import annotations

import statistics
import sys
import time

from callaudit import assembly
from callaudit.domain.analysis import CallSource
from callaudit.errors import AudioError
from callaudit.evaluation.oracle import OracleTranscriber
from callaudit.evaluation.truth import read_truths
from callaudit.pipeline import judge, prepare
from callaudit.resources import bundled
from callaudit.settings import load_settings


def main() -> None:
    """Print the benchmark."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    engines = assembly.build_engines(load_settings(flags={"speech": {"model": "mini"}}))
    truths = read_truths(bundled("samples"))
    oracle = OracleTranscriber(truths)
    took_ms, audio_ms, characters = [], 0, 0
    for path in truths:
        try:
            prepared = prepare(CallSource(path=path), engines)
        except AudioError:
            continue  # the sample that is corrupt on purpose
        (transcript,) = oracle.transcribe([prepared])
        judge(prepared.call, prepared.acoustics, transcript, engines)  # fills tables that are built on first use
        for _ in range(rounds):
            begun_s = time.perf_counter()
            judge(prepared.call, prepared.acoustics, transcript, engines)
            took_ms.append((time.perf_counter() - begun_s) * 1000)
            audio_ms += prepared.acoustics.duration_ms
            characters += sum(len(utterance.text) for utterance in transcript.utterances)
    print(f"{len(took_ms)} judgements of {len(truths)} sample calls, {rounds} rounds")
    print(f"median {statistics.median(took_ms):.1f} ms a call, slowest {max(took_ms):.1f} ms")
    print(f"{audio_ms / sum(took_ms):,.0f} × real time; {characters / sum(took_ms) * 1000:,.0f} characters a second")


if __name__ == "__main__":
    main()
