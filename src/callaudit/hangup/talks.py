"""Speech after the end of a call, talk by talk, and what each talk is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from callaudit.domain.calls import Party
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.stretches import Stretch
from callaudit.hangup.talk import TalkWords, read_talk

SAME_TALK_MS = 4000
"""Speech with shorter pauses is one talk, in ms."""
MIN_READ_BACK = 2
"""Phrases of a work order that make a talk its reading."""


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

    @property
    def words(self) -> tuple[TalkWords, ...]:
        """What each stretch is about."""
        return tuple(read_talk(stretch.text) for stretch in self.stretches)


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
    talks: Sequence[Talk], *, chat_ms: int, customer_gone: bool
) -> Iterator[tuple[Talk, PassedOverReason]]:
    """Talks after the end that are harmless unless their words are rude, and what they are.

    Args:
        talks: of the agent, or of somebody unknown in a mixed recording.
        chat_ms: what else is said is a word or two as long as all of it together takes no longer.
        customer_gone: whether the line itself tells that the customer is no longer there.
    """
    others: list[Talk] = []
    for talk in talks:
        reason = _reason(talk, customer_gone)
        if reason is not None:
            yield talk, reason
        else:
            others.append(talk)
    if sum(talk.speech_ms for talk in others) <= chat_ms:
        yield from ((talk, PassedOverReason.CHAT) for talk in others if talk.has_words and not _is_about_caller(talk))


def _reason(talk: Talk, customer_gone: bool) -> PassedOverReason | None:
    words = talk.words
    if _is_read_back(words, MIN_READ_BACK + _is_about_caller(talk)):
        return PassedOverReason.READ_BACK
    if _is_about_caller(talk):
        return None
    if talk.has_words and all(one.to_customer or one.message for one in words):
        return PassedOverReason.UNNOTICED
    if talk.party is Party.UNKNOWN and not customer_gone and not any(one.work or one.laughter for one in words):
        return PassedOverReason.UNKNOWN_SPEAKER
    return None


def _is_about_caller(talk: Talk) -> bool:
    return any(one.about_caller for one in talk.words)


def _is_read_back(words: Sequence[TalkWords], at_least: int) -> bool:
    """Whether phrases of work orders fill a talk: several, and in half of its pieces some or a fragment."""
    told = sum(one.read_back for one in words)
    pieces = sum(one.read_back > 0 or one.fragment for one in words)
    return told >= at_least and 2 * pieces >= len(words)
