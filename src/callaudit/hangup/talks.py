"""Speech after the end of a call, talk by talk, and what each talk is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log
from typing import Protocol

from callaudit.domain.calls import Party
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.domain.talk import TalkKind, TalkShares
from callaudit.hangup.stretches import Stretch

SAME_TALK_MS = 4000
"""Speech with shorter pauses is one talk, in ms."""
BELIEVED = 0.5
"""Probability from which a talk is what it is taken for..."""
SURELY = 0.8
"""...and from which it is about the caller where that alone makes it a finding, or about anything else where that alone
excuses it."""
LEAST_SHARE = 0.02
"""No piece of a talk speaks more strongly against a kind than this probability."""

_LAUGHTER = re.compile(r"(?:哈|呵|嘿|嘻){2,}|笑死")

REASONS = {
    TalkKind.READ_BACK: PassedOverReason.READ_BACK,
    TalkKind.TO_CUSTOMER: PassedOverReason.UNNOTICED,
    TalkKind.SURVEY: PassedOverReason.SURVEY,
    TalkKind.ANNOUNCEMENT: PassedOverReason.SURVEY,
}
"""Kinds of talk that are innocent after the end, however long they take."""


class TalkReader(Protocol):
    """Tells what a piece of speech is."""

    @property
    def version(self) -> str:
        """Changes when what it says may change."""

    def read(self, text: str) -> TalkShares:
        """How probable each kind is for a raw text."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Stretches of one party with short pauses between them."""

    stretches: tuple[Stretch, ...]

    @property
    def span(self) -> TimeSpan:
        """From the first word to the last."""
        return TimeSpan(self.stretches[0].span.start_ms, max(stretch.span.end_ms for stretch in self.stretches))

    @property
    def party(self) -> Party:
        """Who talks."""
        return self.stretches[0].party

    @property
    def speech_ms(self) -> int:
        """How much is said, pauses left out."""
        return sum(stretch.span.duration_ms for stretch in self.stretches)

    @property
    def has_words(self) -> bool:
        """Whether the engine wrote anything."""
        return any(stretch.text for stretch in self.stretches)


def laughs(text: str) -> bool:
    """Whether somebody laughs, as an engine writes it."""
    return _LAUGHTER.search(text) is not None


def talks_of(stretches: Sequence[Stretch]) -> tuple[Talk, ...]:
    """Group stretches into talks, by time."""
    talks: list[Talk] = []
    by_party = sorted(stretches, key=lambda stretch: (stretch.party, stretch.span))
    for _, same in groupby(by_party, key=lambda stretch: stretch.party):
        talks += map(Talk, _runs(same))
    return tuple(sorted(talks, key=lambda talk: talk.span))


def _runs(stretches: Iterator[Stretch]) -> Iterator[tuple[Stretch, ...]]:
    run: list[Stretch] = []
    for stretch in stretches:
        if run and stretch.span.start_ms - max(other.span.end_ms for other in run) > SAME_TALK_MS:
            yield tuple(run)
            run = []
        run.append(stretch)
    if run:
        yield tuple(run)


def innocent_talks(
    talks: Sequence[Talk], reader: TalkReader, *, chat_ms: int, customer_gone: bool
) -> Iterator[tuple[Talk, PassedOverReason]]:
    """Talks after the end that are harmless unless their words are rude, and what they are.

    Args:
        talks: of the agent, or of somebody unknown in a mixed recording.
        reader: tells what is said.
        chat_ms: what else is said is a word or two as long as all of it together takes no longer.
        customer_gone: whether more than goodbyes tells that the customer is no longer there.
    """
    others: list[Talk] = []
    for talk in talks:
        reason = _reason(talk, reader)
        if reason is None and talk.party is Party.UNKNOWN and not customer_gone:
            reason = _reason_of_unknown(talk, reader)
        if reason is not None and talk.has_words:
            yield talk, reason
        else:
            others.append(talk)
    if sum(talk.speech_ms for talk in others) <= chat_ms:
        harmless = (talk for talk in others if not _is_about_caller(talk, reader))
        yield from ((talk, PassedOverReason.CHAT) for talk in harmless if talk.has_words)


def _reason(talk: Talk, reader: TalkReader) -> PassedOverReason | None:
    """Why a talk is innocent by its kind; what sounds like a machine on the agent's own channel, the agent says."""
    kind = kind_of(talk, reader)
    reason = REASONS.get(kind) if kind else None
    agent_reads = reason is PassedOverReason.SURVEY and talk.party is Party.AGENT
    return PassedOverReason.UNNOTICED if agent_reads else reason


def _reason_of_unknown(talk: Talk, reader: TalkReader) -> PassedOverReason | None:
    """Why the talk of somebody is innocent who may be either party, the line left open."""
    if all(reader.read(stretch.text)[TalkKind.ASIDE] >= SURELY for stretch in talk.stretches):
        return PassedOverReason.ASIDE
    return None if _is_about_caller(talk, reader) else PassedOverReason.UNKNOWN_SPEAKER


def _is_about_caller(talk: Talk, reader: TalkReader) -> bool:
    return kind_of(talk, reader, SURELY) is TalkKind.ABOUT_CALLER


def kind_of(talk: Talk, reader: TalkReader, believed: float = BELIEVED) -> TalkKind | None:
    """What a talk is, its pieces taken together; None where nothing is believed.

    Each piece counts as evidence of its own, its probabilities bounded, so that one odd line among many decides
    nothing.
    """
    logs = dict.fromkeys(TalkKind, 0.0)
    for stretch in talk.stretches:
        shares = reader.read(stretch.text)
        for kind in TalkKind:
            logs[kind] += log(max(LEAST_SHARE, shares[kind]))
    best = max(logs, key=lambda kind: logs[kind])
    others = sum(exp(logs[kind] - logs[best]) for kind in TalkKind)
    return best if 1 / others >= believed else None
