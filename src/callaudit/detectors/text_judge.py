"""Judging text without audio: what the scan would say of an utterance, with the same engines and the same evidence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from callaudit.detectors.fusion import fuse
from callaudit.detectors.gravity import gravity
from callaudit.detectors.portions import portions
from callaudit.detectors.protocols import PhraseMatcher, RudenessClassifier
from callaudit.detectors.rude_speech import RudeSpeechDetector
from callaudit.domain.analysis import Acoustics, CallAnalysis
from callaudit.domain.calls import JUDGED_PARTIES, Call, Party, PartyBasis, Recording
from callaudit.domain.findings import Category, Evidence, Finding, LexiconEvidence, Phase, Severity, gravest
from callaudit.domain.hangups import Hangup, HangupEvidence, HangupSource
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.transcripts import Transcript, Utterance

MS_PER_CHAR = 200
"""Mandarin is spoken at about five syllables a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVerdict:
    """What was found in one utterance."""

    text: str
    party: Party
    phase: Phase
    findings: tuple[Finding, ...]
    """By place. Times are made up; what counts is `chars`."""
    score: float
    """0 to 1, how rude the words are: to rank utterances by and to try thresholds on. It flags nothing."""

    @property
    def flagged(self) -> bool:
        """Whether there is a finding."""
        return bool(self.findings)

    @property
    def severity(self) -> Severity | None:
        """The gravest; None where nothing was found."""
        return gravest(self.findings)

    @property
    def category(self) -> Category | None:
        """That of the gravest finding; None where nothing was found."""
        return max(self.findings, key=gravity).category if self.findings else None

    @property
    def entries(self) -> frozenset[str]:
        """Ids of the lexicon entries that are among the evidence."""
        evidence = (item for finding in self.findings for item in finding.evidence)
        return frozenset(item.entry_id for item in evidence if isinstance(item, LexiconEvidence))

    @property
    def confidence(self) -> float:
        """That of the surest finding, 0 to 1; 0 where nothing was found."""
        return max((finding.confidence for finding in self.findings), default=0.0)


class TextJudge:
    """Judges one utterance at a time, each by itself, with the detector of the scan.

    What customers and machines say is never flagged and scores 0. Where nobody knows who speaks, words are judged with
    less confidence.
    """

    def __init__(self, matcher: PhraseMatcher, classifier: RudenessClassifier) -> None:
        """Wire the detector of words.

        Args:
            matcher: finds lexicon entries.
            classifier: scores rudeness.
        """
        self._matcher = matcher
        self._words = RudeSpeechDetector(matcher, classifier)

    def judge(self, text: str, party: Party = Party.AGENT, phase: Phase = Phase.BEFORE_HANGUP) -> TextVerdict:
        """Judge an utterance.

        Args:
            text: raw text of any length; longer ones than anybody says in one breath are judged in portions.
            party: who says it.
            phase: on which side of the hang-up, or on hold. That somebody speaks then is no finding here: the words
                are judged.
        """
        findings: list[Finding] = []
        score = 0.0
        if party in JUDGED_PARTIES and text.strip():
            for portion in portions(text, self._matcher):
                analysis = _analysis(portion.cut(text), portion.start, party, phase)
                judged = self._words.judge_all(analysis)
                found = fuse(analysis, self._words.findings(judged, analysis))
                findings += (_moved(finding, portion.start) for finding in found)
                score = max([score, *(breath.score.rude for breath in judged)])
        return TextVerdict(text=text, party=party, phase=phase, findings=tuple(findings), score=score)


def _analysis(text: str, at: int, party: Party, phase: Phase) -> CallAnalysis:
    """A call in which nothing else was said; after the hang-up, or on hold, that is where it begins."""
    span = TimeSpan(at * MS_PER_CHAR, (at + len(text)) * MS_PER_CHAR)
    basis = PartyBasis.MIXED if party is Party.UNKNOWN else PartyBasis.SETTING
    said = Utterance(index=0, channel=0, party=party, party_basis=basis, span=span, text=text)
    recording = Recording(
        sha256=hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(),
        path=Path(),
        container="text",
        codec="text",
        sample_rate_hz=0,
        channels=1,
        duration_ms=span.end_ms,
        size_bytes=0,
    )
    told = HangupEvidence(source=HangupSource.CALL_RECORD, at_ms=0, uncertainty_ms=0, confidence=1.0)
    hangup = Hangup(at_ms=0, uncertainty_ms=0, confidence=1.0, by=None, evidence=(told,))
    return CallAnalysis(
        call=Call(call_id="text", recording=recording, channel_parties=(party,), party_basis=basis),
        acoustics=Acoustics(duration_ms=span.end_ms, regions=(), tones=(), peaks=()),
        transcript=Transcript(utterances=(said,), dropped=(), engine="text"),
        closing=None,
        hangup=hangup if phase is Phase.AFTER_HANGUP else None,
        passed_over=(),
        holds=(Hold(span, HoldSource.RECORD_HOLD, 0),) if phase is Phase.ON_HOLD else (),
    )


def _moved(finding: Finding, by: int) -> Finding:
    """The same finding in a text that has `by` more code points before it."""
    if not by or finding.chars is None:
        return finding
    return replace(
        finding,
        chars=_shifted(finding.chars, by),
        evidence=tuple(_evidence_moved(item, by) for item in finding.evidence),
    )


def _evidence_moved(item: Evidence, by: int) -> Evidence:
    return replace(item, chars=_shifted(item.chars, by)) if isinstance(item, LexiconEvidence) else item


def _shifted(chars: CharSpan, by: int) -> CharSpan:
    return CharSpan(chars.start + by, chars.end + by)
