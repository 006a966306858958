"""`callaudit evaluate`: results against the ground truth beside each recording."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.cli.console import JsonOption, SettingsOption, printable, progress_of, settings_from

if TYPE_CHECKING:
    from callaudit.evaluation.score import Evaluation
    from callaudit.settings import Settings

CALL_RECORDS = "calls.csv"


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Recordings with NAME.truth.json beside them.")],
    calls: Annotated[Path | None, typer.Option(help="Call records.", show_default="DIR/calls.csv, if any")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Whisper model.", show_default="settings, but mini where all recordings are synthetic"
        ),
    ] = None,
    as_json: JsonOption = False,
    settings_file: SettingsOption = None,
) -> None:
    """Measure recognition, hang-up times and findings against the truth.

    Character error rates are counted over simplified script without punctuation and spaces, numbers in Arabic digits.
    """
    from callaudit.evaluation.report import table_rows

    beside = folder / CALL_RECORDS
    records = calls or (beside if beside.is_file() else None)
    result = evaluate_folder(folder, settings_from(settings_file, speech__model=model), records)
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("measure", "value", "counts")
    for row in table_rows(result):
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


def evaluate_folder(folder: Path, settings: Settings, records: Path | None) -> Evaluation:
    """Scan a folder in memory and compare every outcome with its truth.

    Raises:
        InputError: the folder holds no ground truth.
    """
    from callaudit import assembly
    from callaudit.batch.local import run
    from callaudit.batch.memory import MemoryLedger
    from callaudit.evaluation.score import evaluate as compare
    from callaudit.evaluation.truth import read_truths

    truths = read_truths(folder.absolute())
    if all(truth.is_synthetic for truth in truths.values()) and "model" not in settings.speech.model_fields_set:
        settings = settings.model_copy(update={"speech": settings.speech.model_copy(update={"model": "mini"})})
    plan = assembly.find_sources([str(folder)], settings, records)
    with progress_of(len(plan.sources)) as progress:
        ledger = MemoryLedger()
        run(plan.sources, assembly.make_batch(settings, assembly.build_engines(settings), ledger, force=True), progress)
    return compare(ledger.outcomes, truths)
