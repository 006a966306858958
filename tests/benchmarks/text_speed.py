"""How fast text is searched and judged, on one thread.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.text_speed [LEXICON_FOLDER]

The text is the harmless half of the corpus repeated to 300,000 characters; the phrases are 1,000 spellings of two
characters and more, taken evenly from the whole lexicon. The clock is that of the processor, which a busy machine
disturbs least; the best of five rounds counts. What it covers stands in each line. For the comparison install
pyahocorasick, which callaudit does not need.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.builders import make_analysis, make_dialogue

from callaudit.classifier.corpus import LabelledUtterance, read_corpus
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.resources import bundled

CHARACTERS = 300_000
PHRASES = 1_000
CALL_CHARACTERS = 1_000
CALLS = 40
ROUNDS = 5


def main() -> None:
    """Print the benchmark."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    _first_judgement(folder)
    judge, matcher = _load(folder)
    lines = _harmless_lines()
    text = _repeated(lines)
    phrases = _phrases(matcher)
    print(f"{len(text):,} characters of text, {len(phrases):,} phrases")
    ours_s = _search(text, phrases)
    _compare(text, phrases, ours_s)
    _whole(lines, judge, matcher)
    _calls(folder)


def _first_judgement(folder: Path | None) -> None:
    """A fresh interpreter that imports and loads all it needs and judges a line."""
    code = f"from tests.benchmarks.text_speed import _load; _load({folder and str(folder)!r})"
    before, begun_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    wall_s, after = time.perf_counter() - begun_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print("from the start of Python over import and load of lexicon, jieba and classifier to the first judgement:")
    print(f"  {processor_s:.2f} s of processor time, {wall_s:.2f} s by the wall clock")


def _load(folder: Path | None):
    from callaudit import assembly
    from callaudit.settings import load_settings

    settings = load_settings(flags={"lexicon": {"folder": folder}})
    matcher = assembly.build_matcher(settings)
    judge = assembly.build_text_judge(settings, matcher)
    judge.judge("您好")
    return judge, matcher


def _harmless_lines() -> list[str]:
    """Lines of the corpus that may be said, each once."""
    return list(dict.fromkeys(row.text for row in _rows()))


def _rows() -> list[LabelledUtterance]:
    files = sorted(bundled("models", "rudeness", "corpus").glob("*.csv"))
    return [row for row in read_corpus(files) if not row.rude]


def _repeated(lines: Sequence[str]) -> str:
    once = "。".join(lines)
    return (once * (CHARACTERS // len(once) + 1))[:CHARACTERS]


def _phrases(matcher) -> list[str]:
    from callaudit.lexicon.patterns import parse

    stages = (stage for entry in matcher.lexicon.entries for stage in parse(entry.phrase).stages)
    known = list(dict.fromkeys(literal for stage in stages for literal in stage if len(literal) > 1))
    return known[:: max(1, len(known) // PHRASES)][:PHRASES]


def _search(text: str, phrases: Sequence[str]) -> float:
    """Exact matching and matching by sound; returns the seconds of the automaton alone."""
    from ahocorasick_rs import AhoCorasick

    from callaudit.lexicon.hearing import Hearing
    from callaudit.lexicon.patterns import parse
    from callaudit.lexicon.search import PatternSearch
    from callaudit.text.normalize import fold
    from callaudit.text.segment import Segmenter

    folded = fold(text)
    patterns = [(number, parse(phrase)) for number, phrase in enumerate(phrases)]
    search, hearing = PatternSearch(patterns), Hearing(patterns, Segmenter().knows)
    automaton = AhoCorasick(phrases)
    automaton_s = _seconds(lambda: automaton.find_matches_as_indexes(folded.text, overlapping=True))
    found = len(automaton.find_matches_as_indexes(folded.text, overlapping=True))
    _tell(f"exact, the automaton over folded text ({found:,} found)", folded.text, automaton_s)
    _tell(
        "exact, with phrases told from numbers, pauses and sentences", text, _seconds(lambda: _run(search.find(folded)))
    )
    _tell("by sound, coding included", folded.text, _seconds(lambda: _run(hearing.find(folded))))
    _tell("folding", text, _seconds(lambda: fold(text)))
    return automaton_s


def _compare(text: str, phrases: Sequence[str], ours_s: float) -> None:
    from callaudit.text.normalize import fold

    try:
        import ahocorasick
    except ImportError:
        print("pyahocorasick is not installed: no comparison")
        return
    folded = fold(text).text
    automaton = ahocorasick.Automaton()
    for number, phrase in enumerate(phrases):
        automaton.add_word(phrase, (number, len(phrase)))
    automaton.make_automaton()
    theirs_s = _seconds(lambda: [(end - length + 1, end, number) for end, (number, length) in automaton.iter(folded)])
    _tell("pyahocorasick alone, same phrases and text", folded, theirs_s)
    print(f"ours is {theirs_s / ours_s:.1f} times as fast")


def _whole(lines: Sequence[str], judge, matcher) -> None:
    """Line by line, each line once, so that nothing is remembered."""
    from callaudit import assembly
    from callaudit.settings import load_settings

    lines = lines[:: max(1, len(lines) // 3000)]
    text = "".join(lines)
    _, classifier = assembly.word_engines(load_settings(), matcher)
    _tell("whole lexicon, line by line", text, _seconds(lambda: [matcher.match(line) for line in lines], rounds=2))
    _tell("classification, line by line", text, _seconds(lambda: [classifier.score(line) for line in lines], rounds=1))
    _tell("whole judgement, line by line", text, _seconds(lambda: [judge.judge(line) for line in lines], rounds=1))


def _calls(folder: Path | None) -> None:
    """Calls of 1,000 characters, an utterance a line: agent and customer in turn, then the agent alone."""
    _, matcher = _load(folder)
    detector = _detector(matcher)
    spoken = {party: [row.text for row in _rows() if row.party is party] for party in (Party.AGENT, Party.CUSTOMER)}
    for what, parties in (("agent and customer in turn", (Party.AGENT, Party.CUSTOMER)), ("the agent", (Party.AGENT,))):
        supply = zip(*(spoken[party] for party in parties), strict=False)
        took_ms = [1000 * _seconds(partial(detector.detect, _call(supply, parties)), rounds=1) for _ in range(CALLS)]
        median_ms = statistics.median(took_ms)
        print(f"a call of {CALL_CHARACTERS:,} characters said by {what}: median {median_ms:.1f} ms", end="")
        print(f", slowest {max(took_ms):.1f} ms")


def _detector(matcher):
    from callaudit import assembly
    from callaudit.detectors import FusedDetector, make_detectors
    from callaudit.settings import load_settings

    return FusedDetector(make_detectors(*assembly.word_engines(load_settings(), matcher)))


def _call(supply: Iterator[tuple[str, ...]], parties: Sequence[Party]) -> CallAnalysis:
    """The next lines as a call that holds nothing else."""
    turns: list[tuple[Party, str]] = []
    while sum(len(text) for _, text in turns) < CALL_CHARACTERS:
        turns += zip(parties, next(supply), strict=True)
    return make_analysis(make_dialogue(*turns))


def _run(found: Iterable[object]) -> int:
    return sum(1 for _ in found)


def _seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Processor time of the quickest round."""
    took: list[float] = []
    for _ in range(rounds):
        begun_s = time.process_time()
        work()
        took.append(time.process_time() - begun_s)
    return min(took)


def _tell(what: str, text: str, seconds: float) -> None:
    print(f"{len(text) / seconds / 1e6:8.2f} million characters a second: {what}")


if __name__ == "__main__":
    main()
