"""`callaudit lexicon`: the forbidden phrases."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callaudit.cli.console import JsonOption, LangOption, SettingsOption, printable, settings_from
from callaudit.cli.output import prepare_output, put
from callaudit.cli.score import describe, verdict_row
from callaudit.cli.sightings import sighting_line, sighting_row
from callaudit.cli.utterance_lines import UtteranceLine
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase
from callaudit.errors import ExitCode

if TYPE_CHECKING:
    from callaudit.lexicon.entries import Entry
    from callaudit.lexicon.matcher import LexiconMatcher
    from callaudit.settings import Settings

app = typer.Typer(help="Forbidden phrases.", no_args_is_help=True)

FolderArgument = Annotated[
    Path | None, typer.Argument(help="Folder of *.toml lexicons.", show_default="settings, or the bundled one")
]
OverlayOption = Annotated[
    Path | None, typer.Option("--overlay", help="The site's own file or folder, laid over it.", show_default="settings")
]


@app.callback()
def group() -> None:
    """Forbidden phrases."""


@app.command()
def check(
    folder: FolderArgument = None,
    overlay: OverlayOption = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Labelled CSV whose harmless lines no entry may get flagged; may be repeated."
        ),
    ] = None,
    settings_file: SettingsOption = None,
) -> None:
    """Check a lexicon: duplicates, shadowed entries, examples that fail, entries that flag a clean corpus."""
    from callaudit import assembly
    from callaudit.lexicon.check import check as check_lexicon

    settings = settings_from(settings_file, lexicon__folder=folder, lexicon__overlay=overlay)
    matcher = assembly.build_matcher(settings)
    lexicon = matcher.lexicon
    problems = check_lexicon(matcher, _set_off(corpus, settings, matcher) if corpus else None)
    for problem in problems:
        typer.echo(printable(problem), err=True)
    typer.echo(f"{len(lexicon.entries)} entries, {len(problems)} problems; version {lexicon.version}")
    if problems:
        raise typer.Exit(ExitCode.SETTINGS)


@app.command("list")
def list_entries(
    category: Annotated[Category | None, typer.Option(help="Only this one.", show_default="all")] = None,
    overlay: OverlayOption = None,
    as_json: JsonOption = False,
    settings_file: SettingsOption = None,
) -> None:
    """List the entries: id, severity, whether it counts alone or only adds weight, file and line, phrase."""
    from callaudit.lexicon.files import load_lexicon

    wanted = settings_from(settings_file, lexicon__overlay=overlay).lexicon
    lexicon = load_lexicon(wanted.folder, wanted.overlay)
    entries = [entry for entry in lexicon.entries if category in (None, entry.category)]
    prepare_output(as_json=as_json)
    for line in map(_entry_json, entries) if as_json else _entry_lines(entries):
        put(line)
    if not as_json:
        typer.echo(f"{len(entries)} entries; version {lexicon.version}", err=True)


@app.command("try")
def try_text(
    text: Annotated[str, typer.Argument(help="What somebody says.")],
    party: Annotated[Party, typer.Option(help="Who says it.")] = Party.AGENT,
    phase: Annotated[Phase, typer.Option(help="On which side of the hang-up.")] = Phase.BEFORE_HANGUP,
    overlay: OverlayOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    settings_file: SettingsOption = None,
) -> None:
    """Judge one utterance as `score` does, and tell what the lexicon saw in it, counted or not."""
    from callaudit import assembly

    settings = settings_from(settings_file, report__lang=lang, lexicon__overlay=overlay)
    said = text.encode(errors="surrogateescape").decode(errors="replace")
    matcher = assembly.build_matcher(settings)
    verdict = assembly.build_text_judge(settings, matcher).judge(said, party, phase)
    sightings = matcher.explain(said)
    prepare_output(as_json=as_json)
    if as_json:
        row = verdict_row(verdict, UtteranceLine(number=1, text=said))
        seen = [sighting_row(sighting, verdict) for sighting in sightings]
        put(json.dumps(row | {"lexicon": seen}, ensure_ascii=False))
        return
    for finding in verdict.findings:
        for line in describe(finding, settings.report.lang):
            put(line)
    for sighting in sightings:
        put(sighting_line(sighting, verdict, settings.report.lang))
    typer.echo(f"{len(verdict.findings)} findings, {len(sightings)} entries seen", err=True)


def _set_off(files: Sequence[Path], settings: Settings, matcher: LexiconMatcher) -> dict[str, list[str]]:
    """The places of lines that agents may say and that are flagged, by the entries that took part and flag alone."""
    from callaudit import assembly
    from callaudit.classifier.corpus import read_corpus

    harmless = [row for row in read_corpus(files) if not row.rude and row.party is Party.AGENT]
    judge = assembly.build_text_judge(settings, matcher)
    alone = {entry.id for entry in matcher.lexicon.entries if entry.alone}
    places: dict[str, list[str]] = defaultdict(list)
    for row in harmless:
        for entry in judge.judge(row.text, row.party, row.phase).entries & alone:
            places[entry].append(row.place)
    return places


def _entry_lines(entries: list[Entry]) -> Iterator[str]:
    """A table; what may be of any width in a terminal comes last."""
    widths = [max((len(cell) for cell in column), default=0) for column in zip(*map(_cells, entries), strict=True)]
    for entry in entries:
        cells = [cell.ljust(width) for cell, width in zip(_cells(entry), widths, strict=True)]
        yield printable("  ".join([*cells, entry.phrase]))


def _cells(entry: Entry) -> tuple[str, ...]:
    return entry.id, entry.category, entry.severity, "alone" if entry.alone else "adds weight", entry.place


def _entry_json(entry: Entry) -> str:
    row = {
        "id": entry.id,
        "category": entry.category,
        "severity": entry.severity,
        "alone": entry.alone,
        "phrase": entry.phrase,
        "role": entry.role,
        "phase": entry.phase,
        "sound": entry.sound,
        "tags": entry.tags,
        "unless": entry.unless,
        "file": entry.file,
        "line": entry.line,
    }
    return json.dumps(row, ensure_ascii=False)
