"""Write labelled utterances as a speech engine that mishears would: some characters by others of the same sound.

    python tests/benchmarks/homophones.py tests/data/blind_utterances.csv 0.1 > misheard.csv
    callaudit evaluate-text --data misheard.csv

Each character is replaced with the given chance by one of the same toneless syllable, drawn by the square root of how
often jieba's dictionary uses it. The same file and rate give the same text.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from pathlib import Path

import jieba
from pypinyin import lazy_pinyin

RAREST = 2000
"""Uses in jieba's dictionary under which no engine writes a character."""
SEED = 7

Homophones = dict[str, list[tuple[str, float]]]


def homophones() -> Homophones:
    """Characters and their weights by toneless syllable."""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    uses: dict[str, int] = defaultdict(int)
    for word, frequency in tokenizer.FREQ.items():
        for character in word:
            if "一" <= character <= "鿿":
                uses[character] += frequency
    by_syllable: Homophones = defaultdict(list)
    for character, count in sorted(uses.items()):
        if count > RAREST:
            by_syllable[lazy_pinyin(character)[0]].append((character, count**0.5))
    return by_syllable


def misheard(text: str, rate: float, known: Homophones, rng: random.Random) -> str:
    """The text with about this share of its characters replaced."""
    return "".join(_other(character, known, rng) if rng.random() < rate else character for character in text)


def _other(character: str, known: Homophones, rng: random.Random) -> str:
    others = [choice for choice in known.get(lazy_pinyin(character)[0], ()) if choice[0] != character]
    return rng.choices([one for one, _ in others], [weight for _, weight in others])[0] if others else character


def main() -> None:
    """Rewrite the file named on the command line."""
    jieba.setLogLevel(60)
    source, rate = Path(sys.argv[1]), float(sys.argv[2])
    known, rng = homophones(), random.Random(SEED)
    with source.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        writer = csv.DictWriter(sys.stdout, rows.fieldnames or (), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "text": misheard(row["text"], rate, known, rng)} for row in rows)


if __name__ == "__main__":
    main()
