"""The ground truth of a call, written down from the timeline it was rendered from."""

from __future__ import annotations

from typing import Any

from samples.make.scenario import PARTIES, Scenario
from samples.make.timeline import Spoken, Timeline

SCHEMA = "callaudit.truth/1"
EVIDENCE = {"closing": "closing", "busy_tone": "tone", "call_record": "record"}
"""What tells a hang-up, by its kind."""


def truth_of(scenario: Scenario, timeline: Timeline | None) -> dict[str, Any]:
    """What `NAME.truth.json` holds; without a timeline for a recording that must fail."""
    truth: dict[str, Any] = {"schema": SCHEMA, "title": scenario.title, "synthetic": True, "error": scenario.error}
    if timeline is None:
        return truth | {"utterances": [], "hangup": None, "closing_end_ms": None, "findings": []}
    return truth | {
        "duration_ms": timeline.duration_ms,
        "mixed": scenario.layout != "stereo",
        "utterances": [_utterance(scenario, spoken) for spoken in timeline.spoken],
        "hangup": _hangup(timeline),
        "closing_end_ms": timeline.closing_end_ms,
        "findings": _findings(timeline),
        "labels": _labels(scenario, timeline),
    }


def _labels(scenario: Scenario, timeline: Timeline) -> dict[str, str]:
    """What the call is sorted by when results are measured."""
    labels = {
        "shape": scenario.shape,
        "tail": scenario.tail,
        "evidence": EVIDENCE[timeline.hangup[1].kind] if timeline.hangup else "nothing",
        "codec": scenario.format.removeprefix("wav-").removeprefix("ogg-"),
        "fault": "clean" if scenario.echo_db is None else "echo",
    }
    return {name: value for name, value in labels.items() if value}


def _utterance(scenario: Scenario, spoken: Spoken) -> dict[str, Any]:
    heard_on = scenario.voices[spoken.turn.role].channel or spoken.turn.role
    return {
        "party": PARTIES[spoken.turn.role],
        "channel": 1 if scenario.layout == "stereo" and heard_on == "customer" else 0,
        "start_ms": spoken.start_ms,
        "end_ms": spoken.end_ms,
        "text": spoken.turn.text,
    }


def _hangup(timeline: Timeline) -> dict[str, Any] | None:
    if timeline.hangup is None:
        return None
    at_ms, event = timeline.hangup
    return {"at_ms": at_ms, "by": event.by, "kind": event.kind}


def _findings(timeline: Timeline) -> list[dict[str, Any]]:
    hangup_ms = timeline.hangup[0] if timeline.hangup else timeline.duration_ms
    findings = [
        _finding(spoken.turn.rude, [spoken], spoken.start_ms >= hangup_ms, spoken.turn.quote or spoken.turn.text)
        for spoken in timeline.spoken
        if spoken.turn.rude
    ]
    after = [spoken for spoken in timeline.spoken if spoken.start_ms >= hangup_ms]
    if after:
        findings.append(_finding("post_hangup", after, True, "，".join(spoken.turn.text for spoken in after)))
    return sorted(findings, key=lambda finding: (finding["start_ms"], finding["end_ms"]))


def _finding(category: str, spoken: list[Spoken], after: bool, quote: str) -> dict[str, Any]:
    return {
        "category": category,
        "start_ms": spoken[0].start_ms,
        "end_ms": spoken[-1].end_ms,
        "party": PARTIES[spoken[0].turn.role],
        "phase": "after_hangup" if after else "before_hangup",
        "quote": quote,
    }
