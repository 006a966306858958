"""Claims about a call, each with the evidence a reviewer needs to defend it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.hangups import EndShape, HangupSource
from callaudit.domain.holds import Hold
from callaudit.domain.spans import CharSpan, TimeSpan


class Category(StrEnum):
    """What kind of offence: seven of speech, three of timing."""

    INSULT = "insult"
    """辱骂."""
    MOCKERY = "mockery"
    """嘲讽."""
    SHIRKING = "shirking"
    """推诿."""
    IMPATIENCE = "impatience"
    """不耐烦."""
    REPROACH = "reproach"
    """质问."""
    THREAT = "threat"
    """威胁斗气."""
    COLDNESS = "coldness"
    """生冷硬."""
    POST_HANGUP = "post_hangup"
    """挂机后讲话: speech that goes on after the call should have been hung up."""
    ON_HOLD = "on_hold"
    """保持中讲话: contempt while the customer is on hold or the microphone muted."""
    LATE_HANGUP = "late_hangup"
    """非正常挂机: nobody hangs up for long after the conversation is over."""


TALK_CATEGORIES = (Category.POST_HANGUP, Category.ON_HOLD)
"""What is said is an offence because of when it is said."""
TIMING_CATEGORIES = (*TALK_CATEGORIES, Category.LATE_HANGUP)
SPEECH_CATEGORIES = tuple(category for category in Category if category not in TIMING_CATEGORIES)
OPTIONAL_CATEGORIES = (Category.LATE_HANGUP,)
"""Looked for only where the settings ask for it."""


class Severity(StrEnum):
    """一般, 严重, 致命."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for minor up to 2 for critical."""
        return list(Severity).index(self)

    def raised(self) -> Severity:
        """One step graver, critical at most."""
        return list(Severity)[min(self.rank + 1, 2)]


class Phase(StrEnum):
    """Which side of the hang-up, or out of the customer's hearing before it."""

    BEFORE_HANGUP = "before_hangup"
    AFTER_HANGUP = "after_hangup"
    ON_HOLD = "on_hold"
    """The customer is on hold, or the microphone muted (保持或静音中)."""

    @property
    def is_out_of_hearing(self) -> bool:
        """Whether whoever speaks believes that the customer does not hear it."""
        return self is not Phase.BEFORE_HANGUP


class MatchPath(StrEnum):
    """How a phrase was found."""

    EXACT = "exact"
    """The characters agree, after folding."""
    SOUND = "sound"
    """The syllables agree: the engine may have written another character of the same sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconEvidence:
    """A forbidden phrase was said."""

    entry_id: str
    phrase: str
    """The entry as the lexicon writes it."""
    matched: str
    """The raw text that matched."""
    chars: CharSpan
    """Where in the raw utterance."""
    lexicon: str
    """Lexicon version."""
    path: MatchPath = MatchPath.EXACT
    kind: str = "lexicon"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierEvidence:
    """The trained classifier scored the utterance at or over its threshold."""

    model: str
    """Model name and version."""
    label: Category
    score: float
    """0 to 1."""
    threshold: float
    features: tuple[tuple[str, float], ...]
    """Character n-grams that weighed most for the label, with their weight."""
    kind: str = "classifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHangupEvidence:
    """The speech lies after the hang-up."""

    hangup_at_ms: int
    uncertainty_ms: int
    delay_ms: int
    """From the hang-up to the first word of this finding."""
    speech_ms: int
    """How much speech the finding covers."""
    sources: tuple[HangupSource, ...]
    """What the hang-up rests on."""
    shape: EndShape | None = None
    """What the end of the call looks like."""
    kind: str = "post_hangup"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLineEvidence:
    """The line stayed open although the conversation was over."""

    over_at_ms: int
    """End of the closing exchange, or of the last word to or from the customer after it."""
    open_ms: int
    """From there until somebody disconnected, or the recording ended."""
    limit_ms: int
    uncertainty_ms: int
    """`open_ms` is right within plus or minus this."""
    ended_by: HangupSource | None = None
    """What tells the disconnect; None where the line was open to the end of the recording."""
    kind: str = "open_line"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHoldEvidence:
    """The customer does not hear the speech: on hold, or the microphone is muted."""

    hold: Hold
    speech_ms: int
    """How much speech the finding covers."""
    shape: EndShape = EndShape.ON_HOLD
    kind: str = "on_hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEvidence:
    """A circumstance that weighs for or against the finding."""

    fact: str
    """A key the reports put into words: `after_hangup`, `on_hold`, `apology_nearby`, `low_recognition_confidence`, …"""
    weight: float
    """What it added to the confidence; negative where it counts against."""
    kind: str = "context"


Evidence = (
    LexiconEvidence | ClassifierEvidence | PostHangupEvidence | OnHoldEvidence | OpenLineEvidence | ContextEvidence
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One offence, as it is read out to the agent it concerns."""

    finding_id: str
    detector: str
    category: Category
    severity: Severity
    confidence: float
    """0 to 1."""
    party: Party
    party_basis: PartyBasis
    span: TimeSpan
    phase: Phase
    quote: str
    utterances: tuple[int, ...]
    """Indexes into the transcript."""
    chars: CharSpan | None = None
    """Where the quote stands in its utterance; None where it spans several."""
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence {self.confidence} is not within 0..1")
        if not self.evidence:
            raise ValueError("a finding rests on evidence")


def gravest(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity among findings; None where there are none."""
    return max((finding.severity for finding in findings), key=lambda severity: severity.rank, default=None)


def finding_id(recording_sha256: str, detector: str, category: Category, span: TimeSpan) -> str:
    """Digest that names the same offence on every run, 16 hexadecimal digits."""
    key = f"{recording_sha256}|{detector}|{category.value}|{span.start_ms}|{span.end_ms}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]
