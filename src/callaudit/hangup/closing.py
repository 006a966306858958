"""Evidence: the closing exchange (结束语), after which the customer does not speak again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callaudit.domain.analysis import Closing
from callaudit.domain.calls import Party
from callaudit.domain.hangups import HangupEvidence, HangupSource
from callaudit.domain.talk import TalkKind
from callaudit.hangup.dialogue import Dialogue
from callaudit.hangup.exchanges import Exchange, find_exchanges
from callaudit.hangup.talks import SURELY

WORDS_UNCERTAINTY_MS = 300
SPLIT_UNCERTAINTY_MS = 600
"""Where the goodbye ends within an utterance, its time is by proportion of characters."""
CONFIDENCE_MUTUAL = 0.8
CONFIDENCE_MIXED = 0.65
CONFIDENCE_ONE_SIDED = 0.55
CONFIDENCE_UNCLEAR = 0.45
"""Thanks on both sides with no goodbye that the engine caught."""
CONFIDENCE_SILENT = 0.5
SHORT_SILENCE_FACTOR = 0.85
"""Where the recording ends before the customer's silence has lasted."""


@dataclass(frozen=True, slots=True)
class ClosingReading:
    """What the goodbyes of a call say."""

    exchange: Exchange | None = None
    """The closing exchange: the first that nothing follows, else the last."""
    witness: HangupEvidence | None = None
    """The hang-up by this exchange; None where the dialogue went on, or the recording ends with it."""
    undone: tuple[Exchange, ...] = ()
    """Exchanges after which the dialogue went on."""

    @property
    def closing(self) -> Closing | None:
        """The closing exchange as the analysis keeps it."""
        if self.exchange is None:
            return None
        return Closing(span=self.exchange.span, utterances=self.exchange.utterances)


def read_closing_exchange(dialogue: Dialogue, duration_ms: int) -> ClosingReading:
    """Find the closing exchange and what it says of the hang-up.

    An exchange ends the conversation where the customer does not take part again. It says so only if the recording
    goes on for the customer's silence, or somebody else speaks.

    Args:
        dialogue: the call's speech.
        duration_ms: length of the recording.
    """
    exchanges = find_exchanges(dialogue.stretches)
    for at, exchange in enumerate(exchanges):
        if _holds(dialogue, exchange, exchanges[at + 1 :]):
            witness = _witness(dialogue, exchange, duration_ms)
            return ClosingReading(exchange, witness, exchanges[:at])
    return ClosingReading(exchanges[-1] if exchanges else None, None, exchanges)


def _holds(dialogue: Dialogue, exchange: Exchange, later: Sequence[Exchange]) -> bool:
    """Whether the conversation is over with this exchange.

    In a mixed recording, one goodbye alone says nothing about the other party: it holds where nobody answers it, or
    where the caller is talked about next. A goodbye said again later, after other things, shows that the conversation
    went on.
    """
    if not exchange.clear and not exchange.mutual:
        return False
    if dialogue.call.is_mixed:
        both = exchange.mutual or exchange.silent_caller or _is_unanswered(dialogue, exchange)
        if not both or any(other.mutual or other.farewell for other in later):
            return False
    elif not _customer_was_there(dialogue, exchange) and not exchange.silent_caller:
        return False
    return dialogue.resumption(exchange.span.end_ms) is None


def _is_unanswered(dialogue: Dialogue, exchange: Exchange) -> bool:
    """Whether a goodbye of one party is followed by silence, or by talk that is surely about the caller."""
    if not exchange.farewell:
        return False
    after = dialogue.after(exchange.span.end_ms)
    if not after or after[0].span.start_ms - exchange.span.end_ms >= dialogue.silence_ms:
        return True
    return dialogue.reader.read(after[0].text)[TalkKind.ABOUT_CALLER] >= SURELY


def _customer_was_there(dialogue: Dialogue, exchange: Exchange) -> bool:
    return any(
        stretch.party is Party.CUSTOMER and stretch.span.start_ms < exchange.span.end_ms
        for stretch in dialogue.stretches
    )


def _witness(dialogue: Dialogue, exchange: Exchange, duration_ms: int) -> HangupEvidence | None:
    at_ms = min(exchange.span.end_ms, duration_ms)
    quiet = duration_ms - at_ms >= dialogue.silence_ms
    if not quiet and not dialogue.after(at_ms):
        return None
    sides = "both" if exchange.mutual else "agent" if exchange.agent else "customer" if exchange.customer else "unknown"
    silent = " silent_caller=1" if exchange.silent_caller else ""
    return HangupEvidence(
        source=HangupSource.CLOSING,
        at_ms=at_ms,
        uncertainty_ms=SPLIT_UNCERTAINTY_MS if exchange.split else WORDS_UNCERTAINTY_MS,
        confidence=round(_confidence(dialogue, exchange) * (1 if quiet else SHORT_SILENCE_FACTOR), 3),
        detail=f"goodbyes={sides} line_open_ms={duration_ms - at_ms}{silent}",
    )


def _confidence(dialogue: Dialogue, exchange: Exchange) -> float:
    if exchange.silent_caller:
        return CONFIDENCE_SILENT
    if not exchange.clear:
        return CONFIDENCE_UNCLEAR
    if not exchange.mutual:
        return CONFIDENCE_ONE_SIDED
    return CONFIDENCE_MIXED if dialogue.call.is_mixed else CONFIDENCE_MUTUAL
