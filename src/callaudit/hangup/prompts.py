"""Evidence: machine prompts.

A satisfaction survey ends what agent and customer have to say to each other. A mailbox or an announcement of the
network shows that an outbound call reached nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from callaudit.domain.calls import Party
from callaudit.domain.hangups import HangupBy, HangupEvidence, HangupSource
from callaudit.domain.spans import TimeSpan
from callaudit.domain.talk import TalkKind
from callaudit.hangup.stretches import Stretch, answers_telephone
from callaudit.hangup.talks import BELIEVED, TalkReader
from callaudit.text.prompts import NETWORK, SURVEY, machine_prompts

SURVEY_PAUSE_MS = 15_000
"""Prompts of one survey follow one another within this, in ms: systems wait 1.5 to 10 s for a key."""
NEIGHBOUR_MS = 3000
"""Speech this close before the first or after the last prompt of a survey with keys is a garbled prompt, in ms."""
MIN_PROMPTS = 2
"""Prompts that make a survey: agents announce one with the words of its first prompt."""

ANNOUNCEMENT_PAUSE_MS = 8000
"""Announcements of one failed call follow one another within this, in ms: carriers repeat them."""
UNCERTAINTY_MS = 500
ANNOUNCEMENT_CONFIDENCE = 0.85
SURVEY_CONFIDENCE = 0.6
SURVEY_HEARD = "prompt=survey"
"""What the witness of a survey tells (`HangupEvidence.detail`)."""

_PROMPT_WORDS = re.compile("[请您谢评按键]")


@dataclass(frozen=True, slots=True)
class Survey:
    """A satisfaction survey: where it begins, and which stretches are part of it."""

    start_ms: int
    stretches: frozenset[Stretch]


def find_survey(
    stretches: Sequence[Stretch],
    reader: TalkReader,
    recorded_ms: int | None = None,
    agent_channel: int | None = None,
) -> Survey | None:
    """The survey of a call; None where there is none.

    It reaches from its first to its last prompt on one channel, where each follows the one before within
    `SURVEY_PAUSE_MS`. Where there are several, what lies between them belongs to it even where the engine garbled it,
    and so does a close neighbour before and after, the latter also later where its words are those of prompts. The
    menu that callers hear before an agent answers (语音导航: 业务咨询请按一) is none, nor is one prompt alone where the
    agent is heard, who announces a survey.

    Args:
        stretches: the call's speech by time.
        reader: tells surveys from other prompts.
        recorded_ms: start of the survey by the call record, in ms of the recording.
        agent_channel: None where no channel is the agent's alone.
    """
    from_ms = _served_from_ms(stretches)
    surveys = [one for one in stretches if one.span.start_ms > from_ms and prompt_kind(one, reader) is TalkKind.SURVEY]
    if not _are_survey(one for one in surveys if one.channel == agent_channel):
        surveys = [one for one in surveys if one.channel != agent_channel]
    if not surveys:
        return None if recorded_ms is None else Survey(recorded_ms, frozenset())
    prompts = _series(surveys)
    channel = [stretch for stretch in stretches if stretch.channel == prompts[0].channel]
    low, high = channel.index(prompts[0]), channel.index(prompts[-1])
    if _are_survey(prompts):
        low, high = _with_neighbours(channel, low, high)
        members = channel[low : high + 1]
    else:
        members = prompts
    start_ms = members[0].span.start_ms
    return Survey(start_ms if recorded_ms is None else min(recorded_ms, start_ms), frozenset(members))


def _served_from_ms(stretches: Sequence[Stretch]) -> int | float:
    """When the last agent answered, else when somebody first spoke, in ms: prompts before it ask where to be put."""
    spoken = [stretch for stretch in stretches if stretch.party is not Party.SYSTEM and stretch.text]
    answered = [stretch for stretch in spoken if answers_telephone(stretch)]
    return answered[-1].span.start_ms if answered else spoken[0].span.start_ms if spoken else inf


def survey_witness(survey: Survey | None) -> HangupEvidence | None:
    """The start of a survey as evidence: the agent has handed the customer to the machine."""
    if survey is None or not survey.stretches:
        return None
    return HangupEvidence(
        source=HangupSource.PROMPT,
        at_ms=survey.start_ms,
        uncertainty_ms=UNCERTAINTY_MS,
        confidence=SURVEY_CONFIDENCE,
        by=HangupBy.AGENT,
        detail=SURVEY_HEARD,
    )


def find_announcement(stretches: Sequence[Stretch], reader: TalkReader) -> TimeSpan | None:
    """Mailbox or announcement of the network, from its first word to its last; None where there is none.

    The last series counts: before it a call may have waited in a queue. What follows it closely on its channel belongs
    to it where its words are more likely a machine's than not.
    """
    series: list[Stretch] = []
    for stretch in stretches:
        close = bool(series) and stretch.span.start_ms - series[-1].span.end_ms <= ANNOUNCEMENT_PAUSE_MS
        if prompt_kind(stretch, reader) is TalkKind.ANNOUNCEMENT:
            series = [*series, stretch] if close else [stretch]
        elif close and stretch.channel == series[0].channel and _is_rather_machine(stretch, reader):
            series.append(stretch)
    return TimeSpan(series[0].span.start_ms, series[-1].span.end_ms) if series else None


def _is_rather_machine(stretch: Stretch, reader: TalkReader) -> bool:
    """Whether words are more likely a machine's; goodbyes, with which prompts end too, are people's."""
    shares = reader.read(stretch.text)
    return not stretch.words.only and shares[TalkKind.SURVEY] + shares[TalkKind.ANNOUNCEMENT] >= BELIEVED


def announcement_witness(span: TimeSpan | None, answered: bool) -> HangupEvidence | None:
    """An announcement as evidence: from its start on there was no customer.

    Args:
        span: from its first word to its last.
        answered: whether the customer spoke after it.
    """
    if span is None:
        return None
    return HangupEvidence(
        source=HangupSource.PROMPT,
        at_ms=span.start_ms,
        uncertainty_ms=UNCERTAINTY_MS,
        confidence=ANNOUNCEMENT_CONFIDENCE,
        supports=not answered,
        by=HangupBy.SYSTEM,
        detail="prompt=announcement",
    )


def prompt_kind(stretch: Stretch, reader: TalkReader) -> TalkKind | None:
    """Survey or announcement, by set phrases, else by what the words are most like; None for people's speech."""
    if stretch.party is not Party.SYSTEM:
        return None
    groups = {hit.group for hit in machine_prompts(stretch.text)}
    if groups & {SURVEY, NETWORK}:
        return TalkKind.SURVEY if SURVEY in groups else TalkKind.ANNOUNCEMENT
    return max((TalkKind.SURVEY, TalkKind.ANNOUNCEMENT), key=lambda kind: reader.read(stretch.text)[kind])


