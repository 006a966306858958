"""The call as one line of speech: pieces of utterances, and speech that the engine gave no text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from callaudit.domain.analysis import Acoustics
from callaudit.domain.calls import JUDGED_PARTIES, Call, Party, PartyBasis
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Utterance
from callaudit.hangup.phrases import ClosingWords, read_closing

MIN_WORDLESS_MS = 300
"""Shorter leftovers of a speech region are its padding."""
REGION_PAD_MS = 250
"""What a region may exceed its utterances by, in ms: the speech detector pads both ends."""
TONE_PAD_MS = 200
"""The speech detector takes tones for speech, and pads them."""
ECHO_BELOW_DB = 15.0
"""Speech that much quieter than what the other channel says at the same time is its echo."""
ECHO_SHARE = 0.7
LONGEST_REGION_MS = 60_000
"""No speech region is longer; bounds the search for echo."""

_HELLO = re.compile("[您你]好")
"""Without it 还有什么可以帮您 goes on with the same customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of speech of one party. Utterances that go on after a goodbye are two."""

    span: TimeSpan
    channel: int
    party: Party
    party_basis: PartyBasis
    text: str
    """Empty where the engine wrote nothing."""
    level_dbfs: float
    words: ClosingWords
    utterance: int | None = None
    """Index in the transcript."""
    chars: CharSpan = field(default_factory=lambda: CharSpan(0, 0))
    """Which part of the utterance's raw text."""
    split: bool = False
    """Whether start or end was found by the place of the words in a longer utterance."""


def speech_stretches(call: Call, acoustics: Acoustics, utterances: Sequence[Utterance]) -> tuple[Stretch, ...]:
    """All speech of a call by time: utterances, cut after their goodbyes, and wordless speech regions.

    Left out: regions under a tone or music of their channel, echo of the other channel, and in a mixed recording all
    channels but the first, which they repeat.
    """
    heard = [utterance for utterance in utterances if is_heard(call, utterance.channel)]
    stretches = [piece for utterance in heard for piece in _pieces(utterance)]
    stretches += _wordless(call, acoustics, heard)
    stretches.sort(key=lambda stretch: (stretch.span, stretch.channel))
    return tuple(stretch for stretch in stretches if not _is_echo(stretch, acoustics.regions))


def is_heard(call: Call, channel: int) -> bool:
    """Whether a channel is listened to: the channels of a mixed recording are alike, one is enough."""
    return channel == 0 or not call.is_mixed


def answers_telephone(stretch: Stretch) -> bool:
    """Whether somebody who may be an agent begins to serve a customer: 您好，…为您服务."""
    greets = stretch.words.greeting and _HELLO.search(stretch.text) is not None
    return greets and stretch.party in JUDGED_PARTIES


def typical_level_dbfs(stretches: Iterable[Stretch], party: Party) -> float | None:
    """Median level of a party's transcribed speech; None where there is none."""
    levels = [stretch.level_dbfs for stretch in stretches if stretch.party is party and stretch.text]
    return median(levels) if levels else None


def time_at(utterance: Utterance, char: int) -> int:
    """When a code point of an utterance is said, in ms: Mandarin syllables are about equally long."""
    share = char / max(1, len(utterance.text))
    return utterance.span.start_ms + round(utterance.span.duration_ms * share)


def _pieces(utterance: Utterance) -> list[Stretch]:
    """One stretch, or two where something else follows the goodbyes."""
    words = read_closing(utterance.text)
    if words.end is None:
        return [_piece(utterance, CharSpan(0, len(utterance.text)), words)]
    head, tail = CharSpan(0, words.end), CharSpan(words.end, len(utterance.text))
    return [
        _piece(utterance, head, read_closing(head.cut(utterance.text)), split=True),
        _piece(utterance, tail, read_closing(tail.cut(utterance.text)), split=True),
    ]


def _piece(utterance: Utterance, chars: CharSpan, words: ClosingWords, split: bool = False) -> Stretch:
    span = TimeSpan(time_at(utterance, chars.start), time_at(utterance, chars.end)) if split else utterance.span
    return Stretch(
        span=span,
        channel=utterance.channel,
        party=utterance.party,
        party_basis=utterance.party_basis,
        text=chars.cut(utterance.text),
        level_dbfs=utterance.level_dbfs,
        words=words,
        utterance=utterance.index,
        chars=chars,
        split=split,
    )


def _wordless(call: Call, acoustics: Acoustics, utterances: Sequence[Utterance]) -> list[Stretch]:
    """What is left of the speech regions without utterances, tones and music."""
    stretches: list[Stretch] = []
    for channel in sorted({region.channel for region in acoustics.regions if is_heard(call, region.channel)}):
        taken = [
            utterance.span.widen(REGION_PAD_MS, acoustics.duration_ms)
            for utterance in utterances
            if utterance.channel == channel
        ]
        taken += [
            tone.span.widen(TONE_PAD_MS, acoustics.duration_ms) for tone in acoustics.tones if tone.channel == channel
        ]
        taken += [music.span for music in acoustics.music if music.channel == channel]
        covered = _union(taken)
        party = call.channel_parties[channel] if channel < len(call.channel_parties) else Party.UNKNOWN
        stretches += [
            Stretch(
                span=left,
                channel=channel,
                party=party,
                party_basis=call.party_basis,
                text="",
                level_dbfs=region.level_dbfs,
                words=ClosingWords(),
            )
            for region in acoustics.regions
            if region.channel == channel
            for left in _subtract(region.span, covered)
            if left.duration_ms >= MIN_WORDLESS_MS
        ]
    return stretches


def _union(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """The same time covered by spans that do not overlap, by time."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        if merged and span.start_ms <= merged[-1].end_ms:
            merged[-1] = merged[-1].cover(span)
        else:
            merged.append(span)
    return merged


def _subtract(span: TimeSpan, covered: Sequence[TimeSpan]) -> list[TimeSpan]:
    """What `covered`, disjoint and by time, leaves of a span."""
    left: list[TimeSpan] = []
    at_ms = span.start_ms
    first = max(0, bisect_left(covered, span) - 1)
    for cover in covered[first:]:
        if cover.start_ms >= span.end_ms:
            break
        if cover.start_ms > at_ms:
            left.append(TimeSpan(at_ms, cover.start_ms))
        at_ms = max(at_ms, cover.end_ms)
    if at_ms < span.end_ms:
        left.append(TimeSpan(at_ms, span.end_ms))
    return left


def _is_echo(stretch: Stretch, regions: Sequence[SpeechRegion]) -> bool:
    """Whether a customer's stretch is the agent, heard much fainter at the same time."""
    if stretch.party is not Party.CUSTOMER:
        return False
    over_ms = 0
    first = bisect_left(regions, stretch.span.start_ms - LONGEST_REGION_MS, key=lambda region: region.span.start_ms)
    for region in regions[first:]:
        if region.span.start_ms >= stretch.span.end_ms:
            break
        if region.channel != stretch.channel and region.level_dbfs - stretch.level_dbfs >= ECHO_BELOW_DB:
            over_ms += region.span.overlap_ms(stretch.span)
    return over_ms > 0 and over_ms >= ECHO_SHARE * stretch.span.duration_ms
