"""What is wrong with a setting, said so that it can be mended where it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

from pydantic.fields import FieldInfo

from callaudit.settings.describe import demand, item_of, known_settings, section_of
from callaudit.settings.sections import Section, Settings

NEAR = 0.75
"""Likeness from which on a name is taken for a misspelt one; less suggests settings that have nothing to do with it."""

Place = tuple[str | int, ...]
"""Where a value stands: names of section and setting, and numbers of list items."""


@dataclass(frozen=True, slots=True)
class Source:
    """Values from one place, nested by section."""

    values: Mapping[str, Any]
    called: Callable[[Sequence[str]], str]
    """Where this source has a setting, by the names that lead to it."""
    written: Callable[[Sequence[str]], str]
    """How a setting is to be written there."""

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

    def unknown(self, names: Sequence[str]) -> Iterator[list[str]]:
        """The names of every value below some names that are no setting; those themselves where they have one."""
        value: Any = self.values
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not value:
            yield list(names)
            return
        for name in value:
            yield from self.unknown([*names, name])


def complaints(place: Place, kind: str, sources: Sequence[Source]) -> Iterator[str]:
    """One line for each setting that is wrong at a place: where it was written, and what it must be.

    Args:
        place: as pydantic tells it.
        kind: of the fault, as pydantic names it.
        sources: of the settings; those that come later win.
    """
    written = place[:-1] if kind == "missing" else place
    while not any(source.holds(written) for source in sources):
        written = written[:-1]
    source = next(source for source in reversed(sources) if source.holds(written))
    field = _setting_at(place)
    names = [str(name) for name in takewhile(lambda part: isinstance(part, str), written)]
    within = [str(name) for name in written[len(names) :] if isinstance(name, str)]
    if kind == "missing":
        yield f"{source.called(names)}: {place[-1]} is missing"
    elif field is None and within:
        near = _nearest(within[-1], _columns_at(names))
        yield f"{source.called(names)}: {within[-1]} is unknown{_guess(near)}"
    elif field is None:
        for unknown in source.unknown(names):
            near = _nearest(".".join(unknown), (name for name, _ in known_settings(Settings)))
            guess = _guess(source.written(near.split(".")) if near else None)
            yield f"{source.called(unknown)}: unknown setting{guess}"
    elif section := section_of(field):
        example = source.written([*names, next(iter(section.model_fields))])
        yield f"{source.called(names)}: {demand(field)}, such as {example}"
    else:
        yield f"{source.called(names)}: {' '.join([*within, demand(field)])}"


def _setting_at(place: Iterable[str | int]) -> FieldInfo | None:
    """The setting or section at a place; None where it is not known."""
    section: type[Section] | None = Settings
    field: FieldInfo | None = None
    for part in place:
        if not isinstance(part, str) or section is None:
            continue
        field = section.model_fields.get(part)
        section = None if field is None else section_of(field) or item_of(field)
    return field


def _columns_at(names: Iterable[str]) -> Iterable[str]:
    """What the tables hold of which a setting is a list."""
    field = _setting_at(names)
    item = None if field is None else item_of(field)
    return item.model_fields if item else ()


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """The setting that was probably meant: by its whole name, or by its own name where the section is not right."""

    def likeness(candidate: str) -> tuple[float, float]:
        whole = SequenceMatcher(None, name, candidate).ratio()
        return max(whole, SequenceMatcher(None, _own(name), _own(candidate)).ratio()), whole

    nearest = max(known, key=likeness, default=None)
    return nearest if nearest is not None and likeness(nearest)[0] >= NEAR else None


def _own(name: str) -> str:
    return name.rpartition(".")[2]


def _guess(near: str | None) -> str:
    return f"; did you mean {near}?" if near else ""
