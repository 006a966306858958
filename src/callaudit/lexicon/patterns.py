"""The small language in which entries are written, and its expansion into plain strings.

    不要脸            these characters
    [真]不要脸        真 may be missing; [真|太] one of several, or none
    (不|没)归我管     one of several
    为了{..}块{..}打了   a gap of up to 8 characters within one sentence; {..3} of up to 3
    ^闭嘴$            only from the beginning, to the end, of a clause (punctuation or the end of the utterance)

There are no regular expressions: every pattern is a finite set of strings joined by short gaps, so a lexicon can
neither hang nor surprise the scanner.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from callaudit.text.normalize import folded_texts

DEFAULT_GAP = 8
"""Characters."""
LONGEST_GAP = 12
MOST_VARIANTS = 1000
"""A pattern that stands for more strings than this is better written as several entries."""

_TOKEN = re.compile(
    r"\{\.\.(?P<gap>\d*)\}|\((?P<any>[^()\[\]{}]+)\)|\[(?P<maybe>[^()\[\]{}]+)\]|(?P<plain>[^()\[\]{}|^$?*+\\]+)"
)


class PatternError(ValueError):
    """A pattern does not follow the language; the message says where."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, taken apart.

    Attributes:
        stages: what must be there, one after another; each stage is a choice of folded strings.
        gaps: for each stage but the first, how many characters may come before it.
        opens_clause: whether a clause must begin where the match begins.
        closes_clause: whether a clause must end where the match ends.
    """

    stages: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]
    opens_clause: bool
    closes_clause: bool

    @property
    def is_plain(self) -> bool:
        """Whether the pattern has no gaps, so that each string of its one stage is all that must be there."""
        return len(self.stages) == 1


@lru_cache(maxsize=8192)
def parse(pattern: str) -> Pattern:
    """Take a pattern apart.

    >>> parse("[真]不要脸").stages
    (('真不要脸', '不要脸'),)

    Raises:
        PatternError: the pattern breaks the rules of the language or stands for too many strings.
    """
    opens, closes = pattern.startswith("^"), pattern.endswith("$")
    parts, gaps = _parts(pattern[opens : len(pattern) - closes])
    stages = tuple(tuple(dict.fromkeys(folded_texts(_spellings(part)))) for part in parts)
    if any(not literal for stage in stages for literal in stage):
        raise PatternError(f"{pattern!r} has a part that may be empty")
    return Pattern(stages, gaps, opens, closes)


def spellings(pattern: str) -> tuple[str, ...]:
    """The strings a pattern without gaps stands for, as written (not folded); none for a pattern with gaps."""
    parts, gaps = _parts(pattern.removeprefix("^").removesuffix("$"))
    return () if gaps else tuple(dict.fromkeys(_spellings(parts[0])))


_Choices = list[tuple[str, ...]]


def _parts(pattern: str) -> tuple[list[_Choices], tuple[int, ...]]:
    """The stretches between gaps, each a sequence of choices, and the lengths of the gaps."""
    parts: list[_Choices] = [[]]
    gaps: list[int] = []
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise PatternError(f"{pattern!r} is not understood at {pattern[at:]!r}")
        if token.lastgroup == "gap":
            gaps.append(_gap_length(token["gap"], pattern))
            parts.append([])
        elif token["any"]:
            parts[-1].append(tuple(token["any"].split("|")))
        elif token["maybe"]:
            parts[-1].append((*token["maybe"].split("|"), ""))
        else:
            parts[-1].append((token["plain"],))
        at = token.end()
    if not all(parts):
        raise PatternError(f"{pattern!r} begins or ends with a gap, or has two in a row" if gaps else "empty pattern")
    return parts, tuple(gaps)


def _gap_length(digits: str, pattern: str) -> int:
    length = int(digits) if digits else DEFAULT_GAP
    if not 1 <= length <= LONGEST_GAP:
        raise PatternError(f"{pattern!r} has a gap of {length} characters; 1 to {LONGEST_GAP} are possible")
    return length


def _spellings(part: _Choices) -> list[str]:
    count = 1
    for choices in part:
        count *= len(choices)
    if count > MOST_VARIANTS:
        raise PatternError(f"a part stands for {count} strings; {MOST_VARIANTS} are possible")
    return ["".join(chosen) for chosen in itertools.product(*part)]
