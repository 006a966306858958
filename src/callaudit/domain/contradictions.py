"""What cannot be true of one call: times of a record that says so are no evidence."""

from __future__ import annotations

from datetime import datetime, timedelta

from callaudit.domain.calls import CallRecord, Party

_Order = tuple[str, datetime | None, str, datetime | None]
"""Field and time that come first, field and time that come later."""


def contradiction(record: CallRecord) -> tuple[str, str] | None:
    """The two fields that tell the record's events in an impossible order, beyond what its clock may be off by.

    Returns:
        The field whose time lies before that of the other, which must come first; None where the record holds together.

    >>> contradiction(CallRecord(recording="one.wav")) is None
    True
    """
    slack = timedelta(milliseconds=record.clock_uncertainty_ms)
    in_order: tuple[_Order, ...] = (
        ("recording_start", record.recording_start_at, "end", record.ended_at),
        ("recording_start", record.recording_start_at, "customer_hangup", record.customer_hangup_at),
        ("recording_start", record.recording_start_at, "agent_hangup", record.agent_hangup_at),
        ("recording_start", record.recording_start_at, "survey_start", record.survey_start_at),
        ("answer", record.answered_at, "customer_hangup", record.customer_hangup_at),
        ("answer", record.answered_at, "agent_hangup", record.agent_hangup_at),
        ("answer", record.answered_at, "survey_start", record.survey_start_at),
        ("answer", record.answered_at, "end", record.ended_at),
        ("customer_hangup", record.customer_hangup_at, "end", record.ended_at),
        ("survey_start", record.survey_start_at, "end", record.ended_at),
        *(("answer", record.answered_at, "hold", span.end_at) for span in record.hold_spans),
        *_who_was_first(record),
    )
    for early, earlier, late, later in in_order:
        if earlier is not None and later is not None and earlier - later > slack:
            return late, early
    return None


def _who_was_first(record: CallRecord) -> tuple[_Order, ...]:
    """Whoever hung up did so before the other."""
    customer = ("customer_hangup", record.customer_hangup_at)
    agent = ("agent_hangup", record.agent_hangup_at)
    if record.hangup_by is Party.CUSTOMER:
        return ((*customer, *agent),)
    if record.hangup_by is Party.AGENT:
        return ((*agent, *customer),)
    return ()
