"""Chinese word segmentation (分词), as evidence of where words begin and end."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING

from callaudit.text.script import simplified_by_character

if TYPE_CHECKING:
    from jieba import Tokenizer

_RUN = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z0-9]+|.", re.DOTALL)


def _new_tokenizer() -> Tokenizer:
    """A jieba tokenizer of our own, its dictionary read straight from the package.

    The usual set-up of jieba writes a 9 MB cache into a shared folder, loads whatever lies there, and reports on
    stderr. Reading the dictionary takes 0.3 s and does none of that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        tokenizer.FREQ, tokenizer.total = _frequencies(file.read().decode("utf-8"))
    tokenizer.initialized = True
    return tokenizer


def _frequencies(dictionary: str) -> tuple[dict[str, int], int]:
    """What jieba's own reader makes of its dictionary, in half the time.

    Args:
        dictionary: a word, its frequency and its part of speech a line.

    Returns:
        Frequency by word, 0 for the beginnings of words that are no words; and the sum of all frequencies.
    """
    fields = dictionary.split()
    words, frequencies = fields[0::3], [int(field) for field in fields[1::3]]
    by_word = dict(zip(words, frequencies, strict=True))
    beginnings: set[str] = set()
    longer, length = words, 1
    while longer := [word for word in longer if len(word) > length]:
        beginnings.update([word[:length] for word in longer])
        length += 1
    by_word.update(dict.fromkeys(beginnings.difference(by_word), 0))
    return by_word, sum(frequencies)


class Segmenter:
    """Cuts text into dictionary words.

    Words outside jieba's dictionary fall into single characters: guesses of its hidden Markov model are no evidence.
    """

    name = "jieba"

    def __init__(self, words: Collection[str] = ()) -> None:
        """Read the dictionary (0.3 s).

        Args:
            words: words to know besides jieba's own; part of the version.
        """
        self._words = tuple(sorted(set(words)))
        self._tokenizer = _new_tokenizer()
        for word in self._words:
            self._tokenizer.add_word(word)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._words,)

    @property
    def version(self) -> str:
        """Version of jieba and the words added to it."""
        import jieba

        return "+".join((jieba.__version__, *self._words))

    def knows(self, word: str) -> bool:
        """Whether the dictionary has the word; simplified script."""
        return bool(self._tokenizer.FREQ.get(word))

    def words(self, text: str, ignoring: Collection[str] = frozenset()) -> tuple[str, ...]:
        """The text cut into words; joined they give the text again.

        Args:
            text: any text; traditional script is looked up as simplified.
            ignoring: dictionary words to do without, so that a phrase in question is no evidence for itself:
                海狗东西 is cut 海, 狗东西 with the word 狗东西 known, 海狗, 东西 without it.
        """
        simplified = simplified_by_character(text)
        cuts: list[int] = []
        for run in _RUN.finditer(simplified):
            cuts += self._cut_run(run.group(), run.start(), ignoring)
        return tuple(text[start:end] for start, end in zip([0, *cuts], cuts, strict=False))

    def boundaries(self, text: str, ignoring: Collection[str] = frozenset()) -> frozenset[int]:
        """Code-point positions between words, with both ends of the text; `ignoring` as in `words`."""
        ends = [0]
        for word in self.words(text, ignoring):
            ends.append(ends[-1] + len(word))
        return frozenset(ends)

    def _cut_run(self, run: str, offset: int, ignoring: Collection[str]) -> list[int]:
        """Where the words of one run end; only Chinese characters are cut."""
        if not "一" <= run[0] <= "鿿":
            return [offset + len(run)]
        graph = {
            start: [last for last in lasts if last == start or run[start : last + 1] not in ignoring]
            for start, lasts in self._tokenizer.get_DAG(run).items()
        }
        route: dict[int, tuple[float, int]] = {}
        self._tokenizer.calc(run, graph, route)
        ends: list[int] = []
        at = 0
        while at < len(run):
            at = route[at][1] + 1
            ends.append(offset + at)
        return ends
