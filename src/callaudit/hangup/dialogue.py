"""Whether the customer takes part again after some moment: what makes an apparent end no end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from callaudit.domain.calls import Call, Party
from callaudit.domain.talk import TalkKind
from callaudit.hangup.prompts import Survey
from callaudit.hangup.stretches import Stretch, typical_level_dbfs
from callaudit.hangup.talks import BELIEVED, TalkReader

REPLY_WITHIN_MS = 4000
"""A reply begins this soon, in ms."""
MIN_WORDLESS_REPLY_MS = 700
"""Wordless sound on the customer's channel counts as speech from this length, in ms."""
TALKS_ON_MS = 1000
"""Speech that began before a moment and lasts this long after it, in ms, goes on."""
ELSEWHERE = 0.2
"""Below this probability words are not said to a customer."""
FAINT_DB = 15.0
"""Sound that much under the customer's usual level is noise, not speech."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A call's speech, asked who goes on talking to whom."""

    call: Call
    stretches: tuple[Stretch, ...]
    survey: Survey | None
    silence_ms: int
    """Customer silence that ends a conversation, in ms."""
    reader: TalkReader
    """Tells what is said."""

    def after(self, at_ms: int) -> tuple[Stretch, ...]:
        """Speech that begins at or after a moment, machine prompts and the survey left out."""
        members = self.survey.stretches if self.survey else frozenset()
        return tuple(
            stretch
            for stretch in self.stretches
            if stretch.span.start_ms >= at_ms and stretch not in members and stretch.party is not Party.SYSTEM
        )

    def resumption(self, at_ms: int) -> Stretch | None:
        """The first speech after `at_ms` that shows the customer in dialogue; None where there is none.

        On a channel of their own, customers are back when they speak, unless they do so after at least `silence_ms`
        of their own silence, answering nobody and answered by nobody. In a mixed recording they are back when words
        that only a customer says, or only an agent says to a customer, are heard, or two turns of a dialogue.
        """
        signs = self._signs_mixed(at_ms) if self.call.is_mixed else self._signs_apart(at_ms)
        return next(signs, None)

    def _signs_apart(self, at_ms: int) -> Iterator[Stretch]:
        level_dbfs = typical_level_dbfs(self.stretches, Party.CUSTOMER)
        for stretch in self.stretches:
            over = stretch.span.start_ms < at_ms and stretch.span.end_ms < at_ms + TALKS_ON_MS
            if over or stretch.party is not Party.CUSTOMER or not _speaks(stretch, level_dbfs):
                continue
            if self.survey and stretch.span.start_ms >= self.survey.start_ms:
                return
            late = stretch.span.start_ms - at_ms >= self.silence_ms
            if not late or self._answers(stretch, at_ms) or self._is_answered(stretch):
                yield stretch

    def _signs_mixed(self, at_ms: int) -> Iterator[Stretch]:
        later = self.after(at_ms)
        for stretch, following in zip_longest(later, later[1:]):
            if self.survey and stretch.span.start_ms >= self.survey.start_ms:
                return
            words = stretch.words
            if words.only or words.silent:
                continue
            told = (words.resume or words.service) and not self._is_elsewhere(stretch)
            if stretch.party is Party.CUSTOMER or told or self._are_turns(stretch, following):
                yield stretch

    def _are_turns(self, stretch: Stretch, following: Stretch | None) -> bool:
        """Whether two pieces of speech are rather turns of a dialogue than anything else."""
        if following is None or following.span.start_ms - stretch.span.end_ms > REPLY_WITHIN_MS:
            return False
        return self._is_dialogue(stretch) and self._is_dialogue(following)

    def _is_dialogue(self, stretch: Stretch) -> bool:
        """Whether words are rather said to a customer, or by him, than to anybody else; not to ask who is there."""
        return not stretch.words.silent and self.reader.read(stretch.text)[TalkKind.TO_CUSTOMER] >= BELIEVED

    def _is_elsewhere(self, stretch: Stretch) -> bool:
        """Whether words are said neither to a customer nor by him, for all that single phrases look so."""
        return self.reader.read(stretch.text)[TalkKind.TO_CUSTOMER] < ELSEWHERE

    def _answers(self, stretch: Stretch, at_ms: int) -> bool:
        """Whether somebody else spoke just before, after the moment asked about."""
        return any(
            at_ms <= other.span.start_ms < stretch.span.start_ms
            and other.span.end_ms > stretch.span.start_ms - self.silence_ms
            and other.party is not Party.CUSTOMER
            for other in self.stretches
        )

    def _is_answered(self, stretch: Stretch) -> bool:
        return any(
            stretch.span.start_ms < other.span.start_ms <= stretch.span.end_ms + REPLY_WITHIN_MS
            and other.party is not Party.CUSTOMER
            for other in self.stretches
        )


def _speaks(stretch: Stretch, level_dbfs: float | None) -> bool:
    """Whether a stretch on the customer's channel is speech rather than noise."""
    if level_dbfs is not None and stretch.level_dbfs < level_dbfs - FAINT_DB:
        return False
    return bool(stretch.text) or stretch.span.duration_ms >= MIN_WORDLESS_REPLY_MS
