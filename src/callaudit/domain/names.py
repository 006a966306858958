r"""How names that other people gave are written, everywhere alike: in tables, pages, JSON, messages and terminals.

File names, addresses and call ids may hold bytes that are no text, control characters, and marks that turn the
direction of writing around. They are written as bash writes them between `$'` and `'`.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from callaudit.domain.addresses import address_of

_FOREIGN_BYTES = range(0xDC80, 0xDD00)
"""What stands for the bytes 80 to ff of a file name that is no UTF-8 (PEP 383)."""

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Controls, format characters, halves of surrogate pairs, breaks of lines and paragraphs."""
_NO_CHARACTERS = "\ufffe\uffff"
"""No XML holds them, so no workbook does."""

_WRITTEN = re.compile(r"\\(?:x(?P<x>[0-9a-f]{2})|u(?P<u>[0-9a-f]{4})|U(?P<U>0010[0-9a-f]{4}|000[0-9a-f]{5}))")


def printable(name: object) -> str:
    r"""A name, a recording's path or address, or text with such names in it, fit to be shown and written anywhere.

    Bytes that are no UTF-8 appear as `\xb2`, what cannot be seen as `\x0a` or `\u202e`; all else stays as it is. What
    went through once does not change any more.

    >>> printable(Path("calls/\udcb2\n.wav"))
    'calls/\\xb2\\x0a.wav'
    """
    text = address_of(name) if isinstance(name, Path) else str(name)
    return text if text.isprintable() else "".join(map(_written, text))


def read_back(text: str) -> str:
    r"""The name that `printable` wrote so; a name that holds such signs itself is taken for another.

    >>> read_back(r"\xb2\x0a.wav")
    '\udcb2\n.wav'
    """
    return _WRITTEN.sub(_meant, text)


def _written(char: str) -> str:
    number = ord(char)
    if number in _FOREIGN_BYTES:
        return f"\\x{number - 0xDC00:02x}"
    if unicodedata.category(char) not in _UNSEEN and char not in _NO_CHARACTERS:
        return char
    if number < 0x80:  # from there on two digits are a byte
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _meant(written: re.Match[str]) -> str:
    number = int(written["x"] or written["u"] or written["U"], 16)
    return chr(number + 0xDC00) if written["x"] and number >= 0x80 else chr(number)
