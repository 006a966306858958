"""`callaudit score`: text without audio, utterance by utterance."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TextIO

import typer

from callaudit.cli.console import LangOption, SettingsOption, printable, settings_from
from callaudit.cli.output import prepare_output, put
from callaudit.cli.utterance_lines import UtteranceLine, read_utterances
from callaudit.errors import InputError

if TYPE_CHECKING:
    from callaudit.detectors.text_judge import TextVerdict
    from callaudit.domain.findings import Finding
    from callaudit.reports.wording import Lang

STDIN = Path("-")


def score(
    file: Annotated[
        Path, typer.Argument(metavar="FILE|-", help="One utterance a line, or JSON Lines.", show_default="stdin")
    ] = STDIN,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for every line.")] = False,
    lang: LangOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Judge utterances without audio, with the lexicon and the classifier of a scan.

    Every line is what an agent said. JSON Lines may name `party` and `phase` beside `text`; their `id` comes back.
    """
    from callaudit import assembly

    settings = settings_from(settings_file, report__lang=lang)
    with _opened(file) as stream:
        judge = assembly.build_text_judge(settings)
        prepare_output(as_json=as_json)
        lines = flagged = 0
        for line in read_utterances(stream, _name_of(file)):
            verdict = judge.judge(line.text, line.party, line.phase)
            lines, flagged = line.number, flagged + verdict.flagged
            if as_json:
                put(json.dumps(verdict_row(verdict, line), ensure_ascii=False))
            elif verdict.flagged:
                put(_described(verdict, line.number, settings.report.lang))
    if not as_json:
        typer.echo(f"{lines} lines, {flagged} flagged", err=True)


def verdict_row(verdict: TextVerdict, line: UtteranceLine) -> dict[str, Any]:
    """A verdict as plain data; with the `id` of its line where that has one."""
    named = {} if line.id is None else {"id": line.id}
    return named | {
        "text": verdict.text,
        "flagged": verdict.flagged,
        "severity": verdict.severity,
        "confidence": verdict.confidence,
        "findings": [finding_row(finding) for finding in verdict.findings],
    }


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding as plain data; `start` and `end` are code points of the raw text, the evidence as in findings.jsonl."""
    return {
        "category": finding.category,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "quote": finding.quote,
        "start": finding.chars.start if finding.chars else None,
        "end": finding.chars.end if finding.chars else None,
        "evidence": [asdict(item) for item in finding.evidence],
    }


def _described(verdict: TextVerdict, number: int, lang: Lang) -> str:
    """A flagged line for a terminal: its number, then every finding with what speaks for it and against it."""
    return "\n".join([f"{number}.", *(part for finding in verdict.findings for part in describe(finding, lang))])


def describe(finding: Finding, lang: Lang) -> Iterator[str]:
    """A finding as lines for a terminal, in the words of the report."""
    from callaudit.domain.findings import ContextEvidence
    from callaudit.reports.harmless import harmless
    from callaudit.reports.units import percent
    from callaudit.reports.wording import label
    from callaudit.reports.wording.sentences import evidence_sentence

    severity, category = label(finding.severity, lang), label(finding.category, lang)
    yield f"   {severity} · {category} · {percent(finding.confidence)}  “{harmless(finding.quote)}”"
    for item in finding.evidence:
        against = isinstance(item, ContextEvidence) and item.weight < 0
        yield f"     {'-' if against else '+'} {harmless(evidence_sentence(item, lang))}"


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The bytes of a file or of standard input."""
    if file == STDIN:
        yield _stdin()
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise InputError(
            f"cannot read {printable(file)}: {error.strerror}",
            code="text.unreadable",
            hint="name a text file that this user may read, or - for standard input",
        ) from error
    with stream:
        yield stream


def _stdin() -> BinaryIO:
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise InputError("standard input is closed", code="text.unreadable", hint="name a file, or pipe text in")
    return stdin.buffer


def _name_of(file: Path) -> str:
    return "standard input" if file == STDIN else str(file)
