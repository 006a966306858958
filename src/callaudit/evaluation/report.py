"""An evaluation as rows of tables: measures with their counts, mistakes, and the ends of calls group by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from callaudit.evaluation.endings import EndingRates
from callaudit.evaluation.matching import CategoryScore, Claim
from callaudit.evaluation.results import CLOSE_MS, Evaluation, close_hangups
from callaudit.evaluation.timing import HangupVerdict

NOTHING = "–"
ENDING_HEADINGS = ("calls", "found", "false", "median error", "95 %", "prec.", "recall", "false flags")
"""Calls; hang-ups found and false; error; precision and recall of speech after the hang-up; innocent calls flagged."""

_WRONG = {
    HangupVerdict.FALSE: "false",
    HangupVerdict.MISSED: "missed",
    HangupVerdict.ELSEWHERE: "misplaced",
}


def table_rows(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """Rows of (measure, value, counts), for people."""
    return [*_measure_rows(evaluation), *_mistake_rows(evaluation), *_failure_rows(evaluation)]


def side_by_side_rows(evaluations: Mapping[str, Evaluation]) -> list[tuple[str, ...]]:
    """Rows of a measure and what it is in each of several evaluations of the same calls."""
    columns = [dict(_cells(evaluation)) for evaluation in evaluations.values()]
    measures = dict.fromkeys(chain.from_iterable(columns))
    return [(measure, *(column.get(measure, NOTHING) for column in columns)) for measure in measures]


def ending_row(name: str, rates: EndingRates, *more: str) -> tuple[str, ...]:
    """One row below `ENDING_HEADINGS`, its name and whatever else tells it in front."""
    late = rates.late_speech
    return (
        name,
        *more,
        str(rates.calls),
        f"{rates.found} of {rates.hangups}" if rates.hangups else NOTHING,
        str(rates.false),
        _ms(rates.median_ms),
        _ms(rates.p95_ms),
        _percent(late.precision),
        _percent(late.recall),
        f"{rates.innocent_flagged} of {rates.innocent}" if rates.innocent else NOTHING,
    )


def _cells(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    """Each measure with its value and counts, and each mistake by its place."""
    for measure, value, counts in _measure_rows(evaluation):
        yield measure, f"{value} ({counts})"
    for mistake, place, what in chain(_mistake_rows(evaluation), _failure_rows(evaluation)):
        yield f"{mistake}: {place}", what or "yes"


def _measure_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    yield from _cer_rows(evaluation)
    yield from _hangup_rows(evaluation)
    yield from _finding_rows(evaluation)


def _cer_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    for party, errors in evaluation.cer.items():
        yield f"character error rate, {party}", _percent(errors.rate), f"{errors.errors} of {errors.characters}"


def _hangup_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    rates = evaluation.endings
    counts = f"{rates.found} of {rates.hangups}, {rates.false} false"
    yield "hang-ups found", _percent(rates.found / rates.hangups if rates.hangups else None), counts
    sizes = [abs(error) for error in evaluation.hangup_errors_ms]
    if sizes:
        within = f"95 % within {_ms(rates.p95_ms)}, all within {max(sizes)} ms"
        counts = f"{within}, {close_hangups(sizes)} within {CLOSE_MS} ms"
        yield "hang-up error, median", _ms(rates.median_ms), counts
    late = rates.late_speech
    if late.true or late.reported:
        value = f"precision {_percent(late.precision)}, recall {_percent(late.recall)}"
        yield "sentences after the hang-up or on hold", value, _counts(late)
    if rates.innocent:
        counts = f"{rates.innocent_flagged} of {rates.innocent} calls"
        yield "innocent calls flagged", _percent(rates.innocent_flagged / rates.innocent), counts


def _finding_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    scores = {category.value: score for category, score in evaluation.categories.items()}
    scores |= {"all": evaluation.all_findings, "rude, any category": evaluation.any_rude}
    for name, score in scores.items():
        value = f"precision {_percent(score.precision)}, recall {_percent(score.recall)}"
        yield f"findings, {name}", value, _counts(score)


def _mistake_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    for call in evaluation.calls:
        lists = {
            "false": call.matched.false,
            "missed": call.matched.missed,
            "wrong side of the hang-up": call.matched.wrong_phase,
        }
        for name, claims in lists.items():
            yield from ((name, f"{call.path.name} {_claim(claim)}", claim.quote) for claim in claims)
        hangup = call.ending.hangup
        if hangup.verdict in _WRONG:
            yield f"{_WRONG[hangup.verdict]} hang-up", call.path.name, hangup.kind or ""


def _failure_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    yield from (("failed", path.name, code) for path, code in evaluation.failed)
    yield from (("failed as it should", path.name, "") for path in evaluation.failed_as_expected)
    yield from (("should have failed", path.name, "") for path in evaluation.not_failed)
    yield from (("not scanned", path.name, "") for path in evaluation.not_scanned)


def _claim(claim: Claim) -> str:
    return f"{claim.category.value} {claim.span.start_ms / 1000:.1f}–{claim.span.end_ms / 1000:.1f} s"


def _counts(score: CategoryScore) -> str:
    return f"{score.right} of {score.reported} right, {score.found} of {score.true} found"


def _ms(value: int | None) -> str:
    return NOTHING if value is None else f"{value} ms"


def _percent(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate:.1%}"
