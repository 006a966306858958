from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch.account import LATEST, MOST_NAMED, QUARANTINED, FailedEarlier, FinishedEarlier, RunSummary
from callaudit.domain.findings import Severity
from callaudit.domain.runs import SkippedCall, SkipReason
from tests.builders import make_failed, make_finding, make_judged


def make_summary(*outcomes, total=None):
    summary = RunSummary(total=len(outcomes) if total is None else total)
    for outcome in outcomes:
        summary.count(outcome)
    return summary


def skipped(reason, name="a.wav"):
    return SkippedCall(path=Path(name), reason=reason, same_as=Path("b.wav") if reason is SkipReason.COPY else None)


def test_every_kind_of_outcome_is_counted_once():
    summary = make_summary(
        make_judged(),
        make_judged(findings=(make_finding(severity=Severity.MINOR), make_finding(severity=Severity.MAJOR))),
        make_failed(),
        FailedEarlier(make_failed()),
        FinishedEarlier(Path("c.wav"), (Severity.CRITICAL,)),
        *(skipped(reason) for reason in SkipReason),
    )

    assert (summary.done, summary.failed, summary.skipped.total()) == (2, 2, 1 + len(SkipReason))
    assert (summary.failed_earlier, summary.quarantined) == (1, 0)
    assert (summary.flagged, summary.findings, summary.findings_earlier) == (1, 2, 1)
    assert summary.findings_by_severity == {Severity.MINOR: 1, Severity.MAJOR: 1}
    assert summary.gravest is Severity.CRITICAL
    assert summary.skipped[SkipReason.FINISHED_EARLIER] == 2
    assert summary.is_balanced


@pytest.mark.parametrize(("total", "left"), [(3, 1), (2, 0), (1, -1)])
def test_an_account_balances_only_where_each_recording_is_counted_once(total, left):
    summary = make_summary(make_judged(), make_failed(), total=total)

    assert (summary.left, summary.is_balanced) == (left, left == 0)


def test_what_a_dry_run_would_do_is_accounted_for_and_not_found_done():
    summary = make_summary(skipped(SkipReason.COPY), total=3)
    summary.plan(judge_only=True)
    summary.plan(judge_only=False)

    assert (summary.to_judge, summary.to_hear, summary.found) == (1, 1, 1)
    assert summary.is_balanced


def test_calls_that_are_set_aside_are_failures_too():
    summary = make_summary(make_failed(code=QUARANTINED), make_failed())

    assert (summary.failed, summary.quarantined) == (2, 1)


def test_an_account_of_thousands_of_failures_names_some_of_each_kind_and_counts_all():
    summary = RunSummary(total=10_000)
    for number in range(9_999):
        code = ("audio.corrupt", "audio.empty")[number % 2]
        summary.count(make_failed(path=Path(f"{number}.wav"), code=code))
    summary.count(make_failed(path=Path("last.wav"), code=QUARANTINED))

    assert summary.failures_by_code == {"audio.corrupt": 5_000, "audio.empty": 4_999, QUARANTINED: 1}
    assert len(summary.failures) == 2 * MOST_NAMED + 1
    assert QUARANTINED in {failure.code for failure in summary.failures}
    assert [failure.path.stem for failure in summary.latest_failures] == ["9997", "9998", "last"]
    assert len(summary.latest_failures) == LATEST
    assert summary.is_balanced


@pytest.mark.parametrize(
    ("reason", "named"), [(SkipReason.COPY, "copies"), (SkipReason.STILL_WRITTEN, "still_written")]
)
def test_an_account_of_thousands_of_skipped_recordings_stays_small(reason, named):
    summary = make_summary(*(skipped(reason, f"{number}.wav") for number in range(3 * MOST_NAMED)))

    assert len(getattr(summary, named)) == MOST_NAMED
    assert summary.skipped[reason] == 3 * MOST_NAMED


def test_failures_told_again_are_kept_apart_from_those_of_this_run():
    summary = make_summary(FailedEarlier(make_failed(code="audio.empty")), make_failed(code="audio.corrupt"))

    assert [failure.code for failure in summary.failures] == ["audio.corrupt"]
    assert [failure.code for failure in summary.failures_earlier] == ["audio.empty"]
    assert (summary.failures_by_code, summary.earlier_by_code) == ({"audio.corrupt": 1}, {"audio.empty": 1})
    assert [failure.code for failure in summary.latest_failures] == ["audio.corrupt"]


def test_the_store_is_told_of_every_count():
    counts = make_summary(make_judged(), make_failed(), skipped(SkipReason.COPY), total=4).counts()

    assert counts == {
        "found": 4, "done": 1, "failed": 1, "skipped_copy": 1, "flagged": 0, "findings": 0, "crashes": 0
    }  # fmt: skip
