"""`callaudit classifier`: the trained model of rudeness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from callaudit.cli.console import JsonOption, SettingsOption, printable, settings_from

app = typer.Typer(help="The trained model of rude speech.", no_args_is_help=True)

DataOption = Annotated[
    list[Path], typer.Option("--data", help="Labelled utterances: CSV with label, text and, if known, category, party.")
]
ModelArgument = Annotated[Path | None, typer.Argument(metavar="DIR", help="Model folder.", show_default="settings")]


@app.callback()
def group() -> None:
    """The trained model of rude speech."""


@app.command()
def train(
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", help="Folder the model is written to.")],
    calibrate: Annotated[
        list[Path] | None,
        typer.Option(
            "--calibrate",
            help="Those of the files that choose threshold and trust in the lexicon; utterances nobody looked at when "
            "writing it.",
            show_default="all",
        ),
    ] = None,
    no_lexicon: Annotated[bool, typer.Option("--no-lexicon", help="Learn from the words alone.")] = False,
    settings_file: SettingsOption = None,
) -> None:
    """Train a model, such as on your reviewers' verdicts; the setting classifier.folder then names it.

    The same files give the same model, byte for byte. The figures printed are for utterances whose topic, or whose
    author, the model has not seen.
    """
    from callaudit import assembly
    from callaudit.classifier.training import about

    evaluation = assembly.train_classifier(
        settings_from(settings_file), data, out, calibrate=calibrate or (), lexicon=not no_lexicon
    )
    typer.echo(json.dumps(about(evaluation), ensure_ascii=False, indent=2))
    typer.echo(f"written: {printable(out)}; threshold {evaluation.threshold:g}", err=True)


@app.command(name="train-talk")
def train_talk(
    data: Annotated[
        list[Path], typer.Option("--data", help="Lines of talk, a file for each writer: CSV with kind and text.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder the model is written to.")],
) -> None:
    """Train the model that tells what talk near the end of a call is; the setting hangup.talk_model then names it.

    The figures printed are for lines of writers the model has not seen.
    """
    from callaudit import assembly

    typer.echo(json.dumps(assembly.train_talk_model(data, out), ensure_ascii=False, indent=2))
    typer.echo(f"written: {printable(out)}", err=True)


@app.command()
def evaluate(
    data: DataOption,
    model: Annotated[Path | None, typer.Option("--model", help="Model folder.", show_default="settings")] = None,
    settings_file: SettingsOption = None,
) -> None:
    """Measure the model alone, without the lexicon; `evaluate-text` measures the whole judgement."""
    from callaudit.classifier.corpus import read_corpus
    from callaudit.classifier.evaluation import evaluate as measure
    from callaudit.classifier.model import RudenessClassifier
    from callaudit.classifier.training import about

    settings = settings_from(settings_file).classifier
    result = measure(RudenessClassifier(model or settings.folder, settings.threshold), read_corpus(data))
    typer.echo(json.dumps(about(result), ensure_ascii=False, indent=2))


@app.command()
def info(model: ModelArgument = None, as_json: JsonOption = False, settings_file: SettingsOption = None) -> None:
    """Say where a model comes from, how good it was when made, and whether its files are whole."""
    from callaudit.classifier.model import RudenessClassifier

    manifest = RudenessClassifier(model or settings_from(settings_file).classifier.folder).manifest
    if as_json:
        typer.echo(json.dumps(manifest, ensure_ascii=False, indent=2))
        return
    corpus, unseen = manifest["corpus"], manifest["metrics"]["unseen_topic"]
    typer.echo(f"rudeness {manifest['version']}, threshold {manifest['threshold']:g}, files whole")
    typer.echo(f"made from {corpus['utterances']} utterances, {corpus['harmless']} of them harmless")
    typer.echo(f"beside the lexicon {manifest['lexicon']}")
    typer.echo(
        f"on unseen topics: precision {unseen['precision']:.3f}, recall {unseen['recall']:.3f}, "
        f"false flags {unseen['false_flag_rate']:.3f}, AUC {unseen['auc']:.3f}"
    )
    typer.echo(", ".join(f"{name} {version}" for name, version in manifest["libraries"].items()))
