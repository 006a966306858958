from __future__ import annotations

import pytest

from callaudit.domain.spans import TimeSpan
from callaudit.reports.clips import MAX_CLIP_MS, clip_spans, no_clips
from callaudit.settings import ReportSettings
from tests.builders import make_finding, make_judged

SETTINGS = ReportSettings(clip_before_ms=1000, clip_after_ms=500)


@pytest.mark.parametrize(
    ("findings", "spans"),
    [
        ([], []),
        ([(5000, 6000)], [(4000, 6500)]),
        ([(200, 900)], [(0, 1400)]),
        ([(29_000, 29_900)], [(28_000, 30_000)]),
        ([(5000, 6000), (7000, 8000)], [(4000, 8500)]),
        ([(5000, 6000), (9000, 9500)], [(4000, 6500), (8000, 10_000)]),
        ([(9000, 9500), (5000, 6000)], [(4000, 6500), (8000, 10_000)]),
    ],
)
def test_clips_cover_findings_and_what_is_around_them(
    findings: list[tuple[int, int]], spans: list[tuple[int, int]]
) -> None:
    made = clip_spans([make_finding(span=TimeSpan(*span)) for span in findings], 30_000, SETTINGS)
    assert made == tuple(TimeSpan(*span) for span in spans)


def test_a_long_finding_is_heard_from_its_beginning() -> None:
    (span,) = clip_spans([make_finding(span=TimeSpan(10_000, 900_000))], 1_000_000, SETTINGS)
    assert span == TimeSpan(9000, 9000 + MAX_CLIP_MS)


def test_findings_in_a_row_never_make_an_endless_clip() -> None:
    findings = [make_finding(span=TimeSpan(start, start + 9000)) for start in range(0, 1_000_000, 10_000)]
    spans = clip_spans(findings, 1_000_000, SETTINGS)
    assert all(span.duration_ms <= MAX_CLIP_MS for span in spans)
    assert all(any(span.start_ms <= f.span.start_ms < span.end_ms for span in spans) for f in findings)


def test_without_audio_there_are_no_clips() -> None:
    assert no_clips(make_judged()) == ()
