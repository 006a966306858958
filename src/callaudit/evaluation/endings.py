"""The ends of calls, summed: hang-ups, speech after them, flags on innocent calls; over all, and group by group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from callaudit.evaluation.matching import CategoryScore
from callaudit.evaluation.timing import HangupScore, HangupVerdict
from callaudit.evaluation.truth import Truth

MIXED, STEREO = "mixed", "stereo"
ENDING_GROUPINGS = ("shape", "tail", "evidence", "recording", "shape, recording", "codec", "fault")
"""The usual groupings, in order; others follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingScore:
    """The end of one call against its truth."""

    hangup: HangupScore
    late_speech: CategoryScore
    """Speech after the hang-up or on hold, sentence by sentence."""
    labels: Mapping[str, str]
    """The groups that the call belongs to, by grouping."""

    @property
    def is_innocent(self) -> bool:
        """Whether nothing was said after the hang-up or on hold that is to be flagged."""
        return self.late_speech.true == 0

    @property
    def is_perfect(self) -> bool:
        """Whether the hang-up was found if there was one, and all speech after it, and nothing else."""
        late = self.late_speech
        right = self.hangup.verdict in {HangupVerdict.FOUND, HangupVerdict.NONE}
        return right and late.found == late.true and late.right == late.reported


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingRates:
    """The ends of several calls."""

    calls: int
    hangups: int
    """Hang-ups there were to find."""
    found: int
    false: int
    """Hang-ups set where there was none, or too far from the true one."""
    median_ms: int | None
    """Of the size of the error over hang-ups found; None where there are none."""
    p95_ms: int | None
    late_speech: CategoryScore
    innocent: int
    """Calls without speech after the hang-up or on hold to flag."""
    innocent_flagged: int
    """Of those, how many have a finding of such speech."""


def labels_of(truth: Truth) -> dict[str, str]:
    """The groups a call belongs to: its labels, what tells its hang-up, and whether its parties share a channel."""
    recording = MIXED if truth.is_mixed else STEREO
    labels = {"recording": recording, **truth.labels}
    if truth.hangup is not None:
        labels.setdefault("evidence", truth.hangup.kind)
    if "shape" in labels:
        labels.setdefault("shape, recording", f"{labels['shape']} {recording}")
    return labels


def summed(scores: Iterable[EndingScore]) -> EndingRates:
    """Several calls as one."""
    calls = list(scores)
    hangups = [call.hangup for call in calls]
    sizes = [abs(one.error_ms) for one in hangups if one.error_ms is not None and one.verdict is HangupVerdict.FOUND]
    innocent = [call for call in calls if call.is_innocent]
    return EndingRates(
        calls=len(calls),
        hangups=sum(one.verdict.had_one for one in hangups),
        found=sum(one.verdict is HangupVerdict.FOUND for one in hangups),
        false=sum(one.verdict.set_wrongly for one in hangups),
        median_ms=_percentile(sizes, 50),
        p95_ms=_percentile(sizes, 95),
        late_speech=sum((call.late_speech for call in calls), CategoryScore()),
        innocent=len(innocent),
        innocent_flagged=sum(call.late_speech.reported > 0 for call in innocent),
    )


def grouped(scores: Sequence[EndingScore]) -> dict[str, dict[str, EndingRates]]:
    """The rates of every group, by grouping and name; groupings in the order of `ENDING_GROUPINGS`, groups by name."""
    present = sorted({name for score in scores for name in score.labels}, key=_place)
    return {grouping: dict(_groups(scores, grouping)) for grouping in present}


def _place(grouping: str) -> tuple[int, str]:
    return ENDING_GROUPINGS.index(grouping) if grouping in ENDING_GROUPINGS else len(ENDING_GROUPINGS), grouping


def _groups(scores: Sequence[EndingScore], grouping: str) -> Iterator[tuple[str, EndingRates]]:
    for name in sorted({score.labels[grouping] for score in scores if grouping in score.labels}):
        yield name, summed(score for score in scores if score.labels.get(grouping) == name)


def _percentile(values: Sequence[int], percent: int) -> int | None:
    return round(float(np.percentile(values, percent))) if values else None
