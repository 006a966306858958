"""One judged call as the template shows it: everything in words, in order, and nothing left to decide."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.analysis import CallAnalysis, JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.findings import ContextEvidence, Finding, Severity, gravest
from callaudit.domain.names import printable
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.timer import read_timer
from callaudit.reports.clips import Clip
from callaudit.reports.marking import Piece, findings_by_utterance, mark
from callaudit.reports.timeline import Timeline, draw_timeline
from callaudit.reports.units import clock, moment, percent
from callaudit.reports.wording import Lang, label
from callaudit.reports.wording.page import PAGE
from callaudit.reports.wording.sentences import (
    evidence_sentence,
    hangup_sentence,
    not_run_sentence,
    parties_sentence,
    timer_sentence,
    warning_sentence,
    witness_sentence,
)

DOUBTFUL_LOGPROB = -1.0
"""Whisper's own limit, below which it decodes again; a line still below it is marked as doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipView:
    """An audio player."""

    start_ms: int
    end_ms: int
    label: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """One piece of evidence."""

    kind: str
    sentence: str
    against: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One finding."""

    number: int
    finding_id: str
    severity: Severity
    severity_label: str
    category_label: str
    phase_label: str
    detector: str
    time: str
    span: TimeSpan
    party: Party
    party_label: str
    basis_label: str
    quote: str
    confidence: str
    evidence: tuple[EvidenceView, ...]
    audible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line of the transcript."""

    span: TimeSpan
    time: str
    party: Party
    party_label: str
    pieces: tuple[Piece, ...]
    findings: tuple[int, ...]
    severity: Severity | None
    """Gravest of its findings."""
    doubtful: bool
    audible: bool
    first_after_hangup: bool
    """Whether the hang-up is drawn above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkView:
    """Speech that was set aside, or was not flagged, and why."""

    time: str
    party_label: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupView:
    """The hang-up in words."""

    sentence: str
    time: str
    supporting: tuple[str, ...]
    opposing: tuple[str, ...]
    timer: str
    """What a mere timer would have said; empty where nobody speaks."""
    after_all_lines: bool
    """Whether nothing was said after it: it is drawn below the transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """One call."""

    number: int
    call_id: str
    recording: str
    score: float
    duration: str
    severity: Severity | None
    severity_label: str
    facts: tuple[tuple[str, str], ...]
    hangup: HangupView | None
    warnings: tuple[str, ...]
    not_run: tuple[str, ...]
    findings: tuple[FindingView, ...]
    lines: tuple[LineView, ...]
    passed_over: tuple[RemarkView, ...]
    dropped: tuple[RemarkView, ...]
    clips: tuple[ClipView, ...]
    timeline: Timeline | None
    """None for a call with nothing to point at."""


def view_call(judged: JudgedCall, number: int, clips: Sequence[Clip], lang: Lang) -> CallView:
    """Lay out one call.

    Args:
        judged: the call.
        number: its position in the report, from 1.
        clips: its audio.
        lang: language of the report.
    """
    analysis = judged.analysis
    spans = tuple(clip.span for clip in clips)
    severity = gravest(judged.findings)
    worth_a_picture = bool(judged.findings or analysis.passed_over)
    return CallView(
        number=number,
        call_id=printable(analysis.call.call_id),
        recording=printable(analysis.call.recording.path),
        score=judged.score,
        duration=clock(analysis.acoustics.duration_ms),
        severity=severity,
        severity_label=label(severity, lang) if severity else "",
        facts=_facts(judged, lang),
        hangup=_hangup(analysis, lang),
        warnings=tuple(dict.fromkeys(warning_sentence(w, analysis.call.record, lang) for w in analysis.warnings)),
        not_run=tuple(not_run_sentence(item, lang) for item in judged.not_run),
        findings=tuple(_finding(finding, n, spans, lang) for n, finding in enumerate(judged.findings, 1)),
        lines=_lines(judged, spans, lang),
        passed_over=_passed_over(analysis, lang),
        dropped=_dropped(analysis, lang),
        clips=tuple(_clip(clip) for clip in clips),
        timeline=draw_timeline(judged, spans, lang) if worth_a_picture else None,
    )


def _facts(judged: JudgedCall, lang: Lang) -> tuple[tuple[str, str], ...]:
    """What there is to know about a call, by heading; what is not known is left out."""
    call, recording = judged.analysis.call, judged.analysis.call.recording
    record = call.record
    channels = PAGE["mono"].to(lang) if recording.channels == 1 else f"{recording.channels} {PAGE['channels'].to(lang)}"
    facts = (
        ("recording", printable(recording.path)),
        ("duration", clock(judged.analysis.acoustics.duration_ms)),
        ("started", moment(record.recording_start_at) if record and record.recording_start_at else None),
        ("agent", record.agent_id if record else None),
        ("queue", record.queue if record else None),
        ("parties", parties_sentence(call, lang)),
        ("format", f"{recording.container} · {recording.codec} · {recording.sample_rate_hz} Hz · {channels}"),
        ("engine", judged.analysis.transcript.engine),
        ("sha256", f"{recording.sha256[:16]}…"),
        ("fingerprint", judged.fingerprint),
    )
    return tuple((PAGE[heading].to(lang), value) for heading, value in facts if value)


