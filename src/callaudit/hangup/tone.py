"""Evidence: a tone (信号音) that the exchange sends when the far end has hung up: busy, congestion, dial, howler."""

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
MIN_CONTINUOUS_MS = 1500
"""Length from which a tone without pauses is one."""
BASE_CONFIDENCE = {
    ToneKind.BUSY: 0.8,
    ToneKind.CONGESTION: 0.8,
    ToneKind.HOWLER: 0.8,
    ToneKind.DIAL: 0.7,
}
"""At the least length. A held note comes nearest to the dial tone."""
PER_EXTRA_CYCLE = 0.03
PER_EXTRA_SECOND = 0.04
"""Of a tone without pauses."""
MAX_CONFIDENCE = 0.95


def tone_witnesses(call: Call, tones: Sequence[Tone], dialogue: Dialogue) -> tuple[HangupEvidence, ...]:
    """Tones that can mean the customer's hang-up, by time.

    Heard on the customer's channel, or on a mixed recording; after somebody has spoken (a busy tone before any word is
    a failed call). A tone after which the customer takes part again speaks against a hang-up at its time.
    """
    customer = call.channel_of(Party.CUSTOMER)
    return tuple(
        HangupEvidence(
            source=HangupSource.TONE,
            at_ms=tone.span.start_ms,
            uncertainty_ms=_uncertainty_ms(tone),
            confidence=_confidence(tone),
            supports=dialogue.resumption(tone.span.end_ms) is None,
            by=None if call.is_mixed else HangupBy.CUSTOMER,
            detail=_detail(tone),
        )
        for tone in tones
        if tone.kind.ends_the_call
        and _is_long_enough(tone)
        and (call.is_mixed or tone.channel == customer)
        and any(stretch.span.start_ms < tone.span.start_ms for stretch in dialogue.stretches)
    )


def _is_long_enough(tone: Tone) -> bool:
    if tone.kind.is_continuous:
        return tone.span.duration_ms >= MIN_CONTINUOUS_MS
    return tone.cycles >= MIN_CYCLES


def _uncertainty_ms(tone: Tone) -> int:
    """Half where the tone begins with sound: it has no pauses, or was switched on in the midst of a burst."""
    return TONE_UNCERTAINTY_MS // 2 if tone.kind.is_continuous or tone.is_cut_in else TONE_UNCERTAINTY_MS


def _confidence(tone: Tone) -> float:
    """By kind, and by how much of it is heard."""
    if tone.kind.is_continuous:
        more = PER_EXTRA_SECOND * (tone.span.duration_ms - MIN_CONTINUOUS_MS) / 1000
    else:
        more = PER_EXTRA_CYCLE * (tone.cycles - MIN_CYCLES)
    return round(min(MAX_CONFIDENCE, BASE_CONFIDENCE[tone.kind] + more), 3)


def _detail(tone: Tone) -> str:
    facts = f"kind={tone.kind} frequency_hz={tone.frequency_hz:.0f}"
    return facts if tone.kind.is_continuous else f"{facts} cycles={tone.cycles}"
