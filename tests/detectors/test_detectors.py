from __future__ import annotations

from dataclasses import replace

import pytest

from callaudit.detectors import FusedDetector, make_detectors
from callaudit.domain.calls import Party
from callaudit.domain.findings import (
    Category,
    ClassifierEvidence,
    ContextEvidence,
    Finding,
    LexiconEvidence,
    MatchPath,
    Phase,
    PostHangupEvidence,
    Severity,
)
from callaudit.lexicon.entries import Role, When
from tests.builders import make_analysis, make_call, make_dialogue, make_hangup, make_utterance
from tests.detectors.fakes import CLASSIFIER, FakeClassifier, FakeMatcher, FakeScore, findings_of, make_entry
from tests.hangup.dialogues import GOODBYES, MIDDLE, analyse, dialogue

A, C, U, S = Party.AGENT, Party.CUSTOMER, Party.UNKNOWN, Party.SYSTEM


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


def facts(finding: Finding) -> set[str]:
    return {item.fact for item in finding.evidence if isinstance(item, ContextEvidence)}


LUNCH = ((A, "一会儿咱们几个去吃面吧"), (A, "把楼上的小李也叫上一起"))


class TestRudeWords:
    def test_agent_is_flagged_with_everything_that_shows_it(self) -> None:
        said = make_utterance("你就是个神经病", A, 4000, 5400, index=3)
        finding = only(findings_of(make_analysis([said])))
        assert (finding.category, finding.severity, finding.party) == (Category.INSULT, Severity.MAJOR, A)
        assert (finding.span, finding.quote, finding.utterances) == (said.span, said.text, (3,))
        assert finding.phase is Phase.BEFORE_HANGUP
        assert {type(item) for item in finding.evidence} == {LexiconEvidence, ClassifierEvidence}
        phrase = next(item for item in finding.evidence if isinstance(item, LexiconEvidence))
        assert phrase.chars.cut(said.text) == phrase.matched == "神经病"

    @pytest.mark.parametrize(
        "turns",
        [
            [(C, "你们就是不要脸的神经病"), (A, "非常抱歉给您添麻烦了")],
            [(S, "神经病")],
            [(C, "他骂我神经病"), (A, "您是说他骂您神经病吗")],
            [(A, "这个我不知道"), (A, "没办法")],
            [(A, "我不知道也没办法")],
            [(A, "好的谢谢再见"), (C, "再见")],
            [(A, "")],
            [],
        ],
        ids=["customer", "machine", "quoted", "weak", "two weak", "polite", "no text", "nothing"],
    )
    @pytest.mark.parametrize("hangup", [None, make_hangup(0)])
    def test_innocent_words_are_not(self, turns: list[tuple[Party, str]], hangup: object) -> None:
        analysis = make_analysis(make_dialogue(*turns), hangup=hangup)
        assert [one for one in findings_of(analysis) if one.category is not Category.POST_HANGUP] == []

    def test_classifier_alone_is_enough(self) -> None:
        finding = only(findings_of(make_analysis([make_utterance("这人可真够难缠的")])))
        assert (finding.detector, finding.category, finding.severity) == (
            "rude_speech",
            Category.MOCKERY,
            Severity.MINOR,
        )

    def test_classifier_under_its_threshold_is_not(self) -> None:
        assert findings_of(make_analysis([make_utterance("这个我不知道")])) == ()

    def test_weak_phrases_add_weight_to_what_is_flagged(self) -> None:
        plain = only(findings_of(make_analysis([make_utterance("这人可真够难缠的")])))
        backed = only(findings_of(make_analysis([make_utterance("这难缠的人我不知道")])))
        assert backed.confidence > plain.confidence
        assert any(isinstance(item, LexiconEvidence) for item in backed.evidence)

    def test_a_weak_phrase_is_named_once(self) -> None:
        finding = only(findings_of(make_analysis([make_utterance("神经病我不知道")])))
        weak = [item for item in finding.evidence if isinstance(item, LexiconEvidence) and item.phrase == "不知道"]
        assert len(weak) == 1

    def test_clauses_are_judged_together_and_the_one_that_counts_is_quoted(self) -> None:
        classifier = FakeClassifier({"美甲": FakeScore(0.7), "您继续": FakeScore(0.65)}, together=True)
        said = make_utterance("嗯嗯，您继续，我做美甲呢", A, 0, 6000)
        assert only(findings_of(make_analysis([said]), classifier=classifier)).quote == "我做美甲呢"

    def test_what_is_rude_by_itself_is_not_when_the_rest_explains_it(self) -> None:
        classifier = FakeClassifier({"王八蛋": FakeScore(0.9), "是钉子": FakeScore(0.0)}, explains="是钉子")
        said = make_utterance("哪个王八蛋扎我车胎，不是，是钉子")
        assert findings_of(make_analysis([said]), classifier=classifier) == ()

    @pytest.mark.parametrize(
        ("text", "found"), [("不知道", 0), ("我不知道", 0), ("不知道啊 没办法", 0), ("不知道你自己查", 1)]
    )
    def test_phrases_that_only_add_weight_never_flag_alone(self, text: str, found: int) -> None:
        sure = FakeClassifier({"不知道": FakeScore(0.9)})
        assert len(findings_of(make_analysis([make_utterance(text)]), classifier=sure)) == found

    def test_lexicon_decides_category_and_severity(self) -> None:
        said = make_utterance("你有完没完你试试看")
        finding = only(findings_of(make_analysis([said])))
        assert (finding.category, finding.severity) == (Category.IMPATIENCE, Severity.MINOR)

    def test_gravest_entry_decides(self) -> None:
        finding = only(findings_of(make_analysis([make_utterance("有完没完不要脸神经病")])))
        assert (finding.category, finding.severity) == (Category.INSULT, Severity.CRITICAL)
        assert sum(isinstance(item, LexiconEvidence) for item in finding.evidence) == 3

    def test_clauses_are_separate_offences(self) -> None:
        said = make_utterance("真是不要脸，我去吃饭了，像个神经病", A, 0, 6000)
        first, second = findings_of(make_analysis([said]))
        assert (first.quote, second.quote) == ("真是不要脸", "像个神经病")
        assert first.span.end_ms < second.span.start_ms
        assert second.span.end_ms == said.span.end_ms

    def test_the_characters_of_a_finding_are_those_of_its_quote(self) -> None:
        said = make_utterance("您好，真是不要脸，我去吃饭了，这人难缠", A, 0, 6000)
        findings = findings_of(make_analysis([said]))
        assert [finding.chars and finding.chars.cut(said.text) for finding in findings] == ["真是不要脸", "这人难缠"]
        assert [finding.quote for finding in findings] == ["真是不要脸", "这人难缠"]

    def test_neighbouring_clauses_with_the_same_words_are_two_offences(self) -> None:
        said = make_utterance("神经病，神经病啊", A, 0, 2000)
        assert [finding.quote for finding in findings_of(make_analysis([said]))] == ["神经病", "神经病啊"]

    def test_sound_is_weaker_than_characters(self) -> None:
        said = make_analysis([make_utterance("有完没完")])
        by_path = [only(findings_of(said, FakeMatcher(path=path))).confidence for path in MatchPath]
        assert by_path[0] > by_path[1]

    @pytest.mark.parametrize(
        ("role", "party", "found"),
        [
            (Role.AGENT, A, True),
            (Role.ANY, A, True),
            (Role.CUSTOMER, A, False),
            (Role.AGENT, U, True),
            (Role.CUSTOMER, U, False),
            (Role.ANY, C, False),
        ],
    )
    def test_role_of_the_entry(self, role: Role, party: Party, found: bool) -> None:
        matcher = FakeMatcher((make_entry("吵死了", role=role),))
        analysis = make_analysis([make_utterance("吵死了", party)])
        assert bool(findings_of(analysis, matcher)) is found

    @pytest.mark.parametrize(
        ("when", "start_ms", "found"),
        [
            (When.AFTER_HANGUP, 12_000, True),
            (When.AFTER_HANGUP, 5000, False),
            (When.BEFORE_HANGUP, 12_000, False),
            (When.BEFORE_HANGUP, 5000, True),
            (When.ANY, 5000, True),
        ],
    )
    def test_phase_of_the_entry(self, when: When, start_ms: int, found: bool) -> None:
        matcher = FakeMatcher((make_entry("吵死了", phase=when),))
        analysis = make_analysis([make_utterance("吵死了", A, start_ms)], hangup=make_hangup(10_000))
        assert any(one.category is Category.INSULT for one in findings_of(analysis, matcher)) is found