def _hangup(analysis: CallAnalysis, lang: Lang) -> HangupView | None:
    hangup = analysis.hangup
    if hangup is None:
        return None
    return HangupView(
        sentence=hangup_sentence(hangup, lang),
        time=clock(hangup.at_ms),
        supporting=tuple(witness_sentence(witness, lang) for witness in hangup.evidence if witness.supports),
        opposing=tuple(witness_sentence(witness, lang) for witness in hangup.evidence if not witness.supports),
        timer=timer_sentence(timer, lang) if (timer := read_timer(analysis)) else "",
        after_all_lines=all(u.span.start_ms < hangup.at_ms for u in analysis.transcript.utterances),
    )


def _finding(finding: Finding, number: int, clips: Sequence[TimeSpan], lang: Lang) -> FindingView:
    return FindingView(
        number=number,
        finding_id=finding.finding_id,
        severity=finding.severity,
        severity_label=label(finding.severity, lang),
        category_label=label(finding.category, lang),
        phase_label=label(finding.phase, lang),
        detector=finding.detector,
        time=f"{clock(finding.span.start_ms)} – {clock(finding.span.end_ms)}",
        span=finding.span,
        party=finding.party,
        party_label=label(finding.party, lang),
        basis_label=f"（{label(finding.party_basis, lang)}）"
        if lang == "zh"
        else f" ({label(finding.party_basis, lang)})",
        quote=finding.quote,
        confidence=percent(finding.confidence),
        evidence=tuple(
            EvidenceView(
                kind=item.kind,
                sentence=evidence_sentence(item, lang),
                against=isinstance(item, ContextEvidence) and item.weight < 0,
            )
            for item in finding.evidence
        ),
        audible=_is_audible(finding.span.start_ms, clips),
    )


def _lines(judged: JudgedCall, clips: Sequence[TimeSpan], lang: Lang) -> tuple[LineView, ...]:
    """The transcript; the first line that begins after the hang-up knows it."""
    found, hangup = findings_by_utterance(judged), judged.analysis.hangup
    lines: list[LineView] = []
    divided = hangup is None
    for utterance in judged.analysis.transcript.utterances:
        divides = not divided and hangup is not None and utterance.span.start_ms >= hangup.at_ms
        divided = divided or divides
        lines.append(_line(utterance, found.get(utterance.index, ()), clips, divides, lang))
    return tuple(lines)


def _line(
    utterance: Utterance,
    findings: Sequence[tuple[int, Finding]],
    clips: Sequence[TimeSpan],
    divides: bool,
    lang: Lang,
) -> LineView:
    return LineView(
        span=utterance.span,
        time=clock(utterance.span.start_ms),
        party=utterance.party,
        party_label=label(utterance.party, lang),
        pieces=mark(utterance, [finding for _, finding in findings]),
        findings=tuple(number for number, _ in findings),
        severity=gravest(finding for _, finding in findings),
        doubtful=utterance.avg_logprob < DOUBTFUL_LOGPROB,
        audible=_is_audible(utterance.span.start_ms, clips),
        first_after_hangup=divides,
    )


def _passed_over(analysis: CallAnalysis, lang: Lang) -> tuple[RemarkView, ...]:
    return tuple(
        RemarkView(
            time=clock(item.span.start_ms),
            party_label=label(item.party, lang),
            text=item.quote,
            reason=label(item.reason, lang),
        )
        for item in analysis.passed_over
    )


def _dropped(analysis: CallAnalysis, lang: Lang) -> tuple[RemarkView, ...]:
    return tuple(
        RemarkView(
            time=clock(item.utterance.span.start_ms),
            party_label=label(item.utterance.party, lang),
            text=item.utterance.text,
            reason=label(item.reason, lang),
        )
        for item in analysis.transcript.dropped
    )


def _clip(clip: Clip) -> ClipView:
    return ClipView(
        start_ms=clip.span.start_ms,
        end_ms=clip.span.end_ms,
        label=f"{clock(clip.span.start_ms)} – {clock(clip.span.end_ms)}",
        uri=f"data:audio/mpeg;base64,{base64.b64encode(clip.mp3).decode()}",
    )


def _is_audible(at_ms: int, clips: Sequence[TimeSpan]) -> bool:
    """Whether a clip holds a moment."""
    return any(span.start_ms <= at_ms < span.end_ms for span in clips)
