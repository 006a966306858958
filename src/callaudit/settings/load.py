"""File, environment and flags into one object; complaints name the place where the value was written."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from callaudit.errors import SettingsError
from callaudit.settings.describe import demand, item_of, known_settings, section_of
from callaudit.settings.sections import Section, Settings

SETTINGS_FILE = Path("callaudit.toml")
PREFIX = "CALLAUDIT_"
NESTED = "__"

Place = tuple[str | int, ...]
"""Where a value stands: names of section and setting, and numbers of list items."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Values from one place, nested by section."""

    values: Mapping[str, Any]
    called: Callable[[Sequence[str]], str]
    """How this source writes a setting."""

    def holds(self, place: Place) -> bool:
        """Whether a value, or the beginning of one, stands there."""
        value: Any = self.values
        for part in place:
            if isinstance(value, list):
                value = dict(enumerate(value))
            if not isinstance(value, dict):
                return True
            if part not in value:
                return False
            value = value[part]
        return True


def load_settings(file: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings of a run.

    Args:
        file: settings file; `callaudit.toml` of the working folder where there is one, by default.
        flags: values given on the command line, nested by section; they win over everything.

    Raises:
        SettingsError: the file cannot be read, or a setting is unknown or out of range.
    """
    sources = (
        _Source(_from_file(file), lambda names: f"{file or SETTINGS_FILE}: {'.'.join(names)}"),
        _Source(_from_environment(os.environ), lambda names: f"environment variable {_variable(names)}"),
        _Source(flags or {}, lambda names: f"--{names[-1].replace('_', '-')}"),
    )
    values: dict[str, Any] = {}
    for source in sources:
        values = _merged(values, source.values)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False, include_context=False)
        complaints = dict.fromkeys(_complaint(detail["loc"], detail["type"], sources) for detail in details)
        raise SettingsError(
            "; ".join(complaints), code="settings.invalid", hint="the README lists every setting with its range"
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


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested tables in one; what stands above wins."""
    merged = dict(below)
    for name, value in above.items():
        known = merged.get(name)
        is_table = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(dict(known or {}), value) if is_table else value
    return merged


def _complaint(place: Place, kind: str, sources: Sequence[_Source]) -> str:
    """One line: where the value was written, and what it must be."""
    written = place[:-1] if kind == "missing" else place
    while not any(source.holds(written) for source in sources):
        written = written[:-1]
    source = next(source for source in reversed(sources) if source.holds(written))
    names, field = _setting_at(place)
    called = source.called([str(part) for part in written if isinstance(part, str)])
    if kind == "missing":
        return f"{called}: {place[-1]} is missing"
    return f"{called}: {demand(field) if field else 'unknown setting' + _suggestion('.'.join(names))}"


def _setting_at(place: Place) -> tuple[list[str], FieldInfo | None]:
    """The names that lead to a setting, and the setting; None where it is not known."""
    section: type[Section] | None = Settings
    field: FieldInfo | None = None
    names: list[str] = []
    for part in place:
        if not isinstance(part, str) or section is None:
            continue
        names.append(part)
        field = section.model_fields.get(part)
        section = None if field is None else section_of(field) or item_of(field)
    return names, field


def _suggestion(name: str) -> str:
    near = get_close_matches(name, [known for known, _ in known_settings(Settings)], n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
