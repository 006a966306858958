from __future__ import annotations

import pytest

from callaudit.detectors.score import score_call
from callaudit.domain.findings import Finding, Phase, Severity
from tests.builders import make_finding

MINOR = make_finding(severity=Severity.MINOR)
MAJOR = make_finding(severity=Severity.MAJOR)
CRITICAL = make_finding(severity=Severity.CRITICAL)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ([], [MINOR]),
        ([MINOR], [MAJOR]),
        ([MAJOR], [CRITICAL]),
        ([MINOR] * 3, [MAJOR]),
        ([MAJOR], [MAJOR, MINOR]),
        ([make_finding(confidence=0.5)], [make_finding(confidence=0.9)]),
        ([MAJOR], [make_finding(severity=Severity.MAJOR, phase=Phase.AFTER_HANGUP)]),
    ],
)
def test_graver_surer_later_and_more_findings_score_higher(less: list[Finding], more: list[Finding]) -> None:
    assert score_call(less) < score_call(more)


def test_score_stays_within_bounds() -> None:
    assert score_call([]) == 0
    assert score_call([CRITICAL] * 50) <= 100
