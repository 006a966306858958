"""What after a closing or a hang-up is innocent, and why (未标记说明)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from callaudit.domain.calls import JUDGED_PARTIES, Party
from callaudit.domain.hangups import DISCONNECTS, Hangup, HangupSource, PassedOver, PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.boundary import is_after
from callaudit.hangup.closing import ClosingReading
from callaudit.hangup.dialogue import Dialogue
from callaudit.hangup.exchanges import Exchange
from callaudit.hangup.stretches import Stretch, answers_telephone
from callaudit.hangup.talks import innocent_talks, talks_of

CLOSES_WITHIN_MS = 10_000
"""An agent who has not noticed the hang-up says goodbye this soon after it, in ms."""
WORDLESS_GOODBYE_MS = 1000
"""Wordless speech right at the hang-up, no longer than this, is the end of the goodbye."""


def pass_over(
    dialogue: Dialogue, reading: ClosingReading, hangup: Hangup | None, chat_ms: int
) -> tuple[PassedOver, ...]:
    """Explain the innocent speech of a call's end, by time.

    Covers the survey, the closing towards a silent caller, dialogues that went on after a goodbye, and what lies
    after the hang-up and is a goodbye, a machine, the customer, a question to a customer already gone, the reading of a
    work order, or a word or two.

    Args:
        dialogue: the call's speech.
        reading: its closing exchange.
        hangup: when it was over.
        chat_ms: harmless speech up to this long is a word or two.
    """
    passed = [*_survey(dialogue), *_undone(dialogue, reading, hangup)]
    if reading.exchange is not None and reading.exchange.silent_caller:
        passed.append(_together(reading.exchange.members, PassedOverReason.SILENT_CALLER))
    if hangup is not None:
        passed += _after_hangup(dialogue, reading, hangup, chat_ms)
    return tuple(sorted(passed, key=lambda item: item.span))


def _survey(dialogue: Dialogue) -> Iterator[PassedOver]:
    if dialogue.survey and dialogue.survey.stretches:
        members = sorted(dialogue.survey.stretches, key=lambda stretch: stretch.span)
        yield _together(members, PassedOverReason.SURVEY)


def _undone(dialogue: Dialogue, reading: ClosingReading, hangup: Hangup | None) -> Iterator[PassedOver]:
    """For each goodbye that was none: the dialogue up to the next one or the hang-up, turn by turn.

    From where somebody answers the telephone again (您好，…为您服务) it is the next call in the same recording.
    """
    starts = [exchange.span.start_ms for exchange in reading.undone]
    if reading.exchange is not None and reading.exchange not in reading.undone:
        starts.append(reading.exchange.span.start_ms)
    for exchange in reading.undone:
        ends_ms = min((start for start in starts if start > exchange.span.start_ms), default=None)
        went_on = [stretch for stretch in _between(dialogue, exchange, ends_ms) if not is_after(stretch.span, hangup)]
        answered = next((at for at, stretch in enumerate(went_on) if answers_telephone(stretch)), len(went_on))
        for part, reason in (
            (went_on[:answered], PassedOverReason.DIALOGUE_WENT_ON),
            (went_on[answered:], PassedOverReason.NEXT_CALL),
        ):
            for _, turn in groupby(part, key=lambda stretch: stretch.party):
                yield _together(list(turn), reason)


def _between(dialogue: Dialogue, exchange: Exchange, ends_ms: int | None) -> list[Stretch]:
    return [
        stretch
        for stretch in dialogue.after(exchange.span.end_ms)
        if stretch.text and (ends_ms is None or stretch.span.start_ms < ends_ms)
    ]


def _after_hangup(dialogue: Dialogue, reading: ClosingReading, hangup: Hangup, chat_ms: int) -> Iterator[PassedOver]:
    exchange = reading.exchange
    members = exchange.members if exchange else ()
    explained = set(members) if exchange and exchange.silent_caller else set()
    in_survey = dialogue.survey.stretches if dialogue.survey else frozenset()
    left: list[Stretch] = []
    for stretch in dialogue.stretches:
        if not is_after(stretch.span, hangup) or stretch in in_survey or stretch in explained:
            continue
        reason = PassedOverReason.CLOSING_WORDS if stretch in members else _reason(stretch, hangup)
        if reason is not None:
            yield PassedOver(span=stretch.span, party=stretch.party, quote=stretch.text, reason=reason)
        elif stretch.party in JUDGED_PARTIES:
            left.append(stretch)
    for talk, why in innocent_talks(talks_of(left), dialogue.reader, chat_ms=chat_ms, customer_gone=_is_gone(hangup)):
        yield _together(talk.stretches, why)


def _is_gone(hangup: Hangup) -> bool:
    """Whether the line itself, the switch or a machine tells that the customer is no longer there."""
    return any(vote.supports and vote.source in DISCONNECTS | {HangupSource.PROMPT} for vote in hangup.evidence)


def _reason(stretch: Stretch, hangup: Hangup) -> PassedOverReason | None:
    """Why a stretch after the hang-up is innocent; None where it is not."""
    delay_ms = stretch.span.start_ms - hangup.at_ms
    words = stretch.words
    if stretch.party is Party.SYSTEM:
        return PassedOverReason.SURVEY
    if stretch.party is Party.CUSTOMER:
        return PassedOverReason.DIALOGUE_WENT_ON if stretch.text else None
    if words.silent:
        return PassedOverReason.UNNOTICED if _is_gone(hangup) else PassedOverReason.SILENT_CALLER
    takes_leave = words.only or ((words.farewells or words.agent_close) and delay_ms <= CLOSES_WITHIN_MS)
    wordless = not stretch.text and delay_ms <= 2 * WORDLESS_GOODBYE_MS
    if takes_leave or (wordless and stretch.span.duration_ms <= WORDLESS_GOODBYE_MS):
        return PassedOverReason.CLOSING_WORDS
    return None


def _together(stretches: Sequence[Stretch], reason: PassedOverReason) -> PassedOver:
    """One entry for several stretches: the party of the first, all their words."""
    end_ms = max(stretch.span.end_ms for stretch in stretches)
    return PassedOver(
        span=TimeSpan(stretches[0].span.start_ms, end_ms),
        party=stretches[0].party,
        quote=" ".join(stretch.text for stretch in stretches if stretch.text),
        reason=reason,
    )
