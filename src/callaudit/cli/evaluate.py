"""`callaudit evaluate`: results against the ground truth beside each recording."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callaudit.calls.formats.names import CallsFormat
from callaudit.cli.console import JsonOption, SettingsOption, printable, settings_from
from callaudit.cli.progress import progress_of

if TYPE_CHECKING:
    from callaudit.assembly import Plan
    from callaudit.evaluation.score import Evaluation
    from callaudit.evaluation.truth import Truth
    from callaudit.settings import Settings

CALL_RECORDS = "calls.csv"
ENGINE, ORACLE = "engine", "oracle"
SIDE_BY_SIDE_SCHEMA = "callaudit.evaluations/1"


def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Recordings with NAME.truth.json beside them.")],
    calls: Annotated[
        Path | None,
        typer.Option(help="Call records: a file, or a folder of them.", show_default="DIR/calls.csv, if any"),
    ] = None,
    calls_format: Annotated[
        CallsFormat | None, typer.Option(help="System that wrote the call records.", show_default="told by contents")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Whisper model.", show_default="settings, but mini where all recordings are synthetic"
        ),
    ] = None,
    oracle: Annotated[
        bool, typer.Option("--oracle", help="Take the words from the truth: detection apart from recognition.")
    ] = False,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Measure twice, with the engine's words and with the true ones.")
    ] = False,
    as_json: JsonOption = False,
    settings_file: SettingsOption = None,
) -> None:
    """Measure recognition, hang-up times and findings against the truth.

    Hang-ups and speech after them are also measured group by group, as the truth files label their calls. A hang-up
    is found within 2 s of the true one. Character error rates are counted over simplified script without punctuation
    and spaces, numbers in Arabic digits.
    """
    if oracle and side_by_side:
        raise typer.BadParameter("--oracle and --side-by-side exclude one another")
    beside = folder / CALL_RECORDS
    records = calls or (beside if beside.is_file() else None)
    if calls_format and not records:
        raise typer.BadParameter("--calls-format needs --calls")
    words = (ENGINE, ORACLE) if side_by_side else (ORACLE,) if oracle else (ENGINE,)
    settings = settings_from(settings_file, speech__model=model)
    results = evaluate_folder(folder, settings, records, calls_format, words=words)
    if as_json:
        typer.echo(json.dumps(_as_dict(results), ensure_ascii=False, indent=2))
    else:
        _print(results)


def evaluate_folder(
    folder: Path,
    settings: Settings,
    records: Path | None = None,
    calls_format: CallsFormat | None = None,
    words: Iterable[str] = (ENGINE,),
) -> dict[str, Evaluation]:
    """Scan a folder in memory, once with the words of each kind, and compare every outcome with its truth.

    Args:
        folder: recordings with ground truth beside them.
        settings: of the scan.
        records: call records.
        calls_format: how they are written.
        words: `engine`, `oracle` or both.

    Raises:
        InputError: the folder holds no ground truth, or the call records are malformed.
    """
    from callaudit import assembly
    from callaudit.evaluation.truth import read_truths

    truths = read_truths(folder.absolute())
    if all(truth.is_synthetic for truth in truths.values()) and "model" not in settings.speech.model_fields_set:
        settings = settings.model_copy(update={"speech": settings.speech.model_copy(update={"model": "mini"})})
    plan = assembly.find_sources([str(folder)], settings, records, calls_format)
    return {kind: _evaluate(plan, settings, truths, kind) for kind in words}


def _evaluate(plan: Plan, settings: Settings, truths: Mapping[Path, Truth], kind: str) -> Evaluation:
    from callaudit import assembly
    from callaudit.batch.driver import run
    from callaudit.batch.inline import InlineExecutor
    from callaudit.batch.memory import MemoryLedger
    from callaudit.evaluation.oracle import OracleTranscriber
    from callaudit.evaluation.score import evaluate as compare

    engines = assembly.build_engines(settings, OracleTranscriber(truths) if kind == ORACLE else None)
    with progress_of(len(plan.sources)) as progress:
        ledger = MemoryLedger()
        run(plan.sources, assembly.make_batch(settings, InlineExecutor(engines), ledger), progress)
    return compare(ledger.outcomes, truths)


def _as_dict(results: Mapping[str, Evaluation]) -> dict[str, Any]:
    """One evaluation as it is, several by the words they rest on."""
    if len(results) == 1:
        ((kind, result),) = results.items()
        return {**result.to_dict(), "words": kind}
    return {"schema": SIDE_BY_SIDE_SCHEMA, **{kind: result.to_dict() for kind, result in results.items()}}


def _print(results: Mapping[str, Evaluation]) -> None:
    """The measures, then the ends of calls group by group."""
    from callaudit.evaluation.report import ENDING_HEADINGS, ending_row, side_by_side_rows, table_rows

    if len(results) == 1:
        (result,) = results.values()
        _print_table("", ("measure", "value", "counts"), table_rows(result))
    else:
        _print_table("", ("measure", *results), side_by_side_rows(results))
    groups = {kind: result.endings_by for kind, result in results.items()}
    for grouping, names in next(iter(groups.values())).items():
        rows = [
            ending_row(name, by[grouping][name], *([kind] if len(groups) > 1 else []))
            for name in names
            for kind, by in groups.items()
            if name in by.get(grouping, {})
        ]
        words = ["words"] if len(groups) > 1 else []
        _print_table(f"ends of calls by {grouping}", (grouping, *words, *ENDING_HEADINGS), rows)


def _print_table(title: str, headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = bool(title)  # names of groups; measures may be long
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)
