"""What every command shares: options, settings, logging, and text that is safe to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callaudit.domain.names import printable

if TYPE_CHECKING:
    from callaudit.settings import Settings

__all__ = ["DbOption", "JsonOption", "LangOption", "ModelOption", "SettingsOption", "printable", "settings_from"]

SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="Settings file.", show_default="callaudit.toml, where there is one")
]
DbOption = Annotated[
    str | None,
    typer.Option("--db", help="Database address.", show_default="CALLAUDIT_DB, settings, or sqlite:///callaudit.db"),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="Whisper model: a name, a .pt checkpoint, or mini.", show_default="small")
]
LangOption = Annotated[str | None, typer.Option("--lang", help="Language of what reviewers read: zh or en.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings_from(file: Path | None, **flags: Any) -> Settings:
    """Settings of this run; a flag written `section__key` that is None was not given."""
    from callaudit.logs import configure_logging
    from callaudit.settings import load_settings

    nested: dict[str, Any] = {}
    for name, value in flags.items():
        if value is None:
            continue
        section, _, key = name.rpartition("__")
        (nested.setdefault(section, {}) if section else nested)[key] = value
    configure_logging()
    return load_settings(file, nested)
