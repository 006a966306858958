"""The audio that goes with findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.findings import Finding
from callaudit.domain.spans import TimeSpan
from callaudit.settings import ReportSettings

MAX_CLIP_MS = 120_000
"""Longest clip: findings further apart get clips of their own, and a longer one is heard from its beginning."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a recording as MP3."""

    span: TimeSpan
    """What it covers, in the time of the recording."""
    mp3: bytes


ClipSource = Callable[[JudgedCall], tuple[Clip, ...]]
"""Cuts the clips of a call; none where its audio is not at hand."""


def no_clips(judged: JudgedCall) -> tuple[Clip, ...]:
    """The clip source of a report without audio."""
    return ()


def clip_spans(findings: Sequence[Finding], duration_ms: int, settings: ReportSettings) -> tuple[TimeSpan, ...]:
    """The stretches of a recording to cut for its findings, by time; neighbours that overlap are joined.

    Args:
        findings: of one call.
        duration_ms: length of the recording.
        settings: how much to hear before and after a finding.
    """
    whole = TimeSpan(0, duration_ms)
    spans: list[TimeSpan] = []
    for finding in sorted(findings, key=lambda finding: finding.span):
        start_ms = max(0, finding.span.start_ms - settings.clip_before_ms)
        end_ms = min(finding.span.end_ms + settings.clip_after_ms, start_ms + MAX_CLIP_MS)
        span = TimeSpan(start_ms, end_ms).clip(whole)
        joined = spans[-1].cover(span) if spans and spans[-1].overlaps(span) else None
        if joined and joined.duration_ms <= MAX_CLIP_MS:
            spans[-1] = joined
        elif span.duration_ms:
            spans.append(span)
    return tuple(spans)
