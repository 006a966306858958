"""What is said on a sample call: a TOML file of turns and events, read into values.

A turn names its party and the words, `{ agent = "您好", pause_ms = 400 }`. Optional beside them:

* `pause_ms`: silence before it, counted from the end of the turn before; negative where it cuts in. Drawn when absent.
* `aside`: spoken away from the microphone.
* `rude`: category of the offence, by the judgement of whoever wrote the scenario; `quote`: the offending part.

An event is `{ event = "hangup", by = "customer", kind = "busy_tone" }` or `{ event = "survey" }`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCENARIOS = Path(__file__).parent / "scenarios"
PARTIES = {"agent": "agent", "customer": "customer", "machine": "system"}
LAYOUTS = ("stereo", "mono", "upmixed")
HANGUP_KINDS = ("closing", "busy_tone", "call_record")
SHAPES = ("S1", "S2", "S3", "S4", "S5", "innocent")


@dataclass(frozen=True, slots=True)
class Voice:
    """An espeak-ng variant with its speed (words a minute) and pitch (0..99)."""

    voice: str
    speed: int
    pitch: int
    channel: str | None = None
    """Party on whose channel the voice is heard; its own by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One utterance."""

    role: str
    """`agent`, `customer` or `machine`."""
    text: str
    pause_ms: int | None = None
    aside: bool = False
    rude: str | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens on the line."""

    event: str
    """`hangup`, or `survey` for the moment the call goes over to the machine."""
    by: str = ""
    kind: str = ""
    pause_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the switch noted: when the recording began (ISO-8601 with zone), who answered, in which queue."""

    start: str
    agent_id: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One sample call."""

    name: str
    title: str
    format: str
    shape: str = "innocent"
    """How the call ends: S1 nobody hangs up, S2 the customer does and the agent talks on, ...."""
    tail: str = ""
    """What an innocent end holds, such as `survey`."""
    layout: str = "stereo"
    voices: dict[str, Voice]
    turns: tuple[Turn | Event, ...]
    drop_after_ms: int = 1000
    """From the last remark to the end of the recording."""
    noise_dbfs: float = -66.0
    echo_db: float | None = None
    """Level of the agent's echo on the customer's channel against the agent; None for no echo."""
    record: Record | None = None
    corrupt: bool = False
    error: str | None = None


def read_scenario(path: Path) -> Scenario:
    """Read one scenario; its name is the file's.

    Raises:
        ValueError: a turn, event or layout is not one of those above.
        TypeError: an unknown key.
    """
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    turns = tuple(_read_turn(row, path.name) for row in data.pop("turns", []))
    voices = {role: Voice(**data.pop(role)) for role in PARTIES if role in data}
    record = Record(**data.pop("record")) if "record" in data else None
    scenario = Scenario(name=path.stem, voices=voices, turns=turns, record=record, **data)
    if scenario.layout not in LAYOUTS:
        raise ValueError(f"{path.name}: layout is one of {', '.join(LAYOUTS)}")
    if scenario.shape not in SHAPES:
        raise ValueError(f"{path.name}: shape is one of {', '.join(SHAPES)}")
    return scenario


def read_scenarios(folder: Path = SCENARIOS) -> tuple[Scenario, ...]:
    """All scenarios of a folder, by name."""
    return tuple(read_scenario(path) for path in sorted(folder.glob("*.toml")))


def _read_turn(row: dict[str, Any], file: str) -> Turn | Event:
    if "event" in row:
        event = Event(**row)
        if event.event == "hangup" and event.kind not in HANGUP_KINDS:
            raise ValueError(f"{file}: kind of a hang-up is one of {', '.join(HANGUP_KINDS)}")
        return event
    roles = [role for role in PARTIES if role in row]
    if len(roles) != 1:
        raise ValueError(f"{file}: a turn names one of {', '.join(PARTIES)}")
    rest = {key: value for key, value in row.items() if key != roles[0]}
    return Turn(role=roles[0], text=row[roles[0]], **rest)
