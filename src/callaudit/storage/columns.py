"""Text columns that take every string Python can hold."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_MARK = "json:"


class AnyText(TypeDecorator[str]):
    """Text that may hold lone surrogates and NUL characters, which databases refuse.

    On Linux a file name in GBK reaches Python with a lone surrogate for each byte that is not UTF-8. Such a text is
    stored as a JSON string after a mark; all others, nearly all, are stored as they are.

    Every database orders it by code points, as SQLite does, whatever the language of the server.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of a database."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Python to database."""
        if value is None or not _needs_escape(value):
            return value
        return _MARK + json.dumps(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Database to Python."""
        if value is None or not str(value).startswith(_MARK):
            return value
        return str(json.loads(str(value)[len(_MARK) :]))


def dump_json(value: Any) -> str:
    """JSON for a column: readable Chinese, stable order; escaped where the text could not be stored otherwise."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if _has_surrogate(text) else text


def _needs_escape(text: str) -> bool:
    """Whether a text must be stored in its escaped form."""
    return text.startswith(_MARK) or "\0" in text or _has_surrogate(text)


def _has_surrogate(text: str) -> bool:
    """Whether a text holds half of a surrogate pair, which UTF-8 cannot express."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