class TestUnknownParty:
    def test_mixed_recording_never_names_the_agent(self) -> None:
        said = make_utterance("有完没完", U)
        finding = only(findings_of(make_analysis([said], call=make_call(mixed=True))))
        assert finding.party is U
        assert "party_unknown" in facts(finding)

    def test_confidence_is_lower_than_for_a_known_party(self) -> None:
        known, unknown = (only(findings_of(make_analysis([make_utterance("有完没完", party)]))) for party in (A, U))
        assert unknown.confidence < known.confidence


class TestCircumstances:
    @pytest.mark.parametrize(
        ("turns", "fact"),
        [
            ([(A, "有完没完"), (A, "对不起我刚才急了")], "apology_nearby"),
            ([(A, "您有完没完")], "polite_words"),
        ],
    )
    def test_courtesy_lowers_the_confidence(self, turns: list[tuple[Party, str]], fact: str) -> None:
        plain = only(findings_of(make_analysis([make_utterance("有完没完")])))
        finding = only(findings_of(make_analysis(make_dialogue(*turns))))
        assert fact in facts(finding)
        assert finding.confidence < plain.confidence

    def test_the_customers_apology_excuses_nothing(self) -> None:
        said = make_dialogue((C, "对不起我说快了"), (A, "有完没完"))
        assert facts(only(findings_of(make_analysis(said)))) == set()

    def test_a_polite_word_does_not_soften_an_insult(self) -> None:
        assert "polite_words" not in facts(only(findings_of(make_analysis([make_utterance("您真不要脸")]))))

    def test_poor_recognition_lowers_the_confidence(self) -> None:
        said = make_utterance("有完没完", avg_logprob=-1.3)
        assert facts(only(findings_of(make_analysis([said])))) == {"low_recognition_confidence"}


