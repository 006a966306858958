"""Exchanges of goodbyes: which utterances belong to one, and who takes part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.stretches import Stretch

ANSWER_WITHIN_MS = 3000
"""The other party's goodbye begins this soon, in ms."""
SAME_EXCHANGE_MS = 6000
"""Goodbyes with nothing else between them belong together within this, in ms."""
MAX_GARBLED_MS = 3000
"""A goodbye that the engine garbled is no longer than this, in ms."""
MAX_GARBLED_CHARS = 12
MAX_GARBLED_CHARS_MIXED = 5
MAX_THANKS_CHARS = 16
"""Thanks and a goodbye are no longer; what is longer says something else too."""
SILENT_BEFORE_MS = 30_000
"""The agent says that nobody is heard at most this long before closing, in ms."""

_OPEN = re.compile(r"吗|什么|多少|怎么|[哪几]|能不能|是不是|等|问|喂|还有")
"""Words of a turn that wants an answer: no garbled goodbye."""
_COURTESY = re.compile(r"感谢|谢谢|祝|您")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Goodbyes that belong together."""

    members: tuple[Stretch, ...]
    agent: bool
    customer: bool
    clear: bool
    """Whether words were said that nobody says but to take leave; thanks alone are not clear."""
    mutual: bool
    """Whether both took leave; in a mixed recording, whether leave was taken twice."""
    silent_caller: bool
    """Whether the agent closed towards a customer who does not answer."""

    @property
    def span(self) -> TimeSpan:
        """From the first goodbye to the end of the last."""
        span = self.members[0].span
        for member in self.members[1:]:
            span = span.cover(member.span)
        return span

    @property
    def utterances(self) -> tuple[int, ...]:
        """Indexes into the transcript."""
        return tuple(sorted({member.utterance for member in self.members if member.utterance is not None}))

    @property
    def farewell(self) -> bool:
        """Whether anybody said 再见 or its like."""
        return any(member.words.farewells for member in self.members)

    @property
    def split(self) -> bool:
        """Whether the end was found by the place of the words in a longer utterance."""
        return any(member.split for member in self.members)


def find_exchanges(stretches: Sequence[Stretch]) -> tuple[Exchange, ...]:
    """All exchanges of goodbyes of a call by time.

    One begins with a goodbye, takes in polite words just before it, and goes on as long as goodbyes and polite words
    follow. A short turn of the other party right after counts as the goodbye it would be if the engine had heard
    well, once, unless its words want an answer.
    """
    exchanges: list[Exchange] = []
    at = 0
    while at < len(stretches):
        if not _opens(stretches[at]):
            at += 1
            continue
        first = _first_member(stretches, at)
        last = _last_member(stretches, at)
        exchanges.append(_exchange(stretches, first, last))
        at = last + 1
    return tuple(exchanges)


def _opens(stretch: Stretch) -> bool:
    """Whether the stretch takes leave."""
    words = stretch.words
    if stretch.party is Party.SYSTEM or (words.greeting and not words.farewells):
        return False
    return words.farewells > 0 or ((words.agent_close or words.soft_close) and stretch.party is not Party.CUSTOMER)


def _first_member(stretches: Sequence[Stretch], at: int) -> int:
    """Index of the first polite word that leads up to the goodbye."""
    first = at
    while first > 0:
        before = stretches[first - 1]
        gap_ms = stretches[first].span.start_ms - before.span.end_ms
        if not (before.words.only or _takes_leave(before)) or gap_ms > ANSWER_WITHIN_MS or at - first >= 2:
            break
        first -= 1
    return first


def _last_member(stretches: Sequence[Stretch], at: int) -> int:
    """Index of the last goodbye."""
    last = at
    for index in range(at + 1, len(stretches)):
        stretch, members = stretches[index], stretches[at : last + 1]
        gap_ms = stretch.span.start_ms - max(member.span.end_ms for member in members)
        closes = stretch.words.only or _opens(stretch) or _thanks(stretch)
        if not (closes and gap_ms <= SAME_EXCHANGE_MS) and not _is_garbled_goodbye(stretch, members, gap_ms):
            break
        last = index
    return last


def _thanks(stretch: Stretch) -> bool:
    """Whether the stretch is no longer than thanks and a goodbye."""
    words = stretch.words
    thanks = words.soft_close or words.customer_close
    return thanks and not words.resume and len(stretch.text) <= MAX_THANKS_CHARS


def _is_garbled_goodbye(stretch: Stretch, members: Sequence[Stretch], gap_ms: int) -> bool:
    """Whether a short turn can only be the other party's goodbye."""
    if gap_ms > ANSWER_WITHIN_MS or stretch.span.duration_ms > MAX_GARBLED_MS or stretch.party is Party.SYSTEM:
        return False
    if stretch.words.resume or stretch.words.service or _OPEN.search(stretch.text):
        return False
    heard = {member.party for member in members if _takes_leave(member)}
    if stretch.party is Party.CUSTOMER:
        return Party.CUSTOMER not in heard and len(stretch.text) <= MAX_GARBLED_CHARS
    if stretch.party is Party.UNKNOWN:
        once = sum(member.words.farewells for member in members) <= 1
        return once and len(stretch.text) <= MAX_GARBLED_CHARS_MIXED and gap_ms <= ANSWER_WITHIN_MS // 2
    polite = not stretch.text or (_COURTESY.search(stretch.text) and len(stretch.text) <= MAX_THANKS_CHARS)
    return Party.AGENT not in heard and bool(polite) and gap_ms <= ANSWER_WITHIN_MS // 2


def _takes_leave(stretch: Stretch) -> bool:
    words = stretch.words
    return words.farewells > 0 or words.agent_close or words.soft_close or words.customer_close


def _exchange(stretches: Sequence[Stretch], first: int, last: int) -> Exchange:
    members = tuple(stretches[first : last + 1])
    agent = any(member.party is Party.AGENT and _takes_leave(member) for member in members)
    customer = any(member.party is Party.CUSTOMER for member in members)
    unknown = [member for member in members if member.party is Party.UNKNOWN]
    leaves = sum(member.words.farewells for member in members)
    twice = bool(unknown) and (leaves >= 2 or (len(members) >= 2 and any(map(_takes_leave, members))))
    return Exchange(
        members=members,
        agent=agent,
        customer=customer,
        clear=any(member.words.farewells or member.words.agent_close for member in members),
        mutual=(agent and customer) or twice,
        silent_caller=_is_silent_caller(stretches, first, last),
    )


def _is_silent_caller(stretches: Sequence[Stretch], first: int, last: int) -> bool:
    """Whether the agent says that nobody is heard, in the closing or shortly before, and nobody answers."""
    start_ms = stretches[first].span.start_ms
    for index in range(last, -1, -1):
        stretch = stretches[index]
        if stretch.party is Party.CUSTOMER and stretch.text:
            return False
        if stretch.words.silent:
            return True
        if start_ms - stretch.span.end_ms > SILENT_BEFORE_MS:
            return False
    return False
