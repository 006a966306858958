"""`callaudit doctor`: is everything there that a run needs?"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from callaudit.cli.console import DbOption, ModelOption, SettingsOption, printable, settings_from
from callaudit.errors import SetupError

if TYPE_CHECKING:
    from callaudit.settings import Settings


def doctor(model: ModelOption = None, db: DbOption = None, settings_file: SettingsOption = None) -> None:
    """Check program, models, lexicon, classifier and database, and say what is missing."""
    settings = settings_from(settings_file, db=db, speech__model=model)
    failures = []
    for name, check in CHECKS.items():
        try:
            typer.echo(f"ok    {name}: {printable(check(settings))}")
        except SetupError as error:
            failures.append(error)
            typer.echo(f"FAIL  {name}: {printable(error.message)} [{error.code}]")
            typer.echo(f"      what to do: {printable(error.hint)}")
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _python(settings: Settings) -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _decoder(settings: Settings) -> str:
    from callaudit.audio.decode import FfmpegDecoder

    decoder = FfmpegDecoder(settings.audio)
    return f"{decoder.name} {decoder.version}"


def _speech_model(settings: Settings) -> str:
    from callaudit.speech.models import find_model, load_whisper

    found = find_model(settings.speech.model)
    load_whisper(found, settings.speech.device)
    return f"{found.name} at {found.path}"


def _lexicon(settings: Settings) -> str:
    from callaudit.lexicon.files import load_lexicon

    lexicon = load_lexicon(settings.lexicon.folder, settings.lexicon.overlay)
    return f"{len(lexicon.entries)} entries, version {lexicon.version}"


def _classifier(settings: Settings) -> str:
    from callaudit.classifier.model import RudenessClassifier

    classifier = RudenessClassifier(settings.classifier.folder, settings.classifier.threshold)
    return f"{classifier.name} {classifier.version}, threshold {classifier.threshold:.2f}"


def _database(settings: Settings) -> str:
    from callaudit import assembly

    return assembly.check_store(settings)


CHECKS: dict[str, Callable[[Settings], str]] = {
    "python": _python,
    "ffmpeg": _decoder,
    "speech model": _speech_model,
    "lexicon": _lexicon,
    "classifier": _classifier,
    "database": _database,
}
