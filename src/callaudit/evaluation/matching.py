"""Which findings are right, which are false, and which were missed.

A result matches a true finding of the same category whose time it meets, give or take one second, unless it puts the
blame on another party (`unknown` blames nobody). Several results may match one truth (two phrases in one sentence), and
one result several truths (two sentences transcribed as one): precision counts results, recall counts truths.

Speech after the hang-up or on hold is also counted by the sentence (`score_late_speech`): half a talk found is half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.calls import Party
from callaudit.domain.findings import SPEECH_CATEGORIES, TALK_CATEGORIES, Category, Finding, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.evaluation.truth import TrueFinding, Truth

TOLERANCE_MS = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding without its evidence, true or not: what lists of mistakes show."""

    category: Category
    span: TimeSpan
    party: Party
    phase: Phase
    quote: str


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """Counts of one category, or of several summed."""

    true: int = 0
    """Offences committed."""
    found: int = 0
    """Of those, how many some result matches."""
    reported: int = 0
    """Results."""
    right: int = 0
    """Of those, how many match an offence."""

    def __add__(self, other: CategoryScore) -> CategoryScore:
        return CategoryScore(
            self.true + other.true,
            self.found + other.found,
            self.reported + other.reported,
            self.right + other.right,
        )

    @property
    def precision(self) -> float | None:
        """Right results over results; None without results."""
        return self.right / self.reported if self.reported else None

    @property
    def recall(self) -> float | None:
        """Offences found over offences; None where there were none."""
        return self.found / self.true if self.true else None


@dataclass(frozen=True, slots=True)
class Matched:
    """The findings of one call against its truth."""

    by_category: dict[Category, CategoryScore]
    false: tuple[Claim, ...]
    missed: tuple[Claim, ...]
    wrong_phase: tuple[Claim, ...]
    """Results that are right but for the side of the hang-up they are put on."""
    any_rude: CategoryScore
    """Offences of speech, where naming the wrong category is forgiven."""


def match_findings(truths: Sequence[TrueFinding], results: Sequence[Finding]) -> Matched:
    """Compare the findings of one call with the truth."""
    categories = sorted({truth.category for truth in truths} | {result.category for result in results})
    rude_truths = [truth for truth in truths if truth.category in SPEECH_CATEGORIES]
    rude_results = [result for result in results if result.category in SPEECH_CATEGORIES]
    return Matched(
        by_category={
            category: _score(
                [truth for truth in truths if truth.category is category],
                [result for result in results if result.category is category],
            )
            for category in categories
        },
        false=tuple(_claim(result) for result in results if not _matches(truths, result)),
        missed=tuple(_claim(truth) for truth in truths if not any(_fits(truth, result) for result in results)),
        wrong_phase=tuple(
            _claim(result)
            for result in results
            if (fitting := _matches(truths, result)) and all(truth.phase is not result.phase for truth in fitting)
        ),
        any_rude=_score(rude_truths, rude_results, same_category=False),
    )


def score_late_speech(truth: Truth, results: Sequence[Finding]) -> CategoryScore:
    """Speech after the hang-up or on hold, sentence by sentence.

    A sentence is found where one result covers half of it; a result is right where it meets a sentence. Sentences are
    the true utterances of the party within the true findings of such speech; results of a category whose findings are
    not written down do not count.
    """
    spans = [span for finding in truth.findings for span in _late_spans(truth, finding)]
    counted = [category for category in TALK_CATEGORIES if category in truth.categories]
    claims = [result.span for result in results if result.category in counted]
    return CategoryScore(
        true=len(spans),
        found=sum(any(2 * span.overlap_ms(claim) >= span.duration_ms for claim in claims) for span in spans),
        reported=len(claims),
        right=sum(any(claim.overlaps(span) for span in spans) for claim in claims),
    )


def _late_spans(truth: Truth, finding: TrueFinding) -> list[TimeSpan]:
    """The sentences of a true finding of such speech; the whole of it where none are written down."""
    if finding.category not in TALK_CATEGORIES:
        return []
    said = [utterance for utterance in truth.utterances if utterance.party is finding.party]
    return [utterance.span for utterance in said if utterance.span.overlaps(finding.span)] or [finding.span]


def _score(truths: Sequence[TrueFinding], results: Sequence[Finding], same_category: bool = True) -> CategoryScore:
    return CategoryScore(
        true=len(truths),
        found=sum(any(_fits(truth, result, same_category) for result in results) for truth in truths),
        reported=len(results),
        right=sum(any(_fits(truth, result, same_category) for truth in truths) for result in results),
    )


def _matches(truths: Sequence[TrueFinding], result: Finding) -> list[TrueFinding]:
    return [truth for truth in truths if _fits(truth, result)]


def _fits(truth: TrueFinding, result: Finding, same_category: bool = True) -> bool:
    if same_category and truth.category is not result.category:
        return False
    blames_another = result.party not in (truth.party, Party.UNKNOWN)
    return not blames_another and truth.span.gap_ms(result.span) <= TOLERANCE_MS


def _claim(item: TrueFinding | Finding) -> Claim:
    return Claim(item.category, item.span, item.party, item.phase, item.quote)
