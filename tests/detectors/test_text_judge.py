from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from callaudit.classifier.cues import NO_CUES, Cues
from callaudit.detectors import detect_all, make_detectors
from callaudit.detectors.portions import LONGEST
from callaudit.detectors.text_judge import TextJudge, TextVerdict
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, ContextEvidence, LexiconEvidence, Phase, Severity
from tests.builders import make_analysis, make_utterance
from tests.detectors.fakes import CLASSIFIER, FakeClassifier, FakeMatcher, FakeScore

A, C, U, S = Party.AGENT, Party.CUSTOMER, Party.UNKNOWN, Party.SYSTEM
BEFORE, AFTER = Phase.BEFORE_HANGUP, Phase.AFTER_HANGUP


def judge(text: str, party: Party = A, phase: Phase = BEFORE, classifier: FakeClassifier = CLASSIFIER) -> TextVerdict:
    return TextJudge(FakeMatcher(), classifier).judge(text, party, phase)


def test_rude_words_of_the_agent_are_flagged_with_what_shows_it() -> None:
    verdict = judge("你就是个神经病")
    (finding,) = verdict.findings
    assert verdict.flagged
    assert (verdict.severity, verdict.category) == (Severity.MAJOR, Category.INSULT)
    assert verdict.confidence == finding.confidence
    assert verdict.score >= verdict.confidence
    assert finding.chars is not None
    assert finding.chars.cut(verdict.text) == finding.quote


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("神经病", C),
        ("神经病", S),
        ("他骂我神经病", A),
        ("这个我不知道", A),
        ("我不知道也没办法", A),
        ("好的谢谢再见", A),
        ("", A),
        (" \t　", A),
        ("，。！", A),
        ("\ud800", A),
    ],
)
@pytest.mark.parametrize("phase", Phase)
def test_innocent_words_are_not_flagged(text: str, party: Party, phase: Phase) -> None:
    verdict = judge(text, party, phase)
    assert not verdict.flagged
    assert (verdict.severity, verdict.category, verdict.confidence) == (None, None, 0.0)


@pytest.mark.parametrize("party", [C, S])
def test_what_others_say_scores_nothing(party: Party) -> None:
    assert judge("你就是个神经病", party).score == 0


def test_nobody_knows_who_speaks_is_flagged_with_less_confidence() -> None:
    assert 0 < judge("有完没完", U).confidence < judge("有完没完", A).confidence


def test_after_the_hangup_it_is_graver() -> None:
    before, after = judge("有完没完"), judge("有完没完", phase=AFTER)
    assert (before.severity, after.severity) == (Severity.MINOR, Severity.MAJOR)
    assert {finding.phase for finding in after.findings} == {AFTER}
    assert after.confidence > before.confidence


def test_speaking_after_the_hangup_is_no_finding_by_itself() -> None:
    assert judge("一会儿去吃面吧", phase=AFTER).findings == ()


def test_an_apology_in_the_same_breath_counts_against_the_finding() -> None:
    (finding,) = judge("有完没完，对不起我急了").findings
    assert "apology_nearby" in {item.fact for item in finding.evidence if isinstance(item, ContextEvidence)}


def test_what_is_not_flagged_still_has_a_score_to_rank_it_by() -> None:
    worse, better = judge("这个我不知道"), judge("您好请讲")
    assert not worse.flagged
    assert 0 < better.score < worse.score < CLASSIFIER.threshold


def test_the_score_is_the_highest_of_clauses_and_whole() -> None:
    classifier = FakeClassifier({"再等等，别催": FakeScore(0.5), "别催": FakeScore(0.3)})
    assert judge("再等等，别催", classifier=classifier).score == 0.5
    assert judge("好，别催", classifier=classifier).score == 0.3


def test_a_scan_finds_the_same() -> None:
    text = "真是不要脸，我去吃饭了，像个神经病，对不起"
    scanned = detect_all(make_analysis([make_utterance(text)]), make_detectors(FakeMatcher(), CLASSIFIER))
    judged = judge(text).findings
    assert [(one.category, one.severity, one.confidence, one.quote, one.chars, one.evidence) for one in judged] == [
        (one.category, one.severity, one.confidence, one.quote, one.chars, one.evidence) for one in scanned
    ]


@dataclass(frozen=True)
class Remembering(FakeClassifier):
    """Remembers how long its texts were."""

    lengths: list[int] = field(default_factory=list)

    def score(self, text: str, cues: Cues = NO_CUES) -> FakeScore:
        self.lengths.append(len(text))
        return super().score(text, cues)


class TestLongTexts:
    def test_places_are_those_of_the_whole_text(self) -> None:
        text = "您好请讲。" * 400 + "真是不要脸。" + "您好请讲。" * 400 + "有完没完"
        verdict = judge(text)
        assert [finding.quote for finding in verdict.findings] == ["真是不要脸", "有完没完"]
        for finding in verdict.findings:
            assert finding.chars is not None
            assert finding.chars.cut(text) == finding.quote
            for item in finding.evidence:
                assert not isinstance(item, LexiconEvidence) or item.chars.cut(text) == item.matched

    def test_every_finding_has_an_id_of_its_own(self) -> None:
        findings = judge("真是不要脸。" * 500).findings
        assert len(findings) >= 500 // LONGEST
        assert len({finding.finding_id for finding in findings}) == len(findings)

    def test_no_engine_is_given_more_than_an_utterance_at_a_time(self) -> None:
        classifier = Remembering()
        judge("您好请讲我在听呢" * 12_500, classifier=classifier)
        assert max(classifier.lengths) <= LONGEST
        assert sum(classifier.lengths) <= 4 * 100_000

    def test_the_score_is_that_of_the_rudest_portion(self) -> None:
        assert judge("您好请讲。" * 300 + "芝麻" + "您好请讲。" * 300).score == pytest.approx(0.61)
