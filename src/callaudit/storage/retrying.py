"""Locks that are held by another for a moment only are worth a second try."""

from __future__ import annotations

import time
from collections.abc import Callable

_RETRY_S = 0.1


def taken_within(take: Callable[[], bool], patience_s: float) -> bool:
    """Try to take something, at once and again and again.

    Args:
        take: tries once; says whether it was had.
        patience_s: how long it is tried for, in seconds.

    Returns:
        False where it could not be had in that time.
    """
    give_up_at = time.monotonic() + patience_s
    while not take():
        if time.monotonic() >= give_up_at:
            return False
        time.sleep(_RETRY_S)
    return True
