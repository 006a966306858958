"""Options that several commands share, written down once as the fields of a dataclass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

Command = Callable[..., None]


def takes_groups(command: Command) -> Command:
    """Let a command take groups of options, where typer wants to see each option as a parameter.

    Args:
        command: a parameter whose type is a dataclass stands for the fields of it, each with its type as typer reads
            it (`Annotated[…, typer.Option(…)]`) and its default value; one without must be given.
    """
    types = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in types.items() if is_dataclass(kind)}
    options: list[Parameter] = []
    for parameter in signature(command).parameters.values():
        if group := groups.get(parameter.name):
            options += _options_of(group)
        else:
            options.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=types[parameter.name]))

    @wraps(command)
    def ungrouped(**given: Any) -> None:
        grouped = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**given, **grouped)

    ungrouped.__signature__ = Signature(options)  # type: ignore[attr-defined]
    ungrouped.__annotations__ = {option.name: option.annotation for option in options}
    return ungrouped


def _options_of(group: Any) -> list[Parameter]:
    """The fields of a group as parameters."""
    types = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=types[field.name],
        )
        for field in fields(group)
    ]