class TestAfterTheHangup:
    SAID = dialogue(*MIDDLE, *GOODBYES, (A, "这种人真不要脸"), (A, "像个神经病一样"), pause_ms={-2: 2000})

    def test_rude_words_are_graver_and_so_is_the_talk(self) -> None:
        findings = findings_of(analyse(self.SAID))
        assert [(one.category, one.severity) for one in findings] == [
            (Category.INSULT, Severity.CRITICAL),
            (Category.POST_HANGUP, Severity.CRITICAL),
            (Category.INSULT, Severity.CRITICAL),
        ]
        assert {one.phase for one in findings} == {Phase.AFTER_HANGUP}

    def test_a_breath_ends_at_the_hangup(self) -> None:
        said = make_utterance("祝您生活愉快，再见，神经病", A, 0, 2400)
        (finding,) = [
            one
            for one in findings_of(make_analysis([said], hangup=make_hangup(1700, uncertainty_ms=0)))
            if one.category is not Category.POST_HANGUP
        ]
        assert (finding.quote, finding.phase) == ("神经病", Phase.AFTER_HANGUP)

    def test_minor_rudeness_becomes_major(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, (A, "这人可真够难缠的"), pause_ms={-1: 2000})
        assert {one.severity for one in findings_of(analyse(said))} == {Severity.MAJOR}

    def test_harmless_talk_is_minor(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, *LUNCH, pause_ms={-2: 2000})
        finding = only(findings_of(analyse(said)))
        assert (finding.category, finding.severity) == (Category.POST_HANGUP, Severity.MINOR)
        witness = next(item for item in finding.evidence if isinstance(item, PostHangupEvidence))
        assert witness.delay_ms == 2000
        assert witness.speech_ms == sum(one.span.duration_ms for one in said[-2:])

    def test_a_long_pause_makes_two_findings(self) -> None:
        said = dialogue(
            *MIDDLE,
            *GOODBYES,
            (A, "一会儿咱们几个去吃面吧"),
            (A, "把楼上的小李也叫上一起"),
            pause_ms={-2: 2000, -1: 4500},
        )
        assert len(findings_of(analyse(said))) == 2

    def test_in_a_mixed_recording_the_party_stays_unknown(self) -> None:
        mixed = tuple(
            replace(one, party=U, channel=0, party_basis=make_call(mixed=True).party_basis) for one in self.SAID
        )
        findings = findings_of(analyse(mixed))
        assert len(findings) == 3
        assert {one.party for one in findings} == {U}

    def test_channels_that_are_alike_count_once(self) -> None:
        basis = make_call(mixed=True).party_basis
        single = [replace(one, party=U, channel=0, party_basis=basis) for one in self.SAID]
        double = [replace(one, channel=channel) for one in single for channel in (0, 1)]
        assert findings_of(analyse(double)) == findings_of(analyse(single))

    def test_customer_after_the_hangup_is_not_flagged(self) -> None:
        analysis = make_analysis([make_utterance("不要脸神经病", C, 12_000)], hangup=make_hangup(10_000))
        assert findings_of(analysis) == ()

    def test_speaking_to_the_customer_lowers_the_confidence(self) -> None:
        analysis = make_analysis([make_utterance("我帮您再催一下", A, 12_000)], hangup=make_hangup(10_000))
        assert facts(only(findings_of(analysis))) == {"addresses_customer"}

    def test_a_polite_sentence_begun_before_an_uncertain_hangup_is_not_flagged(self) -> None:
        said = make_utterance("这边尽快帮您处理", A, 19_100, 22_000)
        assert findings_of(make_analysis([said], hangup=make_hangup(20_000, uncertainty_ms=1000))) == ()

    @pytest.mark.parametrize(("uncertainty_ms", "weighs"), [(300, False), (2000, True)])
    def test_speech_within_the_uncertainty_of_the_hangup_is_less_sure(self, uncertainty_ms: int, weighs: bool) -> None:
        said = make_utterance("叫上小李去吃面", A, 10_400, 12_000)
        finding = only(findings_of(make_analysis([said], hangup=make_hangup(uncertainty_ms=uncertainty_ms))))
        assert ("within_uncertainty" in facts(finding)) is weighs
        assert (finding.confidence < 0.9) is weighs

    def test_rude_words_within_the_uncertainty_are_found_without_the_weight_of_the_hangup(self) -> None:
        said = make_utterance("真不要脸", A, 10_400, 12_000)
        rude = [
            one
            for one in findings_of(make_analysis([said], hangup=make_hangup(uncertainty_ms=2000)))
            if one.category is Category.INSULT
        ]
        assert facts(only(tuple(rude))) == {"within_uncertainty"}

    def test_rude_words_said_while_a_survey_runs_are_still_found(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, (A, "请对本次服务进行评价"), (A, "真不要脸"), (A, "满意请按一"))
        finding = only(findings_of(analyse(said)))
        assert finding.category is Category.INSULT
        assert "in_survey" in facts(finding)

    def test_the_classifier_does_not_judge_a_survey(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, (A, "请对本次服务进行评价"), (A, "难缠"), (A, "满意请按一"))
        assert findings_of(analyse(said)) == ()


def test_findings_are_sorted_and_their_ids_stable_and_distinct() -> None:
    said = make_dialogue((A, "像个神经病"), (C, "什么"), (A, "有完没完"), (A, "真不要脸"))
    first, again = (findings_of(make_analysis(said)) for _ in range(2))
    assert first == again
    assert [one.span for one in first] == sorted(one.span for one in first)
    assert len({one.finding_id for one in first}) == len(first) == 3


def test_fused_detector_names_what_it_is_made_of() -> None:
    detectors = make_detectors(FakeMatcher(), CLASSIFIER)
    fused = FusedDetector(detectors)
    assert fused.name == "rude_speech+post_hangup+on_hold+late_hangup"
    other = FusedDetector(make_detectors(FakeMatcher(), FakeClassifier(threshold=0.7)))
    assert fused.version != other.version
    assert len(fused.detect(make_analysis([make_utterance("神经病")]))) == 1
