"""What cannot be true of one call: a record that says so is no evidence."""

from __future__ import annotations

from datetime import datetime, timedelta

from callaudit.domain.calls import CallRecord, Party


def contradiction(record: CallRecord) -> str | None:
    """What the record says against itself, beyond what its clock may be off by; None where it holds together.

    >>> contradiction(CallRecord(recording="one.wav")) is None
    True
    """
    slack = timedelta(milliseconds=record.clock_uncertainty_ms)
    in_order: tuple[tuple[str, datetime | None, str, datetime | None], ...] = (
        ("recording_start", record.recording_start_at, "end", record.ended_at),
        ("recording_start", record.recording_start_at, "customer_hangup", record.customer_hangup_at),
        ("recording_start", record.recording_start_at, "agent_hangup", record.agent_hangup_at),
        ("answer", record.answered_at, "customer_hangup", record.customer_hangup_at),
        ("answer", record.answered_at, "agent_hangup", record.agent_hangup_at),
        ("answer", record.answered_at, "survey_start", record.survey_start_at),
        ("answer", record.answered_at, "end", record.ended_at),
        ("customer_hangup", record.customer_hangup_at, "end", record.ended_at),
        ("survey_start", record.survey_start_at, "end", record.ended_at),
        *_who_was_first(record),
    )
    for early, earlier, late, later in in_order:
        if earlier is not None and later is not None and earlier - later > slack:
            return f"{late} lies before {early}"
    return None


def _who_was_first(record: CallRecord) -> tuple[tuple[str, datetime | None, str, datetime | None], ...]:
    """Whoever hung up did so before the other."""
    customer = ("customer_hangup", record.customer_hangup_at)
    agent = ("agent_hangup", record.agent_hangup_at)
    if record.hangup_by is Party.CUSTOMER:
        return ((*customer, *agent),)
    if record.hangup_by is Party.AGENT:
        return ((*agent, *customer),)
    return ()
