"""Evidence: the customer's channel changed for good (线路变化), as it does when the far end has gone."""

from __future__ import annotations

from callaudit.domain.analysis import Acoustics
from callaudit.domain.calls import Call, Party
from callaudit.domain.hangups import HangupBy, HangupEvidence, HangupSource
from callaudit.domain.line import LineChange, LineChangeKind
from callaudit.hangup.dialogue import Dialogue

SILENCE_CONFIDENCE = 0.9
"""No room is digitally silent: nothing is sent any more, or the customer has muted the telephone for good."""
FLOOR_CONFIDENCE = 0.55
"""A room can change too: a fan is switched off, a door closed. That is rarely seen to the end of the recording..."""
PER_EXTRA_DB = 0.01
USUAL_STEP_DB = 6.0
"""...and rarely by much: a step beyond this makes it surer..."""
PER_SECOND_AFTER = 0.01
"""...and so does the time it lasted."""
MAX_FLOOR_CONFIDENCE = 0.8


def line_witness(call: Call, acoustics: Acoustics, dialogue: Dialogue) -> HangupEvidence | None:
    """What the customer's channel tells by changing for good.

    In a mixed recording no channel is the customer's. A change before any word is a line that was never in use; one
    after which the customer takes part again, as after a transfer between networks, speaks against a hang-up then.
    """
    customer = call.channel_of(Party.CUSTOMER)
    if call.is_mixed or customer is None:
        return None
    change = next((change for change in acoustics.line_changes if change.channel == customer), None)
    if change is None or not any(stretch.span.start_ms < change.at_ms for stretch in dialogue.stretches):
        return None
    return HangupEvidence(
        source=HangupSource.LINE,
        at_ms=change.at_ms,
        uncertainty_ms=change.uncertainty_ms,
        confidence=_confidence(change, acoustics.duration_ms),
        supports=dialogue.resumption(change.at_ms) is None,
        by=HangupBy.CUSTOMER,
        detail=f"change={change.kind} before_dbfs={change.before_dbfs:.0f} after_dbfs={change.after_dbfs:.0f}",
    )


def _confidence(change: LineChange, duration_ms: int) -> float:
    if change.kind is LineChangeKind.DIGITAL_SILENCE:
        return SILENCE_CONFIDENCE
    extra_db = max(0.0, abs(change.after_dbfs - change.before_dbfs) - USUAL_STEP_DB)
    after_s = max(0, duration_ms - change.at_ms) / 1000
    sure = FLOOR_CONFIDENCE + PER_EXTRA_DB * extra_db + PER_SECOND_AFTER * after_s
    return round(min(MAX_FLOOR_CONFIDENCE, sure), 3)
