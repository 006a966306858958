"""The hand-written calls: a table of TOML, one step a line (its head says how) to scripts, one stereo and one mixed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callaudit.domain.calls import Party
from tests.simulator.script import (
    Clock,
    ClosingEnd,
    HangUp,
    Line,
    LineDrops,
    OtherEnd,
    Say,
    Script,
    Shape,
    Signal,
    Sound,
    Source,
    Step,
    Tail,
    Wait,
)

CALLS = Path(__file__).parents[1] / "data" / "kept_aside_calls.toml"
SPEECH = re.compile(r"(?P<who>\w+) (?P<gap>[\d.]+)(?: (?P<level>-?[\d.]+))?: (?P<words>.+)")
WHO = {
    "agent": (Party.AGENT, 0),
    "talk": (Party.AGENT, 0),
    "customer": (Party.CUSTOMER, 1),
    "agent2": (Party.AGENT, 2),
    "customer2": (Party.CUSTOMER, 3),
    "machine": (Party.SYSTEM, 4),
}
"""Party, and which of a call's voices."""
HISS_DBFS = -44.0
"""What `line hiss` leaves."""


def read_calls(path: Path = CALLS) -> tuple[Script, ...]:
    """Every call twice, on two channels and mixed; lines and levels are left to the studio.

    Raises:
        ValueError: a step or a word of the table is unknown; the message names the call.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["calls"]
    return tuple(_script(row, is_mixed) for row in rows for is_mixed in (False, True))


def _script(row: dict[str, Any], is_mixed: bool) -> Script:
    source = Source(row["source"])
    if is_mixed and source is Source.LINE:  # the customer's own line is not to be heard there: only the goodbyes tell
        source = Source.CLOSING
    offset_s = row.get("record_offset_s")
    try:
        steps = tuple(step for text in row["steps"].strip().splitlines() for step in _steps(text, source))
    except (KeyError, ValueError) as error:
        raise ValueError(f"call {row['name']}: {error}") from error
    if source is Source.CLOSING:
        steps = tuple(step for one in steps for step in ((one, OtherEnd()) if isinstance(one, ClosingEnd) else (one,)))
    return Script(
        name=f"{row['name']}-{'mixed' if is_mixed else 'stereo'}",
        steps=steps,
        shape=Shape(row["shape"]),
        source=source,
        tail=Tail(row.get("tail", "none")),
        line=Line(is_mixed=is_mixed),
        clock=None if offset_s is None else Clock(offset_ms=round(1000 * offset_s)),
        lead_in_ms=0,
        lead_out_ms=1200,
    )


def _steps(text: str, source: Source) -> Iterator[Step]:
    """The steps of one line; an unknown one raises."""
    said = SPEECH.fullmatch(text)
    if said:
        party, speaker = WHO[said["who"]]
        yield Say(
            party=party,
            text=said["words"],
            gap_ms=_ms(said["gap"]),
            level_db=float(said["level"] or 0),
            speaker=speaker,
            after=said["who"] == "talk",
        )
        return
    match text.split():
        case ["pause", seconds]:
            yield Wait(ms=_ms(seconds))
        case ["ring", gap, seconds]:
            yield Sound(signal=Signal.RINGBACK, gap_ms=_ms(gap), duration_ms=_ms(seconds), wait=True)
        case ["sound", gap, signal, seconds]:
            yield Sound(signal=Signal(signal), gap_ms=_ms(gap), duration_ms=_ms(seconds))
        case ["closing"]:
            yield ClosingEnd()
        case ["over", seconds, who]:
            yield Wait(ms=_ms(seconds))
            yield HangUp(by=None if who == "nobody" else Party(who), kind=source)
        case ["maybe"]:
            yield OtherEnd()
        case ["line", "dead" | "hiss" as rest]:
            yield LineDrops(noise_dbfs=None if rest == "dead" else HISS_DBFS)
        case _:
            raise ValueError(f"no such step: {text}")


def _ms(seconds: str) -> int:
    return round(1000 * float(seconds))
