"""JSON and XML files of call records to their objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from callaudit.calls.formats.source import Source
from callaudit.calls.rows import format_error
from callaudit.errors import InputError

Item = tuple[int, str, dict[str, object]]
"""Number of a record, what is counted (lines or records), and its object."""

MOST_DEEP = 100
"""Documents of switches are a dozen elements deep; deeper ones are made to harm."""

_JSON_HINT = "give one object, a list of them, or one on every line; export the file again if it was cut off"
_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def json_items(source: Source) -> Iterator[Item]:
    """The objects of a file: of JSON Lines by line; else of the document, which is one object or a list of them.

    Raises:
        InputError: neither is what the file holds.
    """
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        items, unit = _json_lines(source, error), "line"
    else:
        items, unit = enumerate(document if isinstance(document, list) else [document], start=1), "record"
    for number, item in items:
        if not isinstance(item, dict):
            raise format_error(source.path, number, "not a JSON object", _JSON_HINT, unit)
        yield number, unit, item


def _json_lines(source: Source, of_document: Exception) -> Iterator[tuple[int, object]]:
    """The values of a JSON Lines file, by line; `of_document` is what spoke against one document.

    Where the first line is none by itself, the file is a document, malformed where that error says.
    """
    is_first = True
    for line, text in enumerate(source.text.split("\n"), start=1):
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            malformed = getattr(of_document, "lineno", line) if is_first else line
            raise format_error(source.path, malformed, "not JSON", _JSON_HINT) from error
        is_first = False
        yield line, value


def unpacked(items: Iterator[Item], *wrappers: tuple[str, ...]) -> Iterator[Item]:
    """The records within what an API answers: the list, or the object, under the first path that is there.

    Args:
        items: answers, or bare records, which are given back as they are.
        wrappers: paths such as `("Response", "TelCdrs")`.
    """
    for number, unit, item in items:
        inner = next((found for path in wrappers if (found := _under(item, path)) is not None), None)
        if inner is None:
            yield number, unit, item
        elif isinstance(inner, dict):
            yield number, unit, inner
        else:
            for position, record in enumerate(inner, start=1):
                yield position, "record", record if isinstance(record, dict) else {}


def xml_root(source: Source) -> ET.Element:
    """The outermost element of an XML file.

    A document type is refused: switches write none, and its entities can expand without end or read other files.

    Raises:
        InputError: malformed, or with a document type.
    """
    if found := _DOCTYPE.search(source.text):
        line = source.text.count("\n", 0, found.start()) + 1
        raise format_error(source.path, line, "a document type, which is not read", "remove it with its entities")
    try:
        root = ET.fromstring(source.text.strip())
    except (ET.ParseError, RecursionError, ValueError) as error:
        raise _malformed(source, error) from error
    if _is_deeper(root, MOST_DEEP):
        raise format_error(source.path, 1, f"elements nested more than {MOST_DEEP} deep", "export the record again")
    return root


def local(element: ET.Element) -> str:
    """Name of an element without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def content(element: ET.Element | None) -> str:
    """Text of an element; empty where there is none."""
    return (element.text or "").strip() if element is not None else ""


def _malformed(source: Source, error: Exception) -> InputError:
    position = getattr(error, "position", (1, 0))
    return format_error(source.path, position[0], "not well-formed XML", "export the record again, whole")


def _is_deeper(root: ET.Element, limit: int) -> bool:
    layer = [root]
    for _ in range(limit):
        layer = [child for element in layer for child in element]
        if not layer:
            return False
    return True


def _under(item: dict[str, object], path: tuple[str, ...]) -> dict[str, object] | list[object] | None:
    value: object = item
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict | list) else None
