"""The optional rule 非正常挂机: when a line counts as open too long, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from callaudit.detectors import FusedDetector, make_detectors
from callaudit.detectors.late_hangup import LateHangupDetector
from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Finding, OpenLineEvidence, Severity
from callaudit.domain.hangups import HangupSource, PassedOver, PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.settings import HangupSettings
from tests.detectors.fakes import FakeClassifier, FakeMatcher
from tests.hangup.dialogues import GOODBYES, MIDDLE, A, C, S, U, analyse, busy, dialogue, record

FIVE = HangupSettings(open_line_s=5)
POLITE = dialogue(*MIDDLE, *GOODBYES)
OVER_MS = POLITE[-1].span.end_ms
"""End of the closing exchange."""


def late(analysis: CallAnalysis, settings: HangupSettings = FIVE) -> tuple[Finding, ...]:
    return LateHangupDetector(settings).detect(analysis)


def witness(finding: Finding) -> OpenLineEvidence:
    (evidence,) = finding.evidence
    assert isinstance(evidence, OpenLineEvidence)
    return evidence


def test_it_is_off_by_default() -> None:
    assert late(analyse(POLITE, drop_ms=60_000), HangupSettings()) == ()


@pytest.mark.parametrize(("drop_ms", "flagged"), [(4_000, False), (5_000, False), (5_001, True), (60_000, True)])
def test_a_line_open_for_longer_than_the_limit_is_a_minor_finding_of_the_agent(drop_ms: int, flagged: bool) -> None:
    found = late(analyse(POLITE, drop_ms=drop_ms))
    assert len(found) == flagged
    for finding in found:
        assert (finding.category, finding.severity) == (Category.LATE_HANGUP, Severity.MINOR)
        assert (finding.party, finding.quote, finding.utterances) == (A, "", ())
        assert finding.span == TimeSpan(OVER_MS, OVER_MS + drop_ms)
        assert witness(finding) == OpenLineEvidence(
            over_at_ms=OVER_MS, open_ms=drop_ms, limit_ms=5000, uncertainty_ms=300
        )


def test_the_limit_is_the_settings() -> None:
    analysis = analyse(POLITE, drop_ms=8_000)
    assert late(analysis, HangupSettings(open_line_s=10)) == ()
    assert witness(late(analysis, HangupSettings(open_line_s=7.5))[0]).limit_ms == 7500


@pytest.mark.parametrize("remark", ["这种人真烦总算打发走了", "市民反映路灯损坏派住建局三个工作日办结", "好累啊"])
def test_what_the_agent_says_to_others_does_not_reset_the_time(remark: str) -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (A, remark), pause_ms={-1: 4000})
    (finding,) = late(analyse(said, drop_ms=1_000))
    assert finding.span == TimeSpan(OVER_MS, said[-1].span.end_ms + 1_000)


@pytest.mark.parametrize(("left_after_ms", "flagged"), [(2_000, False), (8_000, True)])
def test_the_time_ends_when_the_customer_hangs_up(left_after_ms: int, flagged: bool) -> None:
    hung_up_ms = OVER_MS + left_after_ms
    found = late(analyse(POLITE, drop_ms=60_000, record=record(customer_hangup_at=hung_up_ms)))
    assert len(found) == flagged
    for finding in found:
        assert finding.span.end_ms == hung_up_ms
        assert witness(finding).ended_by is HangupSource.CALL_RECORD
        assert witness(finding).uncertainty_ms == 1300


def test_the_time_ends_with_the_tone_that_says_the_customer_has_gone() -> None:
    tone = busy(OVER_MS + 1_000, OVER_MS + 40_000, cycles=50)
    assert late(analyse(POLITE, drop_ms=60_000, tones=(tone,))) == ()


def test_the_time_ends_with_a_late_tone_though_the_conversation_was_over_before() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (A, "这种人真烦总算打发走了"), pause_ms={-1: 2000})
    tone = busy(OVER_MS + 20_000, OVER_MS + 30_000, cycles=14)
    (finding,) = late(analyse(said, duration_ms=OVER_MS + 31_000, tones=(tone,)))
    assert witness(finding).ended_by is HangupSource.TONE
    assert finding.span.end_ms == pytest.approx(OVER_MS + 20_000, abs=1500)


@pytest.mark.parametrize("words", ["喂宝宝别闹了", "把电视关小一点"])
def test_a_customer_who_talks_on_the_open_line_resets_the_time(words: str) -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (C, words), pause_ms={-1: 4000})
    assert late(analyse(said, drop_ms=4_000)) == ()
    assert len(late(analyse(said, drop_ms=9_000))) == 1


def innocent_tails() -> list[Any]:
    survey = [(S, "请对本次服务进行评价"), (S, "非常满意请按1"), (S, "谢谢您的评价")]
    spoken_survey = [(A, "请对本次服务进行评价"), (A, "非常满意请按1不满意请按3"), (A, "谢谢您的评价")]
    silent = [(A, "您好请问有什么可以帮您"), (A, "喂您好听得到吗"), (A, "很抱歉听不到您的声音感谢来电再见")]
    return [
        pytest.param(dialogue(*MIDDLE, *GOODBYES, *survey, pause_ms={-1: 6000}), id="survey"),
        pytest.param(dialogue(*MIDDLE, *GOODBYES, *spoken_survey, pause_ms={-3: 7000}), id="survey heard as agent"),
        pytest.param(dialogue(*silent, pause_ms={1: 6000, 2: 6000}), id="silent caller"),
        pytest.param(dialogue(*MIDDLE), id="no closing exchange"),
        pytest.param(dialogue(*MIDDLE, (C, "那就算了吧")), id="cut off"),
        pytest.param((), id="nothing said"),
    ]


@pytest.mark.parametrize("said", innocent_tails())
def test_nobody_is_late_where_another_has_the_line_or_no_goodbye_was_said(said: Any) -> None:
    assert late(analyse(said, drop_ms=30_000)) == ()


def test_a_survey_that_the_record_tells_of_is_no_open_line() -> None:
    survey = record(survey_start_at=OVER_MS + 7_000, ended_at=OVER_MS + 30_000)
    assert late(analyse(POLITE, drop_ms=30_000, record=survey)) == ()


@pytest.mark.parametrize("reason", [PassedOverReason.NEXT_CALL, PassedOverReason.ON_HOLD])
def test_a_call_that_was_handed_on_is_no_open_line(reason: PassedOverReason) -> None:
    analysis = analyse(POLITE, drop_ms=30_000)
    item = PassedOver(span=TimeSpan(OVER_MS + 9_000, OVER_MS + 12_000), party=A, quote="", reason=reason)
    assert len(late(analysis)) == 1
    assert late(replace(analysis, passed_over=(*analysis.passed_over, item))) == ()


def test_more_dialogue_after_a_goodbye_is_no_open_line() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (C, "哎等一下我再问一个事"), (A, "您请说"), *GOODBYES, pause_ms={7: 6000})
    assert late(analyse(said, drop_ms=1_000)) == ()


def test_on_a_mixed_recording_nobody_is_named() -> None:
    said = dialogue(*((U, text) for _, text, *_ in (*MIDDLE, *GOODBYES)), mixed=True)
    (finding,) = late(analyse(said, drop_ms=20_000, mixed=True))
    assert finding.party is Party.UNKNOWN


class TestTogether:
    """Beside the other detectors."""

    detector = FusedDetector(make_detectors(FakeMatcher(), FakeClassifier(), FIVE))

    def test_rude_words_and_an_open_line_make_one_another_no_graver(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, (A, "真是个神经病这个人真烦"), pause_ms={-1: 3000})
        found = {one.category: one for one in self.detector.detect(analyse(said, drop_ms=9_000))}
        assert found.keys() >= {Category.INSULT, Category.POST_HANGUP, Category.LATE_HANGUP}
        assert found[Category.LATE_HANGUP].severity is Severity.MINOR
        without = FusedDetector(make_detectors(FakeMatcher(), FakeClassifier()))
        rest = {one.category: one for one in without.detect(analyse(said, drop_ms=9_000))}
        assert rest == {kind: one for kind, one in found.items() if kind is not Category.LATE_HANGUP}

    def test_rude_words_raise_none_on_a_line_that_drops_at_once(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, (A, "真是个神经病"), pause_ms={-1: 1500})
        analysis = analyse(said, drop_ms=500)
        assert Category.LATE_HANGUP not in {one.category for one in self.detector.detect(analysis)}

    def test_an_open_line_refutes_no_explanation_of_harmless_words(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, (A, "好累啊"), pause_ms={-1: 3000})
        analysis = analyse(said, drop_ms=20_000)
        found = self.detector.detect(analysis)
        assert [one.category for one in found] == [Category.LATE_HANGUP]
        assert PassedOverReason.CHAT in {item.reason for item in analysis.refuted_by(found).passed_over}
