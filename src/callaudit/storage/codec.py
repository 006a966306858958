"""Values of the domain to plain JSON data and back, driven by their type hints; nothing is ever executed.

dataclass → object by field name      tuple → array      enum → its value
Path → string                         datetime → ISO 8601 string
union of dataclasses → object, told apart by its `kind`
"""

from __future__ import annotations

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Value = TypeVar("Value")

_AS_THEY_ARE = frozenset((str, int, float, bool))


class CodecError(ValueError):
    """The data does not describe the value asked for; the message names types and fields, never contents."""


def to_plain(value: Any) -> Any:
    """A value as dicts, lists, strings, numbers, booleans and None.

    Raises:
        CodecError: the value is of a type that domain values do not hold.
    """
    if value is None or type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        is_plain = set(map(type, value)) <= _AS_THEY_ARE  # as waveforms are: thousands of numbers
        return list(value) if is_plain else [to_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in _names_of(type(value))}
    raise CodecError(f"{type(value).__name__} is not a domain value")


def from_plain(kind: type[Value], data: Any) -> Value:
    """The value of type `kind` that `data` describes.

    A field that is missing takes its default, so that data written before the field existed still reads.

    Raises:
        CodecError: the data is of another shape.
    """
    return cast(Value, _build(kind, data))


def from_plain_tuple(item: type[Value], data: Any) -> tuple[Value, ...]:
    """The tuple of values of type `item` that the array `data` describes; errors as `from_plain`."""
    if not isinstance(data, list):
        raise CodecError(f"a list of {item.__name__} is expected")
    return tuple(from_plain(item, part) for part in data)


def _build(hint: Any, data: Any) -> Any:
    """The value of a type hint."""
    if hint in _AS_THEY_ARE and type(data) is hint:
        return data
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _build_union(get_args(hint), data)
    if origin is tuple:
        return _build_tuple(get_args(hint), data)
    if is_dataclass(hint) and isinstance(hint, type):
        return _build_dataclass(hint, data)
    if isinstance(hint, type):
        return _build_scalar(hint, data)
    raise CodecError(f"no way to read a {hint}")


def _build_scalar(kind: type, data: Any) -> Any:
    """An enum member, a path, a time, a string, a number, a truth value or None."""
    if kind is types.NoneType and data is None:
        return None
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool):
        return float(data)
    if isinstance(data, str) and issubclass(kind, Enum | Path):
        return _convert(kind, kind, data)
    if isinstance(data, str) and kind is datetime:
        return _convert(kind, datetime.fromisoformat, data)
    raise CodecError(f"{kind.__name__} expected, {type(data).__name__} found")


def _convert(kind: type, convert: Any, data: str) -> Any:
    """The value of a string that may turn out not to name one."""
    try:
        return convert(data)
    except ValueError:
        raise CodecError(f"no such {kind.__name__}") from None


def _build_union(members: tuple[Any, ...], data: Any) -> Any:
    """The member of a union that the data describes: None, the dataclass of that `kind`, or the only other member."""
    if data is None and types.NoneType in members:
        return None
    others = [member for member in members if member is not types.NoneType]
    if len(others) == 1:
        return _build(others[0], data)
    wanted = data.get("kind") if isinstance(data, dict) else None
    for member in others:
        if wanted is not None and isinstance(member, type) and _kind_of(member) == wanted:
            return _build(member, data)
    raise CodecError(f"none of {', '.join(getattr(member, '__name__', str(member)) for member in others)}")


def _build_tuple(items: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    """A tuple of one type and any length, or of fixed types."""
    if not isinstance(data, list):
        raise CodecError(f"array expected, {type(data).__name__} found")
    if len(items) == 2 and items[1] is Ellipsis:
        if items[0] in _AS_THEY_ARE and all(type(part) is items[0] for part in data):
            return tuple(data)  # waveforms are thousands of numbers
        return tuple(_build(items[0], part) for part in data)
    if len(items) != len(data):
        raise CodecError(f"{len(items)} items expected, {len(data)} found")
    return tuple(_build(item, part) for item, part in zip(items, data, strict=True))


def _build_dataclass(kind: type, data: Any) -> Any:
    """A dataclass from an object with its fields."""
    if not isinstance(data, dict):
        raise CodecError(f"object for {kind.__name__} expected, {type(data).__name__} found")
    known = _fields_of(kind)
    if unknown := data.keys() - known.keys():
        raise CodecError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    missing = [name for name, (field, _) in known.items() if name not in data and _is_required(field)]
    if missing:
        raise CodecError(f"{kind.__name__} lacks {', '.join(missing)}")
    values = {name: _build(hint, data[name]) for name, (_, hint) in known.items() if name in data}
    try:
        return kind(**values)
    except ValueError as error:
        raise CodecError(f"{kind.__name__}: its values contradict one another") from error


def _is_required(field: Field[Any]) -> bool:
    """Whether a field has no default."""
    return field.default is MISSING and field.default_factory is MISSING


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass."""
    return tuple(field.name for field in fields(kind))


@cache
def _fields_of(kind: type) -> dict[str, tuple[Field[Any], Any]]:
    """Field and resolved type hint by field name."""
    hints = get_type_hints(kind)
    return {field.name: (field, hints[field.name]) for field in fields(kind)}


def _kind_of(member: type) -> object:
    """The value of `kind` that marks a dataclass of a union; None for other types."""
    kind_field = getattr(member, "__dataclass_fields__", {}).get("kind")
    return kind_field.default if kind_field else None
