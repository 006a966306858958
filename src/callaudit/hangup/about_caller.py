"""Evidence: talk about the caller to somebody else (背后议论). It supports a hang-up and never makes one."""

from __future__ import annotations

from collections.abc import Sequence

from callaudit.domain.calls import Party
from callaudit.domain.hangups import Hangup, HangupEvidence, HangupSource
from callaudit.domain.talk import TalkKind
from callaudit.hangup.dialogue import Dialogue
from callaudit.hangup.stretches import Stretch, typical_level_dbfs
from callaudit.hangup.talks import BELIEVED, laughs

FAINTER_DB = 4.0
"""Somebody who turns to a neighbour is that much fainter than before, in dB."""
UNCERTAINTY_MS = 500
CONFIDENCE_PER_SIGN = 0.2
"""Words about somebody absent, a fainter voice, laughter: each of them happens on the line too."""


def about_caller_witness(dialogue: Dialogue, hangup: Hangup) -> HangupEvidence | None:
    """What agent, or somebody unknown, says after a hang-up that nobody says to a customer; None where nothing is.

    Args:
        dialogue: the call's speech.
        hangup: as the other witnesses have it.
    """
    later = [stretch for stretch in dialogue.after(hangup.at_ms) if stretch.party is not Party.CUSTOMER]
    shares = [dialogue.reader.read(stretch.text) for stretch in later]
    about = sum(one[TalkKind.ABOUT_CALLER] >= BELIEVED for one in shares)
    if not about or any(one[TalkKind.TO_CUSTOMER] >= BELIEVED for one in shares):
        return None
    fainter_db = _fainter_db(dialogue, later)
    signs = [f"about_caller={about}"]
    signs += [f"fainter_db={fainter_db:.0f}"] if fainter_db >= FAINTER_DB else []
    signs += ["laughter=1"] if any(laughs(stretch.text) for stretch in later) else []
    return HangupEvidence(
        source=HangupSource.TALK,
        at_ms=later[0].span.start_ms,
        uncertainty_ms=UNCERTAINTY_MS,
        confidence=round(CONFIDENCE_PER_SIGN * len(signs), 3),
        detail=" ".join(signs),
    )


def _fainter_db(dialogue: Dialogue, later: Sequence[Stretch]) -> float:
    """How much fainter the party speaks than over the whole call."""
    usual_dbfs = typical_level_dbfs(dialogue.stretches, later[0].party)
    now_dbfs = typical_level_dbfs(later, later[0].party)
    return 0.0 if usual_dbfs is None or now_dbfs is None else usual_dbfs - now_dbfs
