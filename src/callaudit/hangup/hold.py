"""When the customer does not hear the agent although the call goes on (保持, 静音): by the record, or by hold music."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from statistics import median

from callaudit.domain.calls import JUDGED_PARTIES, Call, Party
from callaudit.domain.hangups import PassedOver, PassedOverReason
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.line import Music
from callaudit.domain.spans import TimeSpan
from callaudit.domain.talk import TalkKind
from callaudit.hangup.boundary import hold_of
from callaudit.hangup.stretches import Stretch, typical_level_dbfs
from callaudit.hangup.talks import Talk, TalkReader, laughs, talks_of
from callaudit.text.cues import CueFinder

MUSIC_UNCERTAINTY_MS = 1000
"""What either end of found music may be off by, in ms."""
SAME_HOLD_MS = 15_000
"""Music that goes on after this pause at most is one hold: announcements interrupt it (您的通话正在等待)."""
FAINT_DB = 15.0
"""Music that much under the customer's usual level plays in the customer's room."""
ASKED_WITHIN_MS = 15_000
"""The agent asks to wait at most this long before the music, in ms; people answer 好的 and the key must be pressed."""
BACK_WITHIN_MS = 8000
"""The agent is back at most this long after it, in ms."""

_TO_CUSTOMER = re.compile(r"您|先生|女士|喂")
"""Words by which somebody is addressed as a customer is."""

ASKS, RETURNS = "asks", "returns"
_PHRASES = {
    ASKS: (
        "请稍等",
        "您稍等",
        "稍等一下",
        "稍等片刻",
        "请稍候",
        "您稍候",
        "等我一下",
        "您等一下",
        "请等一下",
        "等一下啊",
        "您先等等",
        "不要挂机",
        "不要挂断",
        "请勿挂机",
        "您别挂",
        "先别挂",
        "保持在线",
        "我去问一下",
        "我去核实一下",
        "帮您问一下",
        "帮您核实一下",
        "我请示一下",
    ),
    RETURNS: ("让您久等", "久等了", "感谢您的耐心等待", "感谢您的等待", "谢谢您的耐心等待", "不好意思让您等"),
}


def find_holds(
    call: Call, music: Sequence[Music], stretches: Sequence[Stretch], recorded: Iterable[Hold]
) -> tuple[Hold, ...]:
    """All holds of a call by time.

    Args:
        call: tells the channels.
        music: as heard on every channel.
        stretches: the call's speech by time.
        recorded: holds and mutes of the call record, on the recording's clock.
    """
    told = _by_music_mixed(music, stretches) if call.is_mixed else _by_music_apart(call, music, stretches)
    heard = (Hold.surely(span, HoldSource.MUSIC, MUSIC_UNCERTAINTY_MS) for span in told)
    return tuple(sorted((*recorded, *(hold for hold in heard if hold is not None))))


def talks_on_hold(stretches: Iterable[Stretch], holds: Sequence[Hold]) -> Iterator[tuple[Talk, Hold]]:
    """What agent, or somebody nobody can name, says in each hold, with that hold; wordless sound left out."""
    judged = [stretch for stretch in stretches if stretch.party in JUDGED_PARTIES and stretch.text]
    for hold in holds:
        within = [stretch for stretch in judged if hold_of(stretch.span, holds) is hold]
        yield from ((talk, hold) for talk in talks_of(within))


def consultations(stretches: Iterable[Stretch], holds: Sequence[Hold], reader: TalkReader) -> Iterator[PassedOver]:
    """Talks in holds that are work as long as nothing rude is said: all in which nobody laughs about the caller."""
    for talk, _ in talks_on_hold(stretches, holds):
        if not is_laughed_at(talk, reader):
            words = " ".join(stretch.text for stretch in talk.stretches)
            yield PassedOver(span=talk.span, party=talk.party, quote=words, reason=PassedOverReason.ON_HOLD)


def is_laughed_at(talk: Talk, reader: TalkReader) -> bool:
    """Whether somebody laughs in a talk about the caller; to speak of the caller soberly is work."""
    words = [stretch.text for stretch in talk.stretches]
    return any(map(laughs, words)) and any(_is_about_caller(text, reader) for text in words)


def _is_about_caller(text: str, reader: TalkReader) -> bool:
    """Whether a piece of a talk is that rather than anything else."""
    shares = reader.read(text)
    return max(shares, key=lambda kind: shares[kind]) is TalkKind.ABOUT_CALLER


def _by_music_apart(call: Call, music: Sequence[Music], stretches: Sequence[Stretch]) -> Iterator[TimeSpan]:
    """Music on the customer's channel, as loud as a voice, after the customer has spoken and while he does not.

    Music before the customer's first word is a ringback melody (彩铃) or a queue. Words of the customer under some of
    it show that all of it plays in his room, unless the agent asked to wait before it and is back after it: then they
    may be the engine's lyrics.
    """
    customer = [stretch for stretch in stretches if stretch.party is Party.CUSTOMER and stretch.text]
    if not customer:
        return
    usual_dbfs = typical_level_dbfs(stretches, Party.CUSTOMER)
    heard = [one for one in music if one.channel == call.channel_of(Party.CUSTOMER)]
    spans = _joined(_loud(heard, usual_dbfs), stretches)
    told = [span for span in spans if _is_asked(span, stretches) and _is_back(span, stretches)]
    others = [span for span in spans if span not in told]
    in_room = any(_lies_within(stretch, span) for span in others for stretch in customer)
    for span in told if in_room else spans:
        if customer[0].span.start_ms < span.start_ms:
            yield span


def _by_music_mixed(music: Sequence[Music], stretches: Sequence[Stretch]) -> Iterator[TimeSpan]:
    """Music on the one channel where the words tell of a hold: asked to wait before it, and back after it.

    Nothing else tells it from music in a room of either party.
    """
    levels = [stretch.level_dbfs for stretch in stretches if stretch.text]
    heard = [one for one in music if one.channel == 0]
    for span in _joined(_loud(heard, median(levels) if levels else None), stretches):
        speaks = any(stretch.party is Party.CUSTOMER and _lies_within(stretch, span) for stretch in stretches)
        if _is_asked(span, stretches) and _is_back(span, stretches) and not speaks:
            yield span


def _loud(music: Iterable[Music], usual_dbfs: float | None) -> list[TimeSpan]:
    """Music that is not much fainter than the voices; none where nobody speaks."""
    return [one.span for one in music if usual_dbfs is not None and one.level_dbfs >= usual_dbfs - FAINT_DB]


def _joined(spans: Sequence[TimeSpan], stretches: Sequence[Stretch]) -> list[TimeSpan]:
    """The same music without the pauses in which the hold went on."""
    joined: list[TimeSpan] = []
    for span in spans:
        if joined and span.gap_ms(joined[-1]) <= SAME_HOLD_MS and not _is_taken_up(joined[-1], span, stretches):
            joined[-1] = joined[-1].cover(span)
        else:
            joined.append(span)
    return joined


def _is_taken_up(before: TimeSpan, after: TimeSpan, stretches: Sequence[Stretch]) -> bool:
    """Whether agent and customer talk to one another between two pieces of music."""
    pause = TimeSpan(before.end_ms, max(before.end_ms, after.start_ms))
    between = [stretch for stretch in stretches if stretch.text and stretch.span.overlaps(pause)]
    return any(
        stretch.party is Party.CUSTOMER
        or (stretch.party is not Party.SYSTEM and (_TO_CUSTOMER.search(stretch.text) or _groups(stretch.text)))
        for stretch in between
    )


def _lies_within(stretch: Stretch, span: TimeSpan) -> bool:
    """Whether words are said during music, beyond what its ends are uncertain by."""
    start_ms, end_ms = span.start_ms + MUSIC_UNCERTAINTY_MS, span.end_ms - MUSIC_UNCERTAINTY_MS
    middle_ms = (stretch.span.start_ms + stretch.span.end_ms) // 2
    return bool(stretch.text) and start_ms < middle_ms < end_ms


def _is_asked(span: TimeSpan, stretches: Sequence[Stretch]) -> bool:
    """Whether somebody who may be the agent asks to wait just before the music."""
    return any(
        -MUSIC_UNCERTAINTY_MS <= span.start_ms - stretch.span.end_ms <= ASKED_WITHIN_MS
        and ASKS in _groups(stretch.text)
        for stretch in _maybe_agents(stretches)
    )


def _is_back(span: TimeSpan, stretches: Sequence[Stretch]) -> bool:
    """Whether somebody who may be the agent says just after the music to be back."""
    return any(
        -2 * MUSIC_UNCERTAINTY_MS <= stretch.span.start_ms - span.end_ms <= BACK_WITHIN_MS
        and RETURNS in _groups(stretch.text)
        for stretch in _maybe_agents(stretches)
    )


def _maybe_agents(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    return (stretch for stretch in stretches if stretch.party in JUDGED_PARTIES and stretch.text)


@cache
def _finder() -> CueFinder:
    return CueFinder(_PHRASES)


@lru_cache(maxsize=4096)
def _groups(text: str) -> frozenset[str]:
    """What a piece of speech does: asks to wait, says to be back, both or neither."""
    return frozenset(hit.group for hit in _finder().find(text))
