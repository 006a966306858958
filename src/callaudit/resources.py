"""Where the data that ships with callaudit lies: models, lexicons, samples."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"
_CHECKOUT = _PACKAGE.parents[1]


def bundled(*parts: str) -> Path:
    """Path below `models/`, `lexicons/` or `samples/`, in a wheel as in a checkout.

    >>> bundled("models").is_dir()
    True
    """
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)
