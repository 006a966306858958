"""Utterances cut into clauses, so that a finding quotes and plays the words it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import JUDGED_PARTIES
from callaudit.domain.findings import Phase
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.boundary import phase_of
from callaudit.hangup.phrases import read_closing
from callaudit.hangup.stretches import is_heard, time_at

PAD_MS = 200
"""Added to both ends of a clause's share of its utterance, in ms: syllables are only about equally long."""
LONGEST_BREATH = 40
"""Characters judged together: the classifier learns from utterances of up to this length."""

LONGEST_GREETING = 4
"""喂您好, 您好: what is longer says something else, too."""

_CLAUSE = re.compile(r"[^，。！？；、,.!?;\s]+")


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of an utterance between pauses."""

    utterance: Utterance
    chars: CharSpan
    span: TimeSpan

    @property
    def text(self) -> str:
        """Raw text."""
        return self.chars.cut(self.utterance.text)


def judged_utterances(analysis: CallAnalysis) -> Iterator[Utterance]:
    """Utterances whose words can count against an agent, by time."""
    for utterance in analysis.transcript.utterances:
        heard = is_heard(analysis.call, utterance.channel)
        if heard and utterance.party in JUDGED_PARTIES and utterance.text.strip():
            yield utterance


def clauses_of(utterance: Utterance) -> tuple[Clause, ...]:
    """The clauses of an utterance, parted by punctuation, white space, and the end of a goodbye.

    The time of a clause is its share of the utterance by characters, padded, within the utterance.
    """
    spans = [CharSpan(*found.span()) for found in _CLAUSE.finditer(utterance.text)]
    end = read_closing(utterance.text).end
    if end is not None:
        spans = [piece for span in spans for piece in _cut(span, end)]
    return tuple(clause_at(utterance, span) for span in spans)


def clause_at(utterance: Utterance, chars: CharSpan) -> Clause:
    """A stretch of an utterance as a clause."""
    whole = chars.start == 0 and chars.end == len(utterance.text)
    span = TimeSpan(time_at(utterance, chars.start), time_at(utterance, chars.end))
    padded = TimeSpan(max(0, span.start_ms - PAD_MS), span.end_ms + PAD_MS).clip(utterance.span)
    return Clause(utterance, chars, utterance.span if whole else padded)


def breaths_of(utterance: Utterance, side: Callable[[Clause], Phase]) -> tuple[Clause, ...]:
    """The clauses of an utterance in groups of up to `LONGEST_BREATH` characters.

    Clauses of mere courtesy belong to none and end one, as does the hang-up: a greeting or a goodbye excuses nothing.

    Args:
        utterance: with its text.
        side: on which side of the hang-up a clause lies.
    """
    groups: list[tuple[CharSpan, Phase]] = []
    open_to: Phase | None = None
    for clause in clauses_of(utterance):
        if _is_courtesy(clause):
            open_to = None
            continue
        phase = side(clause)
        if phase is open_to and clause.chars.end - groups[-1][0].start <= LONGEST_BREATH:
            groups[-1] = (CharSpan(groups[-1][0].start, clause.chars.end), phase)
        else:
            groups.append((clause.chars, phase))
        open_to = phase
    return tuple(clause_at(utterance, span) for span, _ in groups)


def _is_courtesy(clause: Clause) -> bool:
    """Whether a clause is nothing but a greeting or a goodbye."""
    words = read_closing(clause.text)
    return words.only or (words.greeting and len(clause.text) <= LONGEST_GREETING)


def clauses_within(breath: Clause) -> tuple[Clause, ...]:
    """The clauses of a breath."""
    return tuple(clause for clause in clauses_of(breath.utterance) if clause.chars.overlaps(breath.chars))


def phase_of_clause(clause: Clause, analysis: CallAnalysis) -> Phase:
    """Which side of the hang-up a clause lies on, or whether it lies within a hold."""
    return phase_of(clause.span, analysis.hangup, analysis.holds)


def _cut(span: CharSpan, at: int) -> list[CharSpan]:
    if not span.start < at < span.end:
        return [span]
    return [CharSpan(span.start, at), CharSpan(at, span.end)]
