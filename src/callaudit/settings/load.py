"""File, environment and flags into one object; complaints name the place where the value was written."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from callaudit.errors import SettingsError
from callaudit.settings.complaints import Source, complaints
from callaudit.settings.sections import Settings

SETTINGS_FILE = Path("callaudit.toml")
PREFIX = "CALLAUDIT_"
NESTED = "__"


def load_settings(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings of a run.

    Args:
        file: settings file; `callaudit.toml` of the working folder where there is one, by default.
        flags: values given on the command line, nested by section; they win over everything.

    Raises:
        SettingsError: the file cannot be read, or a setting is unknown or out of range.
    """
    sources = (
        Source(_from_file(file), lambda names: f"{file or SETTINGS_FILE}: {'.'.join(names)}", _line),
        Source(_from_environment(os.environ), lambda names: f"environment variable {_variable(names)}", _variable),
        Source(flags or {}, _flag, _flag),
    )
    values: dict[str, Any] = {}
    for source in sources:
        values = _merged(values, source.values)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        found = dict.fromkeys(
            complaint for detail in details for complaint in complaints(detail["loc"], detail["type"], sources)
        )
        raise SettingsError(
            "; ".join(found), code="settings.invalid", hint="the README lists every setting with its range"
        ) from error


def _from_file(file: Path | None) -> dict[str, Any]:
    path = file or SETTINGS_FILE
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if file is None:
            return {}
        raise SettingsError(
            f"no settings file {file}", code="settings.missing", hint="check the path given to --settings"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path}: {error}", code="settings.syntax", hint="mend the TOML at the place named"
        ) from error
    except (UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"{path} cannot be read: {type(error).__name__}",
            code="settings.unreadable",
            hint="save it as UTF-8 text that this user may read",
        ) from error


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    """Every variable with our prefix, in either case; unknown ones are found out like unknown keys of the file."""
    found: dict[str, Any] = {}
    for name in sorted(variables):
        if name.upper().startswith(PREFIX):
            value: Any = variables[name]
            for part in reversed(name[len(PREFIX) :].lower().split(NESTED)):
                value = {part: value}
            found = _merged(found, value)
    return found


def _variable(names: Iterable[str]) -> str:
    return PREFIX + NESTED.join(names).upper()


def _flag(names: Sequence[str]) -> str:
    return f"--{names[-1].replace('_', '-')}"


def _line(names: Sequence[str]) -> str:
    """A setting as a line of TOML, and where it goes."""
    *section, name = names
    return f"{name} = … {f'under [{section[0]}]' if section else 'above all sections'}"


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested tables in one; what stands above wins."""
    merged = dict(below)
    for name, value in above.items():
        known = merged.get(name)
        is_table = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(dict(known or {}), value) if is_table else value
    return merged