def _series(surveys: Sequence[Stretch]) -> list[Stretch]:
    """The prompts of the first survey, all on its channel."""
    series: list[Stretch] = []
    for stretch in surveys:
        if stretch.channel != surveys[0].channel:
            continue
        if series and stretch.span.start_ms - series[-1].span.end_ms > SURVEY_PAUSE_MS:
            break
        series.append(stretch)
    return series


def _with_neighbours(channel: Sequence[Stretch], low: int, high: int) -> tuple[int, int]:
    """First and last index with a garbled prompt on either side; a goodbye is none."""
    before = channel[low - 1] if low > 0 else None
    if before is not None and before.span.gap_ms(channel[low].span) <= NEIGHBOUR_MS and not _is_goodbye(before):
        low -= 1
    after = channel[high + 1] if high + 1 < len(channel) else None
    if after is not None:
        gap_ms = after.span.gap_ms(channel[high].span)
        high += gap_ms <= NEIGHBOUR_MS or (gap_ms <= SURVEY_PAUSE_MS and bool(_PROMPT_WORDS.search(after.text)))
    return low, high


def _is_goodbye(stretch: Stretch) -> bool:
    words = stretch.words
    return words.only or words.farewells > 0 or words.agent_close


def _are_survey(prompts: Iterable[Stretch]) -> bool:
    """Whether so many prompts are a survey, rather than its announcement."""
    return sum(max(1, _count_phrases(prompt.text)) for prompt in prompts) >= MIN_PROMPTS


def _count_phrases(text: str) -> int:
    return sum(hit.group == SURVEY for hit in machine_prompts(text))
