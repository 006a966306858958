"""Text from calls, files and switches made harmless for terminals, tables and pages.

Transcripts are other people's text: they may hold terminal escapes, marks that reverse the direction of writing, and
formulas. Names are written by `domain.names` before they come here.
"""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
# C0 and C1 controls, direction marks and overrides, lone surrogates, non-characters, the byte order mark.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_FORMULA_STARTS = tuple("=+-@＝＋－＠")


def harmless(text: str) -> str:
    r"""The text without control characters; each is replaced by one character, so that offsets stay true.

    >>> harmless("a\x1b[31m\tb")
    'a�[31m b'
    """
    return _UNSAFE.sub("\ufffd", _SPACES.sub(" ", text))


def cell_text(text: str) -> str:
    """Text for a cell of a spreadsheet, which must not be taken for a formula.

    >>> cell_text("=1+1")
    "'=1+1"
    """
    safe = harmless(text)
    return f"'{safe}" if safe.lstrip().startswith(_FORMULA_STARTS) or text.startswith(("\t", "\r")) else safe
