"""One number to rank calls by.

    points of a finding = points of its severity × confidence × 1.2 out of the customer's hearing, at most 95
    score = 100 × (1 - Π(1 - points / 100))

So a grave finding outranks several light ones, every further finding adds something, and 100 is never exceeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from callaudit.domain.findings import Finding, Severity

POINTS = {Severity.MINOR: 10.0, Severity.MAJOR: 40.0, Severity.CRITICAL: 75.0}
OUT_OF_HEARING_FACTOR = 1.2
"""After the hang-up, or on hold."""
MOST_POINTS = 95.0


def score_call(findings: Sequence[Finding]) -> float:
    """Score of a call, 0 (nothing found) to 100, rounded to a tenth.

    >>> score_call(())
    0.0
    """
    return round(100 * (1 - prod((1 - _points(finding) / 100 for finding in findings), start=1.0)), 1)


def _points(finding: Finding) -> float:
    factor = OUT_OF_HEARING_FACTOR if finding.phase.is_out_of_hearing else 1.0
    return min(MOST_POINTS, POINTS[finding.severity] * finding.confidence * factor)
