"""Outcomes against the truth, call by call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from callaudit.domain.analysis import CallOutcome, FailedCall, JudgedCall
from callaudit.evaluation.cer import char_errors
from callaudit.evaluation.endings import EndingScore, labels_of
from callaudit.evaluation.matching import match_findings, score_late_speech
from callaudit.evaluation.results import CallScore, Evaluation
from callaudit.evaluation.timing import score_hangup
from callaudit.evaluation.truth import Truth

__all__ = ["Evaluation", "evaluate"]


def evaluate(outcomes: Iterable[CallOutcome], truths: Mapping[Path, Truth]) -> Evaluation:
    """Compare outcomes with the truth.

    Args:
        outcomes: what the scan made of the recordings; those without a truth are left out.
        truths: ground truth by path of the recording.
    """
    by_path = {_path_of(outcome).resolve(): outcome for outcome in outcomes}
    calls: list[CallScore] = []
    failed: list[tuple[Path, str]] = []
    failed_as_expected: list[Path] = []
    not_failed: list[Path] = []
    not_scanned: list[Path] = []
    for path, truth in sorted(truths.items()):
        outcome = by_path.get(path.resolve())
        if outcome is None:
            not_scanned.append(path)
        elif isinstance(outcome, FailedCall):
            expected = truth.error is not None and outcome.code.startswith(truth.error)
            if expected:
                failed_as_expected.append(path)
            else:
                failed.append((path, outcome.code))
        elif truth.error is not None:
            not_failed.append(path)
        else:
            calls.append(score_call(path, truth, outcome))
    return Evaluation(
        calls=tuple(calls),
        failed_as_expected=tuple(failed_as_expected),
        failed=tuple(failed),
        not_failed=tuple(not_failed),
        not_scanned=tuple(not_scanned),
    )


def score_call(path: Path, truth: Truth, outcome: JudgedCall) -> CallScore:
    """Compare one scanned call with its truth."""
    analysis = outcome.analysis
    counted = [finding for finding in outcome.findings if finding.category in truth.categories]
    return CallScore(
        path=path,
        errors=char_errors(truth, analysis.transcript.utterances, analysis.call.is_mixed),
        ending=score_ending(truth, outcome),
        matched=match_findings(truth.findings, counted),
    )


def score_ending(truth: Truth, outcome: JudgedCall) -> EndingScore:
    """Compare the end of one scanned call with its truth: hang-up and speech after it."""
    return EndingScore(
        hangup=score_hangup(truth, outcome.analysis.hangup),
        late_speech=score_late_speech(truth, outcome.findings),
        labels=labels_of(truth),
    )


def _path_of(outcome: CallOutcome) -> Path:
    return outcome.path if isinstance(outcome, FailedCall) else outcome.analysis.call.recording.path
