"""How fast text is searched and judged, on one thread.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.text_speed [LEXICON_FOLDER]

The text is the harmless half of the corpus repeated to 300,000 characters; the phrases are 1,000 spellings of two
characters and more, taken evenly from the whole lexicon. The clock is that of the processor, which a busy machine
disturbs least; the best of five rounds counts. What it covers stands in each line. For the comparison install
pyahocorasick, which callaudit does not need. How long a call with its hang-up takes tells `judge`.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

CHARACTERS = 300_000
PHRASES = 1_000
CALL_CHARACTERS = 1_000
CALLS = 40
ROUNDS = 5


def main() -> None:
    """Print the benchmark."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    begun_s, processor_s = time.perf_counter(), time.process_time()
    judge, matcher = _load(folder)
    wall_s, processor_s = time.perf_counter() - begun_s, time.process_time() - processor_s
    entries = len(matcher.lexicon.entries)
    print(f"import and load of lexicon ({entries} entries), jieba and classifier, to the first judgement:")
    print(f"  {processor_s:.2f} s of processor time, {wall_s:.2f} s by the wall clock")

    lines = _harmless_lines()
    text = _repeated(lines)
    phrases = _phrases(matcher)
    print(f"{len(text):,} characters of text, {len(phrases):,} phrases")
    ours_s = _search(text, phrases)
    _compare(text, phrases, ours_s)
    _whole(lines, judge, matcher)
    _calls(lines, folder)


def _load(folder: Path | None):
    from callaudit import assembly
    from callaudit.settings import load_settings

    settings = load_settings(flags={"lexicon": {"folder": folder}})
    matcher = assembly.build_matcher(settings)
    judge = assembly.build_text_judge(settings, matcher)
    judge.judge("您好")
    return judge, matcher


def _harmless_lines() -> list[str]:
    """Lines of the corpus that agents may say, each once."""
    from callaudit.resources import bundled

    lines: dict[str, None] = {}
    for file in sorted(bundled("models", "rudeness", "corpus").glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines.update(dict.fromkeys(row["text"] for row in csv.DictReader(stream) if row["label"] == "0"))
    return list(lines)


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
    _, classifier = assembly._word_engines(load_settings(), matcher)
    _tell("whole lexicon, line by line", text, _seconds(lambda: [matcher.match(line) for line in lines], rounds=2))
    _tell("classification, line by line", text, _seconds(lambda: [classifier.score(line) for line in lines], rounds=1))
    _tell("whole judgement, line by line", text, _seconds(lambda: [judge.judge(line) for line in lines], rounds=1))


def _calls(lines: Sequence[str], folder: Path | None) -> None:
    """Calls of 1,000 characters, an utterance a line."""
    judge, _ = _load(folder)
    took_ms: list[float] = []
    supply = iter(lines)
    for _ in range(CALLS):
        call: list[str] = []
        while sum(map(len, call)) < CALL_CHARACTERS:
            call.append(next(supply))
        took_ms.append(1000 * _seconds(lambda call=call: [judge.judge(line) for line in call], rounds=1))
    median_ms = statistics.median(took_ms)
    print(f"a call of {CALL_CHARACTERS:,} characters: median {median_ms:.1f} ms, slowest {max(took_ms):.1f} ms")


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
