"""Chinese word segmentation (分词), as evidence of where words begin and end."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING

from callaudit.text.script import simplified_by_character

if TYPE_CHECKING:
    from jieba import Tokenizer

_RUN = re.compile(r"[\u4e00-\u9fff]+|[A-Za-z0-9]+|.", re.DOTALL)


def _new_tokenizer() -> Tokenizer:
    """A jieba tokenizer of our own that knows jieba's words, read straight from the package.

    The usual set-up of jieba writes a 9 MB cache into a shared folder, loads whatever lies there, reports on stderr,
    and notes the beginnings of all words, which `Segmenter` does without. Reading what it ships takes a third of it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba

    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        fields = file.read().decode("utf-8").split()  # a word, its frequency and its part of speech a line
    frequencies = list(map(int, fields[1::3]))
    tokenizer.FREQ, tokenizer.total = dict(zip(fields[0::3], frequencies, strict=True)), sum(frequencies)
    tokenizer.initialized = True
    return tokenizer


class Segmenter:
    """Cuts text into dictionary words.

    Words outside jieba's dictionary fall into single characters: guesses of its hidden Markov model are no evidence.
    """

    name = "jieba"

    def __init__(self) -> None:
        """Read the dictionary (0.2 s)."""
        self._tokenizer = _new_tokenizer()
        self._longest = max(map(len, self._tokenizer.FREQ))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), ()

    @property
    def version(self) -> str:
        """Version of jieba."""
        import jieba

        return str(jieba.__version__)

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
        graph = {start: self._ends_of_words(run, start, ignoring) for start in range(len(run))}
        route: dict[int, tuple[float, int]] = {}
        self._tokenizer.calc(run, graph, route)
        ends: list[int] = []
        at = 0
        while at < len(run):
            at = route[at][1] + 1
            ends.append(offset + at)
        return ends

    def _ends_of_words(self, run: str, start: int, ignoring: Collection[str]) -> list[int]:
        """The last characters of all words that begin there, and of the first character by itself."""
        lasts = [start]
        for last in range(start + 1, min(start + self._longest, len(run))):
            word = run[start : last + 1]
            if self._tokenizer.FREQ.get(word) and word not in ignoring:
                lasts.append(last)
        return lasts
