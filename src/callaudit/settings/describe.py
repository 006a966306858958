"""What a setting may be, in words and figures: for complaints, and for the table of the README."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from callaudit.settings.sections import Ending, Section

_KINDS: dict[object, str] = {int: "a whole number", float: "a number", str: "text", Path: "a path"}


def known_settings(section: type[Section], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by its dotted name."""
    for name, field in section.model_fields.items():
        below = section_of(field)
        if below is None:
            yield f"{prefix}{name}", field
        else:
            yield from known_settings(below, f"{prefix}{name}.")


def section_of(field: FieldInfo) -> type[Section] | None:
    """The section that a field is; None for a setting."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def item_of(field: FieldInfo) -> type[Section] | None:
    """The tables of which a setting is a list; None for other settings."""
    item = next(iter(get_args(field.annotation)), None)
    return item if isinstance(item, type) and issubclass(item, Section) else None


def allowed(field: FieldInfo) -> str:
    """Range or values of a setting in signs, such as `1 … 256`; empty where anything of its kind will do."""
    choices = ", ".join(f"`{choice}`" for choice in _choices(field))
    ending = _ending(field) and f"`*{_ending(field)}`"
    return " × ".join(part for part in (_range(field), choices, ending) if part)


def demand(field: FieldInfo) -> str:
    """What a setting must be, as a clause."""
    if section_of(field) is not None:
        return "is a section: name one of its settings"
    if item := item_of(field):
        return f"must be a list of tables with {' and '.join(item.model_fields)}"
    if choices := _choices(field):
        count, how = (_range(field), ", separated by commas") if _range(field) else ("one", "")
        return f"must be {count} of {', '.join(choices)}{how}"
    ending = _ending(field) and f"ending in {_ending(field)}"
    return "must be " + ", ".join(part for part in (_KINDS[_kind(field)], _range(field), ending) if part)


def _kind(field: FieldInfo) -> Any:
    """The type of a setting that may also be left out."""
    kinds = [kind for kind in get_args(field.annotation) if kind is not NoneType]
    return kinds[0] if kinds and NoneType in get_args(field.annotation) else field.annotation


def _choices(field: FieldInfo) -> tuple[str, ...]:
    kind = _kind(field)
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    item = next(iter(get_args(kind)), kind)
    return tuple(str(member.value) for member in item) if isinstance(item, type) and issubclass(item, Enum) else ()


def _ending(field: FieldInfo) -> str:
    """What the name of a file must end in; empty where that does not matter."""
    for rule in field.metadata:
        match rule:
            case AfterValidator(func=Ending(suffix=suffix)):
                return suffix
    return ""


def _range(field: FieldInfo) -> str:
    limits: dict[type, float] = {}
    for limit in field.metadata:
        match limit:
            case Ge(ge=value) | MinLen(min_length=value):
                limits[Ge] = value  # type: ignore[assignment]
            case Le(le=value) | MaxLen(max_length=value):
                limits[Le] = value  # type: ignore[assignment]
            case Gt(gt=value):
                limits[Gt] = value  # type: ignore[assignment]
            case Lt(lt=value):
                limits[Lt] = value  # type: ignore[assignment]
    if limits.keys() == {Ge, Le}:
        return f"{limits[Ge]} … {limits[Le]}"
    signs = {Ge: "≥", Gt: ">", Le: "≤", Lt: "<"}
    return ", ".join(f"{sign} {limits[kind]}" for kind, sign in signs.items() if kind in limits)
