"""Lexicon matches as the classifier counts them, in training and in use alike."""

from __future__ import annotations

from collections.abc import Sequence

from callaudit.classifier.cues import Cues
from callaudit.domain.findings import MatchPath
from callaudit.lexicon.matcher import LexiconMatch

MOST_WEAK = 2


def cues_of(matches: Sequence[LexiconMatch]) -> Cues:
    """What these matches say of the stretch they were found in."""
    alone = [match for match in matches if match.entry.alone]
    earnest = [match.path for match in alone if not match.doubts]
    exact = MatchPath.EXACT in earnest
    return Cues(
        exact=int(exact),
        sound=int(bool(earnest) and not exact),
        weak=min(MOST_WEAK, sum(not match.entry.alone and not match.doubts for match in matches)),
        doubtful=int(bool(alone) and not earnest),
    )
