"""`callaudit evaluate-text`: judgements of text against labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callaudit.cli.console import JsonOption, LangOption, SettingsOption, printable, settings_from
from callaudit.cli.output import prepare_output, put
from callaudit.cli.score import describe, finding_row

if TYPE_CHECKING:
    from rich.table import Table

    from callaudit.evaluation.text_flags import JudgedText, TextEvaluation
    from callaudit.reports.wording import Lang
    from callaudit.settings import Settings


def evaluate_text(
    data: Annotated[
        list[Path],
        typer.Option("--data", metavar="FILE...", help="CSV: label, category, text, and if need be party, phase."),
    ],
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="More such files.")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Flag by this score.", show_default="flag by findings")
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Measure flags, categories and scores on labelled utterances, and list the mistakes with what fired.

    An agent says a line unless the column `party` tells otherwise; lines of customers and machines are counted apart.
    The list of mistakes shows the text.
    """
    from callaudit.evaluation.text_flags import measure
    from callaudit.evaluation.text_report import as_dict

    settings = settings_from(settings_file, report__lang=lang)
    result = measure(list(judged_rows([*data, *(more or [])], settings)), threshold)
    prepare_output(as_json=as_json)
    if as_json:
        put(json.dumps(as_dict(result) | _mistakes(result), ensure_ascii=False, indent=2))
        return
    for table in _tables(result):
        put(table)
    for line in _listed(result, settings.report.lang):
        put(line)


def judged_rows(files: Sequence[Path], settings: Settings) -> Iterator[JudgedText]:
    """The labelled utterances of CSV files, judged one by one.

    Raises:
        InputError: a file is missing, empty or malformed.
        SetupError: lexicon or classifier must be repaired first.
    """
    from callaudit import assembly
    from callaudit.classifier.corpus import read_corpus
    from callaudit.evaluation.text_flags import JudgedText

    labelled = read_corpus(files)
    judge = assembly.build_text_judge(settings)
    for row in labelled:
        verdict = judge.judge(row.text, row.party, row.phase)
        yield JudgedText(
            text=row.text,
            party=row.party,
            phase=row.phase,
            rude=row.rude,
            category=row.category,
            flagged=verdict.flagged,
            named=verdict.category,
            score=verdict.score,
            findings=verdict.findings,
        )


def _mistakes(result: TextEvaluation) -> dict[str, Any]:
    kinds = {"missed": result.missed, "false_flags": result.false_flags, "wrong_category": result.wrong_category}
    return {kind: [_mistake(row) for row in rows] for kind, rows in kinds.items()}


def _mistake(row: JudgedText) -> dict[str, Any]:
    return {
        "text": row.text,
        "party": row.party,
        "phase": row.phase,
        "category": row.category,
        "named": row.named,
        "score": round(row.score, 4),
        "findings": [finding_row(finding) for finding in row.findings],
    }


def _tables(result: TextEvaluation) -> Iterator[str]:
    from callaudit.evaluation.text_report import category_rows, overall_rows, sweep_rows

    yield _table(("measure", "value", "counts"), overall_rows(result))
    by_category = ("category", "precision", "recall", "F1", "recall in any", "lines")
    yield _table(by_category, category_rows(result))
    yield _table(("score from", "precision", "recall", "F1", "false flags"), sweep_rows(result))


def _table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table: Table = Table(*headings)
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console()
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")


def _listed(result: TextEvaluation, lang: Lang) -> Iterator[str]:
    """The mistakes, a line each, below them what fired."""
    for heading, rows in (("missed", result.missed), ("falsely flagged", result.false_flags)):
        yield f"\n{heading}: {len(rows)}"
        for row in rows:
            truth = row.category or ("rude" if row.rude else "harmless")
            yield f"  {row.score:.2f} {truth}  {printable(row.text)}"
            for finding in row.findings:
                yield from describe(finding, lang)
