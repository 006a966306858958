"""An evaluation as rows of a table: measure, value, and the counts behind it."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from callaudit.evaluation.matching import CategoryScore, Claim
from callaudit.evaluation.results import CLOSE_MS, Evaluation, close_hangups
from callaudit.evaluation.timing import HangupVerdict

NOTHING = "–"


def table_rows(evaluation: Evaluation) -> list[tuple[str, str, str]]:
    """Rows of (measure, value, counts), for people."""
    return [
        *_cer_rows(evaluation),
        *_hangup_rows(evaluation),
        *_finding_rows(evaluation),
        *_mistake_rows(evaluation),
        *_failure_rows(evaluation),
    ]


def _cer_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    for party, errors in evaluation.cer.items():
        yield f"character error rate, {party}", _percent(errors.rate), f"{errors.errors} of {errors.characters}"


def _hangup_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    verdicts = evaluation.hangups
    true = verdicts[HangupVerdict.FOUND] + verdicts[HangupVerdict.MISSED]
    counts = f"{verdicts[HangupVerdict.FOUND]} of {true}, {verdicts[HangupVerdict.FALSE]} false"
    yield "hang-ups found", _percent(verdicts[HangupVerdict.FOUND] / true if true else None), counts
    sizes = [abs(error) for error in evaluation.hangup_errors_ms]
    if sizes:
        counts = f"{close_hangups(sizes)} within {CLOSE_MS} ms, all within {max(sizes)} ms"
        yield "hang-up error, median", f"{median(sizes):.0f} ms", counts


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
        if call.hangup.verdict in (HangupVerdict.FALSE, HangupVerdict.MISSED):
            yield f"{call.hangup.verdict} hang-up", call.path.name, call.hangup.kind or ""


def _failure_rows(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    yield from (("failed", path.name, code) for path, code in evaluation.failed)
    yield from (("failed as it should", path.name, "") for path in evaluation.failed_as_expected)
    yield from (("should have failed", path.name, "") for path in evaluation.not_failed)
    yield from (("not scanned", path.name, "") for path in evaluation.not_scanned)


def _claim(claim: Claim) -> str:
    return f"{claim.category.value} {claim.span.start_ms / 1000:.1f}–{claim.span.end_ms / 1000:.1f} s"


def _counts(score: CategoryScore) -> str:
    return f"{score.right} of {score.reported} right, {score.found} of {score.true} found"


def _percent(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate:.1%}"
