"""Detection on the sample calls apart from recognition: real decoding, speech and tones, true transcripts."""

from __future__ import annotations

import pytest

from callaudit import assembly
from callaudit.domain.analysis import FailedCall
from callaudit.domain.findings import Category, Phase
from callaudit.errors import CallError
from callaudit.evaluation.oracle import OracleTranscriber
from callaudit.evaluation.score import evaluate
from callaudit.evaluation.truth import read_truths
from callaudit.hangup.timer import read_timer
from callaudit.pipeline import judge, prepare, transcribe
from callaudit.reports.rows import call_row
from callaudit.reports.wording.sentences import timer_sentence
from callaudit.resources import bundled
from callaudit.settings import load_settings

INNOCENT = (
    "clean-stereo",
    "clean-mono",
    "survey-tail",
    "silent-caller",
    "customer-swears",
    "customer-quotes",
    "upmixed",
)
ORIGIN = ("origin-1s", "origin-4s", "origin-10s")


@pytest.fixture(scope="module")
def truths():
    return read_truths(bundled("samples"))


@pytest.fixture(scope="module")
def outcomes(truths):
    settings = load_settings()
    engines = assembly.build_engines(settings, OracleTranscriber(truths))

    def scan(source):
        try:
            prepared = prepare(source, engines)
            return judge(prepared.call, prepared.acoustics, transcribe([prepared], engines)[0], engines)
        except CallError as error:
            return FailedCall(
                path=source.path, call_id="", code=error.code, message=error.message, hint=error.hint, stage="prepare"
            )

    plan = assembly.find_sources([str(bundled("samples"))], settings, bundled("samples", "calls.csv"))
    return {source.path.stem: scan(source) for source in plan.sources}


@pytest.mark.parametrize("stem", ORIGIN)
def test_the_origin_case_is_flagged_whenever_the_line_drops(outcomes, stem):
    after = [finding for finding in outcomes[stem].findings if finding.phase is Phase.AFTER_HANGUP]

    assert {finding.category for finding in after} >= {Category.POST_HANGUP, Category.INSULT, Category.MOCKERY}
    assert any("不要脸" in finding.quote for finding in after)


@pytest.mark.parametrize(
    ("stem", "open_ms", "fires"), [("origin-1s", 1000, False), ("origin-4s", 4000, False), ("origin-10s", 10_000, True)]
)
def test_a_mere_timer_is_silent_on_the_origin_case_or_names_no_words(outcomes, stem, open_ms, fires):
    row = call_row(outcomes[stem])

    assert (row["timer_limit_ms"], row["timer_flags"]) == (5000, fires)
    assert row["timer_quiet_ms"] == pytest.approx(open_ms, abs=100)
    said = timer_sentence(read_timer(outcomes[stem].analysis), "zh")
    assert ("会报挂机过晚，但说不出讲了什么" if fires else "不会报警") in said
    assert said.endswith("计时从挂机后的那句话重新开始")


@pytest.mark.parametrize("stem", INNOCENT)
def test_an_innocent_call_has_no_finding(outcomes, stem):
    assert [finding.quote for finding in outcomes[stem].findings] == []


def test_harmless_chat_after_the_hangup_is_a_minor_finding(outcomes):
    assert [(f.category, f.severity) for f in outcomes["harmless-chat"].findings] == [("post_hangup", "minor")]


def test_one_more_question_after_the_goodbye_is_no_finding(outcomes):
    assert [f for f in outcomes["one-more-question"].findings if f.category is Category.POST_HANGUP] == []


def test_nobody_is_named_on_a_mixed_recording(outcomes):
    parties = {finding.party for finding in outcomes["origin-mixed"].findings}

    assert parties == {"unknown"}


def test_a_corrupt_file_is_one_failed_call(outcomes):
    assert outcomes["corrupt"].code.startswith("audio.")


def test_hangups_are_found_within_half_a_second_and_findings_agree_with_the_truth(outcomes, truths):
    result = evaluate(outcomes.values(), truths)

    assert max(abs(error) for error in result.hangup_errors_ms) < 500
    assert result.all_findings.recall >= 0.9
    assert result.all_findings.precision >= 0.9
