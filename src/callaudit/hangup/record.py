"""Evidence: what the switch wrote down (话单)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import CallRecord, ClockSpan, Party
from callaudit.domain.contradictions import contradiction
from callaudit.domain.hangups import HangupBy, HangupEvidence, HangupSource
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import TimeSpan

RECORD_CONFIDENCE = 0.9
END_OF_RECORD = "event=end"
"""What the witness tells where the record names nothing but the end of the call (`HangupEvidence.detail`)..."""
SURVEY_IN_RECORD = "event=survey_start"
"""...and where a survey came first."""
MIN_UNCERTAINTY_MS = 100
"""Even a switch that writes microseconds starts its recording a packet or two off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReading:
    """What a call record says in time of the recording."""

    witness: HangupEvidence | None = None
    survey_start_ms: int | None = None
    holds: tuple[Hold, ...] = ()
    """Holds and mutes, by time, narrowed by what the clock is uncertain by."""
    doubt: Warn | None = None
    """Why its times were not used, or count against themselves."""


def read_record(record: CallRecord | None, duration_ms: int, tolerance_ms: int) -> RecordReading:
    """Put the record's events on the recording's clock.

    The hang-up is the first of: customer's hang-up, agent's hang-up, start of the survey; the end of the call where
    the record names none of them. A hang-up later than the recording is put at its end, where nothing follows it.
    Times that cannot be placed, or cannot be true, are not used; `doubt` says which it is.

    Args:
        record: what the switch wrote; None where there is nothing.
        duration_ms: length of the recording as decoded.
        tolerance_ms: a record off by more than this from the recording's length is not used.
    """
    if record is None:
        return RecordReading()
    if record.is_distrusted or contradiction(record):
        return RecordReading(doubt=Warn.RECORD_INCONSISTENT)
    start_at = record.recording_start_at or _fitting_start(record, duration_ms, tolerance_ms)
    if start_at is None:
        tells = _first_event(record) or record.hold_spans or record.mute_spans
        return RecordReading(doubt=Warn.RECORD_UNPLACED if tells else None)
    if _is_of_another_length(record, start_at, duration_ms, tolerance_ms):
        return RecordReading(doubt=Warn.RECORD_DISTRUSTED)
    off_ms = _off_ms(record, start_at, duration_ms)
    survey_ms = None if record.survey_start_at is None else max(0, _offset_ms(record.survey_start_at, start_at))
    holds = tuple(sorted(_holds(record, start_at, duration_ms, off_ms)))
    event = _first_event(record)
    if event is None:
        return RecordReading(survey_start_ms=survey_ms, holds=holds)
    name, happened_at, by = event
    witness = HangupEvidence(
        source=HangupSource.CALL_RECORD,
        at_ms=min(duration_ms, max(0, _offset_ms(happened_at, start_at))),
        uncertainty_ms=off_ms,
        confidence=RECORD_CONFIDENCE,
        by=by,
        detail=f"event={name}",
    )
    return RecordReading(witness=witness, survey_start_ms=survey_ms, holds=holds)


def _first_event(record: CallRecord) -> tuple[str, datetime, HangupBy | None] | None:
    """Name, time and author of what ended the conversation."""
    candidates = [
        ("customer_hangup", record.customer_hangup_at, HangupBy.CUSTOMER),
        ("agent_hangup", record.agent_hangup_at, HangupBy.AGENT),
        ("survey_start", record.survey_start_at, None),
    ]
    known = [(name, at, by) for name, at, by in candidates if at is not None]
    told = None if record.hangup_by in (None, Party.UNKNOWN) else HangupBy(record.hangup_by)
    if known:
        name, at, by = min(known, key=lambda event: event[1])
        return name, at, by if name == "survey_start" else told or by
    return None if record.ended_at is None else ("end", record.ended_at, told)


def _fitting_start(record: CallRecord, duration_ms: int, tolerance_ms: int) -> datetime | None:
    """When the recording began, of the moments that the record allows.

    It is the one from which the call's end is as far as the recording is long, with nothing before it that is heard on
    the recording; None where none is, or where two that differ by more than the clock's uncertainty are.
    """
    if record.ended_at is None:
        return None
    fits = [
        at
        for at in record.possible_starts_at
        if not contradiction(replace(record, recording_start_at=at))
        and not _is_of_another_length(record, at, duration_ms, tolerance_ms)
    ]
    if not fits or _offset_ms(max(fits), min(fits)) > record.clock_uncertainty_ms:
        return None
    ended_at = record.ended_at
    return min(fits, key=lambda at: abs(_offset_ms(ended_at, at) - duration_ms))


def _is_of_another_length(record: CallRecord, start_at: datetime, duration_ms: int, tolerance_ms: int) -> bool:
    """Whether the record cannot be about this recording, or its clock cannot be trusted."""
    allowed_ms = tolerance_ms + record.clock_uncertainty_ms
    if record.ended_at is not None and abs(_offset_ms(record.ended_at, start_at) - duration_ms) > allowed_ms:
        return True
    ends = [span.end_at for span in (*record.hold_spans, *record.mute_spans)]
    events = (record.customer_hangup_at, record.agent_hangup_at, record.survey_start_at, *ends)
    return any(at is not None and _offset_ms(at, start_at) > duration_ms + allowed_ms for at in events)


def _holds(record: CallRecord, start_at: datetime, duration_ms: int, off_ms: int) -> Iterator[Hold]:
    """What of the record's holds and mutes surely lies on the recording."""
    told = [(HoldSource.RECORD_HOLD, record.hold_spans), (HoldSource.RECORD_MUTE, record.mute_spans)]
    for source, spans in told:
        for span in spans:
            hold = Hold.surely(_placed(span, start_at, duration_ms), source, off_ms)
            if hold is not None:
                yield hold


def _placed(span: ClockSpan, start_at: datetime, duration_ms: int) -> TimeSpan:
    first_ms, last_ms = (min(duration_ms, max(0, _offset_ms(at, start_at))) for at in (span.start_at, span.end_at))
    return TimeSpan(first_ms, last_ms)


def _off_ms(record: CallRecord, start_at: datetime, duration_ms: int) -> int:
    """What a time of the record may be off by on the recording.

    Where its length is not the recording's, one of the two began or ended at another time, and it is not told which.
    """
    slip_ms = abs(_offset_ms(record.ended_at, start_at) - duration_ms) if record.ended_at else 0
    return max(MIN_UNCERTAINTY_MS, record.clock_uncertainty_ms, slip_ms)


def _offset_ms(at: datetime, start_at: datetime) -> int:
    return round((at - start_at).total_seconds() * 1000)
