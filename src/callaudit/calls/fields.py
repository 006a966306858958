"""Columns of a call record, and a row of values to a `CallRecord`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import PurePosixPath

from callaudit.calls.times import TIME_PROBLEM, WHOLE_SECONDS_MS, is_never, parse_time
from callaudit.domain.calls import CallRecord, ClockSpan, Party

TIME_COLUMNS = ("recording_start", "answer", "customer_hangup", "agent_hangup", "end", "survey_start")
SPAN_COLUMNS = ("hold", "mute")
COLUMNS = frozenset(
    {"recording", "call_id", "hangup_by", "agent_id", "queue", "channel_map", *TIME_COLUMNS, *SPAN_COLUMNS}
)

HANGUP_BY = {
    "agent": Party.AGENT,
    "customer": Party.CUSTOMER,
    "system": Party.SYSTEM,
    "nobody": None,
    "unknown": None,
}
SHOWN_CHARS = 40
NO_VALUE = frozenset({"", "\\N", "NULL", "null"})
"""How files and the exports of databases write that there is no value."""


class FieldError(ValueError):
    """A value that its column (or, in other systems' files, its field) cannot hold; `column` says which."""

    def __init__(self, column: str, problem: str, value: object, kind: str = "column") -> None:
        super().__init__(f"{kind} {column}: {problem}: {str(value)[:SHOWN_CHARS]!r}")
        self.column = column


def parse_record(values: Mapping[str, object], zone: tzinfo) -> CallRecord:
    """Make the record of one row; unknown columns are left alone, empty values are absent.

    Raises:
        FieldError: a value does not fit its column, or the recording is missing.
    """
    times: dict[str, datetime | None] = dict.fromkeys(TIME_COLUMNS)
    uncertainties: list[int] = []
    for column in TIME_COLUMNS:
        text = _text(column, values.get(column))
        if text and not is_never(text):
            times[column], uncertainty_ms = _time(column, text, zone)
            uncertainties.append(uncertainty_ms)
    spans = {column: _spans(column, values.get(column), zone, uncertainties) for column in SPAN_COLUMNS}
    return CallRecord(
        recording=_recording(values.get("recording")),
        call_id=_text("call_id", values.get("call_id")),
        recording_start_at=times["recording_start"],
        answered_at=times["answer"],
        customer_hangup_at=times["customer_hangup"],
        agent_hangup_at=times["agent_hangup"],
        ended_at=times["end"],
        hangup_by=_hangup_by(_text("hangup_by", values.get("hangup_by"))),
        agent_id=_text("agent_id", values.get("agent_id")),
        queue=_text("queue", values.get("queue")),
        survey_start_at=times["survey_start"],
        channel_parties=_channel_map(values.get("channel_map")),
        hold_spans=spans["hold"],
        mute_spans=spans["mute"],
        clock_uncertainty_ms=max(uncertainties, default=WHOLE_SECONDS_MS),
    )


def path_parts(recording: str) -> tuple[str, ...]:
    r"""Parts of a path as any system writes it, without `.`.

    >>> path_parts("monday\\one.wav")
    ('monday', 'one.wav')
    """
    return PurePosixPath(recording.replace("\\", "/")).parts


def text_of(value: object) -> str | None:
    """A value as text; None where there is none.

    Raises:
        TypeError: neither text nor number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError("neither text nor number")
    text = str(value).strip()
    return None if text in NO_VALUE else text


def _recording(value: object) -> str:
    text = _text("recording", value) or ""
    if not path_parts(text):
        raise FieldError("recording", "names no file", text)
    return text


def _text(column: str, value: object) -> str | None:
    try:
        return text_of(value)
    except TypeError as error:
        raise FieldError(column, str(error), value) from error


def _time(column: str, text: str, zone: tzinfo) -> tuple[datetime, int]:
    try:
        return parse_time(text, zone)
    except (ValueError, OverflowError) as error:
        raise FieldError(column, TIME_PROBLEM, text) from error


def _spans(column: str, value: object, zone: tzinfo, uncertainties: list[int]) -> tuple[ClockSpan, ...]:
    """`start/end;start/end`, in JSON also a list of pairs; what the times may be off by is added to `uncertainties`."""
    if not isinstance(value, list):
        value = [part.split("/") for part in (_text(column, value) or "").split(";") if part.strip()]
    found = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise FieldError(column, "not a start and an end", pair)
        times = [_time(column, _text(column, end) or "", zone) for end in pair]
        (start_at, _), (end_at, _) = times
        if end_at < start_at:
            raise FieldError(column, "ends before it starts", pair)
        uncertainties += [uncertainty_ms for _, uncertainty_ms in times]
        found.append(ClockSpan(start_at, end_at))
    return tuple(found)


def _hangup_by(text: str | None) -> Party | None:
    if text is None:
        return None
    if text.lower() not in HANGUP_BY:
        raise FieldError("hangup_by", f"not one of {', '.join(HANGUP_BY)}", text)
    return HANGUP_BY[text.lower()]


def _channel_map(value: object) -> tuple[Party, ...] | None:
    """`agent,customer`, in JSON also a list."""
    names = value if isinstance(value, list) else (_text("channel_map", value) or "").split(",")
    if names == [""]:
        return None
    try:
        return tuple(Party(str(name).strip().lower()) for name in names)
    except ValueError as error:
        raise FieldError("channel_map", f"not a list of {', '.join(Party)}", value) from error
