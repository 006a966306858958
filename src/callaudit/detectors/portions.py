"""Texts far longer than anything one person says in one breath, cut so that nothing that was found is cut apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from callaudit.detectors.protocols import PhraseMatcher
from callaudit.domain.spans import CharSpan

LONGEST = 500
"""Code points judged as one utterance: over a minute and a half of speech. Judging takes time by the square of it."""
AROUND = 64
"""Code points on both sides of a cut that are searched for what it would tear."""
MOST_TRIES = 48

_SENTENCE_END = re.compile(r"(?<=[。！？；!?;\n])")
_PAUSE = re.compile(r"(?<=[，、,.\s])")


def portions(text: str, matcher: PhraseMatcher) -> Iterator[CharSpan]:
    """The text in portions of `LONGEST` or less, by place; one where it is no longer than that.

    Cuts lie after sentences where there are some, else after pauses, else anywhere, but never where they change what
    the matcher finds around them.
    """
    start = 0
    while len(text) - start > LONGEST:
        end = _cut(text, start, matcher)
        yield CharSpan(start, end)
        start = end
    yield CharSpan(start, len(text))


def _cut(text: str, start: int, matcher: PhraseMatcher) -> int:
    """The best place to end a portion that starts at `start`."""
    limit = start + LONGEST
    tries = islice(_places(text, start + LONGEST // 2, limit), MOST_TRIES)
    return next((at for at in tries if _tears_nothing(text, at, matcher)), limit)


def _places(text: str, first: int, last: int) -> Iterator[int]:
    """Where to cut, the best first."""
    for pause in (_SENTENCE_END, _PAUSE):
        yield from reversed([found.start() for found in pause.finditer(text, first, last)])
    yield from range(last, first, -1)


def _tears_nothing(text: str, at: int, matcher: PhraseMatcher) -> bool:
    """Whether the matcher finds the same before and after a cut as it finds without it."""
    before, after = text[max(0, at - AROUND) : at], text[at : at + AROUND]
    apart = _found(before, 0, matcher) | _found(after, len(before), matcher)
    return apart == _found(before + after, 0, matcher)


def _found(text: str, offset: int, matcher: PhraseMatcher) -> set[tuple[str, int, int]]:
    return {(match.entry.id, match.chars.start + offset, match.chars.end + offset) for match in matcher.match(text)}
