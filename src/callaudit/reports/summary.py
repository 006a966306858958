"""The head of a report: counts over all calls, and one light line for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from callaudit.domain.analysis import CallOutcome, FailedCall, JudgedCall
from callaudit.domain.findings import OPTIONAL_CATEGORIES, Category, Phase, Severity, gravest
from callaudit.domain.names import printable
from callaudit.reports.units import clock, hours
from callaudit.reports.wording import Lang, label
from callaudit.reports.wording.keys import error_label, error_remedy, stage_label


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """One flagged call in the ranking."""

    number: int
    """Position in the report, from 1; the call's section is `#call-<number>`."""
    call_id: str
    recording: str
    score: float
    duration: str
    agent: str
    queue: str
    severity: Severity
    severity_label: str
    categories: tuple[tuple[Category, str, int], ...]
    """Category, its name, findings of it; most first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """One recording that could not be scanned."""

    recording: str
    code: str
    label: str
    message: str
    remedy: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many findings there are of one kind."""

    key: str
    label: str
    number: int
    share: float
    """Of the largest count beside it, 0 to 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All calls of a report."""

    calls: int
    """Scanned, whether or not they could be."""
    judged: int
    findings: int
    after_hangup: int
    audio: str
    by_category: tuple[Count, ...]
    by_severity: tuple[Count, ...]
    flagged: tuple[CallLine, ...]
    """By falling score."""
    failures: tuple[FailureLine, ...]


def summarize(outcomes: Iterable[CallOutcome], lang: Lang) -> Summary:
    """Go through all outcomes once and keep what the head of the report shows."""
    categories: Counter[Category] = Counter()
    severities: Counter[Severity] = Counter()
    flagged: list[CallLine] = []
    failures: list[FailureLine] = []
    judged = audio_ms = after_hangup = 0
    for outcome in outcomes:
        if isinstance(outcome, FailedCall):
            failures.append(_failure_line(outcome, lang))
            continue
        judged += 1
        audio_ms += outcome.analysis.acoustics.duration_ms
        categories.update(finding.category for finding in outcome.findings)
        severities.update(finding.severity for finding in outcome.findings)
        after_hangup += sum(finding.phase is Phase.AFTER_HANGUP for finding in outcome.findings)
        if severity := gravest(outcome.findings):
            flagged.append(_call_line(outcome, severity, judged, lang))
    # A rule that may be switched off is not shown as a zero, which would say that it was looked for.
    shown = [member for member in Category if categories[member] or member not in OPTIONAL_CATEGORIES]
    return Summary(
        calls=judged + len(failures),
        judged=judged,
        findings=categories.total(),
        after_hangup=after_hangup,
        audio=hours(audio_ms, lang),
        by_category=_counts([(member.value, label(member, lang), categories[member]) for member in shown]),
        by_severity=_counts([(member.value, label(member, lang), severities[member]) for member in reversed(Severity)]),
        flagged=tuple(sorted(flagged, key=lambda line: (-line.score, line.number))),
        failures=tuple(failures),
    )


def _counts(rows: list[tuple[str, str, int]]) -> tuple[Count, ...]:
    """Counts with the share of each in the largest."""
    largest = max(1, *(number for _, _, number in rows))
    return tuple(
        Count(key=key, label=name, number=number, share=round(100 * number / largest, 1)) for key, name, number in rows
    )


def _call_line(judged: JudgedCall, severity: Severity, number: int, lang: Lang) -> CallLine:
    call = judged.analysis.call
    counts = Counter(finding.category for finding in judged.findings).most_common()
    return CallLine(
        number=number,
        call_id=printable(call.call_id),
        recording=printable(call.recording.path),
        score=judged.score,
        duration=clock(judged.analysis.acoustics.duration_ms),
        agent=(call.record and call.record.agent_id) or "",
        queue=(call.record and call.record.queue) or "",
        severity=severity,
        severity_label=label(severity, lang),
        categories=tuple((category, label(category, lang), count) for category, count in counts),
    )


def _failure_line(failed: FailedCall, lang: Lang) -> FailureLine:
    return FailureLine(
        recording=printable(failed.path),
        code=failed.code,
        label=error_label(failed.code, lang),
        message=printable(failed.message),
        remedy=error_remedy(failed.code, failed.hint, lang),
        stage=stage_label(failed.stage, lang),
    )
