"""Utterances out of a text file, one a line: plain, or as JSON Lines. No message quotes what a line says."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, NoReturn, TypeVar

from callaudit.domain.calls import Party
from callaudit.domain.findings import Phase
from callaudit.errors import InputError

LONGEST_LINE_BYTES = 16 * 2**20
"""Bounds the memory that one line may take; a file without line ends is no list of utterances."""

_OBJECT = re.compile(r'\s*\{\s*["}]')
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONVERT = "save it as UTF-8, for instance with: iconv -f GB18030 -t UTF-8 FILE (or -f UTF-16)"
_COLUMNS = 'write {"text": "...", "party": "agent", "phase": "before_hangup"}; all but text may be left out'

Word = TypeVar("Word", bound=StrEnum)
LineId = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceLine:
    """One line of input."""

    number: int
    """From 1."""
    text: str
    party: Party = Party.AGENT
    phase: Phase = Phase.BEFORE_HANGUP
    id: LineId = None
    """The caller's own name for the line; None where it has none."""


def read_utterances(stream: BinaryIO, name: str) -> Iterator[UtteranceLine]:
    """Every line of a stream as it comes, empty ones included; one is held in memory at a time.

    The first line that is not empty decides: where it begins as a JSON object does, all are objects with `text`, and
    optionally `party`, `phase` and `id`; else every line is what an agent said. A byte order mark of UTF-8 at the
    beginning is passed over.

    Args:
        stream: bytes.
        name: what messages call the stream.

    Raises:
        InputError: the stream cannot be read, or a line is not UTF-8, too long, or no such object.
    """
    is_json: bool | None = None
    for number, raw in enumerate(_raw_lines(stream, name), 1):
        text = _decoded(raw, name, number)
        if is_json is None and text.strip():
            is_json = _OBJECT.match(text) is not None
        if is_json and text.strip():
            yield _from_json(text, name, number)
        else:
            yield UtteranceLine(number=number, text=text)


def _raw_lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    number = 0
    try:
        while raw := stream.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(raw) > LONGEST_LINE_BYTES:
                _refuse(name, number, "has over 16 MiB", hint="put one utterance on a line")
            yield raw
    except OSError as error:
        raise InputError(
            f"cannot read {name}: {error.strerror}", code="text.unreadable", hint="check the file and the disk"
        ) from error


def _decoded(raw: bytes, name: str, number: int) -> str:
    """The text of a line without its line end."""
    if number == 1:
        if raw.startswith(_WIDE_MARKS):
            _refuse(name, number, "is UTF-16 or UTF-32, not UTF-8", code="text.encoding", hint=_CONVERT)
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        _refuse(name, number, "is not UTF-8", code="text.encoding", hint=_CONVERT)


def _from_json(line: str, name: str, number: int) -> UtteranceLine:
    try:
        record = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        at = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        _refuse(name, number, f"is not valid JSON{at}", hint=_COLUMNS)
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        _refuse(name, number, "is no JSON object with a `text`", hint=_COLUMNS)
    own_id = record.get("id")
    if not isinstance(own_id, LineId):
        _refuse(name, number, "has an `id` that is neither text nor number", hint=_COLUMNS)
    return UtteranceLine(
        number=number,
        text=_whole(record["text"]),
        party=_word(record, "party", Party.AGENT, name, number),
        phase=_word(record, "phase", Phase.BEFORE_HANGUP, name, number),
        id=_whole(own_id) if isinstance(own_id, str) else own_id,
    )


def _word(record: dict[str, Any], key: str, default: Word, name: str, number: int) -> Word:
    """One of the words of an enumeration; the default where the key is missing or null."""
    value = record.get(key)
    known = list(type(default))
    if value is None:
        return default
    if value not in known:
        _refuse(name, number, f"has an unknown `{key}`", hint=f"known are {', '.join(known)}")
    return type(default)(value)


def _whole(text: str) -> str:
    """The text with halves of surrogate pairs, which no encoding can write, replaced one for one."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _refuse(name: str, number: int, complaint: str, *, code: str = "text.line", hint: str) -> NoReturn:
    raise InputError(f"{name}, line {number}: {complaint}", code=code, hint=hint) from None
