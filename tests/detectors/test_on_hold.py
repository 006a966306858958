from __future__ import annotations

import pytest

from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, ContextEvidence, Finding, OnHoldEvidence, Phase, Severity
from callaudit.domain.hangups import EndShape, PassedOver, PassedOverReason
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import TimeSpan
from tests.builders import make_analysis, make_call, make_hangup, make_utterance
from tests.detectors.fakes import findings_of

A, C, U = Party.AGENT, Party.CUSTOMER, Party.UNKNOWN
HOLD = Hold(TimeSpan(10_000, 30_000), HoldSource.RECORD_HOLD, 1000)


def consulting(start_ms: int, end_ms: int, party: Party = A) -> PassedOver:
    return PassedOver(span=TimeSpan(start_ms, end_ms), party=party, quote="", reason=PassedOverReason.ON_HOLD)


def on_hold(text: str, start_ms: int = 15_000, party: Party = A, **changes: object) -> CallAnalysis:
    said = make_utterance(text, party, start_ms, start_ms + 3000)
    defaults = {"holds": (HOLD,), "passed_over": (consulting(start_ms, start_ms + 3000, party),)}
    return make_analysis([said], **{**defaults, **changes})


def by_category(analysis: CallAnalysis) -> dict[Category, Finding]:
    return {finding.category: finding for finding in findings_of(analysis)}


def facts(finding: Finding) -> set[str]:
    return {item.fact for item in finding.evidence if isinstance(item, ContextEvidence)}


def test_rude_words_are_graver_and_a_finding_of_their_own() -> None:
    found = by_category(on_hold("这人就是个神经病"))
    assert set(found) == {Category.INSULT, Category.ON_HOLD}
    assert {finding.phase for finding in found.values()} == {Phase.ON_HOLD}
    assert found[Category.INSULT].severity is found[Category.ON_HOLD].severity is Severity.CRITICAL
    assert facts(found[Category.INSULT]) == {"on_hold"}
    (witness,) = (item for item in found[Category.ON_HOLD].evidence if isinstance(item, OnHoldEvidence))
    assert (witness.hold, witness.speech_ms, witness.shape) == (HOLD, 3000, EndShape.ON_HOLD)


def test_the_explanation_does_not_outlive_the_rudeness() -> None:
    analysis = on_hold("这人就是个神经病")
    assert analysis.refuted_by(findings_of(analysis)).passed_over == ()


def test_sober_words_are_none() -> None:
    analysis = on_hold("退费走哪个口子")
    assert findings_of(analysis) == ()
    assert analysis.refuted_by(()).passed_over == analysis.passed_over


def test_contempt_without_a_rude_word_is_minor() -> None:
    (finding,) = findings_of(on_hold("哈哈哈这老头说的什么", passed_over=()))
    assert (finding.category, finding.severity) == (Category.ON_HOLD, Severity.MINOR)


@pytest.mark.parametrize("party", [C, Party.SYSTEM])
def test_what_others_say_is_none(party: Party) -> None:
    assert findings_of(on_hold("你们就是神经病", party=party, passed_over=())) == ()


@pytest.mark.parametrize(
    ("start_ms", "phase"),
    [
        (6000, Phase.BEFORE_HANGUP),
        (8800, Phase.BEFORE_HANGUP),
        (9600, Phase.ON_HOLD),
        (27_400, Phase.ON_HOLD),
        (27_600, Phase.BEFORE_HANGUP),
        (31_000, Phase.BEFORE_HANGUP),
    ],
)
def test_what_the_customer_may_have_heard_is_before_the_hangup(start_ms: int, phase: Phase) -> None:
    found = by_category(on_hold("你就是个神经病", start_ms, passed_over=()))
    assert found[Category.INSULT].phase is phase
    assert (Category.ON_HOLD in found) == (phase is Phase.ON_HOLD)


def test_after_the_hangup_a_hold_does_not_count() -> None:
    found = by_category(on_hold("这人就是个神经病", hangup=make_hangup(12_000), passed_over=()))
    assert set(found) == {Category.INSULT, Category.POST_HANGUP}
    assert {finding.phase for finding in found.values()} == {Phase.AFTER_HANGUP}


def test_a_mixed_recording_blames_nobody_by_guessing() -> None:
    found = by_category(on_hold("这人就是个神经病", party=U, call=make_call(mixed=True), passed_over=()))
    assert {finding.party for finding in found.values()} == {U}
    assert all("party_unknown" in facts(finding) for finding in found.values())


def test_a_harmless_talk_beside_a_rude_one_stays_explained() -> None:
    said = [
        make_utterance("这人就是个神经病", A, 12_000, 14_000),
        make_utterance("退费走哪个口子", A, 24_000, 26_000, index=1),
    ]
    explained = (consulting(12_000, 14_000), consulting(24_000, 26_000))
    analysis = make_analysis(said, holds=(HOLD,), passed_over=explained)
    findings = findings_of(analysis)
    assert [one.span.start_ms for one in findings if one.category is Category.ON_HOLD] == [12_000]
    assert analysis.refuted_by(findings).passed_over == (explained[1],)


def test_the_explanation_of_one_talk_is_none_of_anothers_at_the_same_time() -> None:
    said = [
        make_utterance("退费走哪个口子", U, 12_000, 18_000),
        make_utterance("哈哈哈这老头说的什么", A, 14_000, 16_000, index=1),
    ]
    explained = (consulting(12_000, 18_000, U),)
    analysis = make_analysis(said, call=make_call(mixed=True), holds=(HOLD,), passed_over=explained)
    (finding,) = findings_of(analysis)
    assert (finding.category, finding.party) == (Category.ON_HOLD, A)
    assert analysis.refuted_by([finding]).passed_over == explained


def test_music_is_less_sure_than_the_record() -> None:
    heard = Hold(HOLD.span, HoldSource.MUSIC, 1000)
    told = by_category(on_hold("这人就是个神经病"))[Category.ON_HOLD]
    assert by_category(on_hold("这人就是个神经病", holds=(heard,)))[Category.ON_HOLD].confidence < told.confidence
