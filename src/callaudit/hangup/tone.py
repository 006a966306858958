"""Evidence: the busy tone (忙音) that the exchange sends when the far end has hung up."""

from __future__ import annotations

from collections.abc import Sequence

from callaudit.domain.calls import Call, Party
from callaudit.domain.hangups import HangupBy, HangupEvidence, HangupSource
from callaudit.domain.line import Tone, ToneKind
from callaudit.hangup.dialogue import Dialogue

TONE_UNCERTAINTY_MS = 350
"""The exchange may begin with the silent half of the 0.7 s period (GB/T 3380)."""
MIN_CYCLES = 3
"""Complete cycles from which a rhythm is a tone; as Asterisk's `busycount`."""
BASE_CONFIDENCE = 0.8
PER_EXTRA_CYCLE = 0.03
MAX_CONFIDENCE = 0.95


def tone_witnesses(call: Call, tones: Sequence[Tone], dialogue: Dialogue) -> tuple[HangupEvidence, ...]:
    """Busy tones that can mean the customer's hang-up, by time.

    Heard on the customer's channel, or on a mixed recording; after somebody has spoken (a busy tone before any word is
    a failed call). A tone after which the customer takes part again speaks against a hang-up at its time.
    """
    customer = call.channel_of(Party.CUSTOMER)
    witnesses: list[HangupEvidence] = []
    for tone in tones:
        heard_there = call.is_mixed or tone.channel == customer
        if tone.kind is not ToneKind.BUSY or tone.cycles < MIN_CYCLES or not heard_there:
            continue
        if not any(stretch.span.start_ms < tone.span.start_ms for stretch in dialogue.stretches):
            continue
        witnesses.append(
            HangupEvidence(
                source=HangupSource.TONE,
                at_ms=tone.span.start_ms,
                uncertainty_ms=TONE_UNCERTAINTY_MS,
                confidence=min(MAX_CONFIDENCE, BASE_CONFIDENCE + PER_EXTRA_CYCLE * (tone.cycles - MIN_CYCLES)),
                supports=dialogue.resumption(tone.span.end_ms) is None,
                by=None if call.is_mixed else HangupBy.CUSTOMER,
                detail=f"frequency_hz={tone.frequency_hz:.0f} cycles={tone.cycles}",
            )
        )
    return tuple(witnesses)
