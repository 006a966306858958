"""One call as plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from callaudit.domain.analysis import JudgedCall
from callaudit.domain.names import printable
from callaudit.reports.call_view import CallView, FindingView, LineView, RemarkView, view_call
from callaudit.reports.harmless import harmless
from callaudit.reports.wording import Lang
from callaudit.reports.wording.page import PAGE


def describe_call(judged: JudgedCall, lang: Lang, copies: Iterable[Path] = ()) -> list[str]:
    """Facts, hang-up, findings with their evidence and transcript of one call.

    No line holds control characters: names and words of calls cannot drive the terminal.

    Args:
        judged: the call.
        lang: language of the lines.
        copies: files with the very bytes of its recording.
    """
    view = view_call(judged, 1, (), lang)
    head = [*_head(view, lang), *describe_copies(copies, lang)]
    rest = [line for part in (_hangup, _findings, _transcript) for line in part(view, lang)]
    return [harmless(line) for line in head + rest]


def describe_copies(copies: Iterable[Path], lang: Lang) -> list[str]:
    """One line that names the files with the very bytes of a recording; none where there are no such files."""
    named = ", ".join(printable(path) for path in copies)
    return [f"  {PAGE['copies'].to(lang)}: {named}"] if named else []


def _head(view: CallView, lang: Lang) -> Iterator[str]:
    yield f"{view.call_id}  {PAGE['score'].to(lang)} {view.score:.1f}  {view.severity_label}".rstrip()
    for heading, value in view.facts:
        yield f"  {heading}: {value}"
    for heading, items in (("warnings", view.warnings), ("not_run", view.not_run)):
        for item in items:
            yield f"  ! {PAGE[heading].to(lang)}: {item}"


def _hangup(view: CallView, lang: Lang) -> Iterator[str]:
    yield ""
    if view.hangup is None:
        yield f"{PAGE['hangup'].to(lang)}: {PAGE['hangup_unknown'].to(lang)}"
        return
    yield f"{PAGE['hangup'].to(lang)}: {view.hangup.sentence}"
    yield from (f"  + {sentence}" for sentence in view.hangup.supporting)
    yield from (f"  - {sentence}" for sentence in view.hangup.opposing)
    if view.hangup.timer:
        yield f"  {PAGE['compared'].to(lang)}: {view.hangup.timer}"


def _findings(view: CallView, lang: Lang) -> Iterator[str]:
    yield ""
    yield f"{PAGE['findings'].to(lang)}: {len(view.findings)}"
    for finding in view.findings:
        yield from _finding(finding)


def _finding(finding: FindingView) -> Iterator[str]:
    yield (
        f"  {finding.number}. {finding.time}  {finding.category_label} · {finding.severity_label} · "
        f"{finding.phase_label} · {finding.party_label}{finding.basis_label} · {finding.confidence}"
    )
    if finding.quote:
        yield f"     “{finding.quote}”"
    for item in finding.evidence:
        yield f"     {'-' if item.against else '+'} {item.sentence}"


def _transcript(view: CallView, lang: Lang) -> Iterator[str]:
    yield ""
    yield f"{PAGE['transcript'].to(lang)}:"
    divider = f"  ---- {PAGE['hangup'].to(lang)} {view.hangup.time} ----" if view.hangup else ""
    for line in view.lines:
        if line.first_after_hangup:
            yield divider
        yield _line(line)
    if not view.lines:
        yield f"  {PAGE['no_words'].to(lang)}"
    elif view.hangup and view.hangup.after_all_lines:
        yield divider
    yield from _remarks(PAGE["passed_over"].to(lang), view.passed_over)
    yield from _remarks(PAGE["dropped"].to(lang), view.dropped)


def _line(line: LineView) -> str:
    numbers = "".join(f"  <{number}>" for number in line.findings)
    return f"  {line.time}  {line.party_label}  {''.join(piece.text for piece in line.pieces)}{numbers}"


def _remarks(heading: str, remarks: Iterable[RemarkView]) -> Iterator[str]:
    for number, remark in enumerate(remarks):
        if number == 0:
            yield ""
            yield f"{heading}:"
        yield f"  {remark.time}  {remark.party_label}  “{remark.text}” — {remark.reason}"
