"""`--since`: a moment as people write it down."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import typer

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})([mhdw])")


def moment_of(text: str, now: datetime) -> datetime:
    """The moment that `--since` names.

    Args:
        text: a date, a date with time of day (of this machine's zone where no offset is given), or how long ago, as
            `24h`, `7d`, `90m` or `2w`.
        now: aware.

    Raises:
        typer.BadParameter: it is none of these, or lies in the future.
    """
    try:
        ago = _AGO.fullmatch(text.strip().lower())
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        named = datetime.fromisoformat(text.strip())
        moment = named if named.tzinfo else named.astimezone()
        is_past = moment <= now
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"--since {text!r} is neither a date such as 2026-03-02, nor a time such as 2026-03-02T18:00, nor how long"
            " ago, such as 24h or 7d"
        ) from error
    if not is_past:
        raise typer.BadParameter(f"--since {text!r} lies in the future")
    return moment
