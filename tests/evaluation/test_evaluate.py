from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from callaudit.domain.analysis import FailedCall, JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Finding
from callaudit.evaluation.report import side_by_side_rows, table_rows
from callaudit.evaluation.score import Evaluation, evaluate
from callaudit.evaluation.truth import TrueHangup, Truth
from tests.builders import (
    make_analysis,
    make_call,
    make_finding,
    make_hangup,
    make_judged,
    make_recording,
    make_utterance,
)
from tests.evaluation.builders import committed, said

ONE, TWO, BROKEN = Path("calls/one.wav"), Path("calls/two.wav"), Path("calls/broken.wav")


def judged(path: Path, text: str = "不要脸", findings: tuple[Finding, ...] = (), **changes: Any) -> JudgedCall:
    words = (make_utterance(text, start_ms=12_000),)
    call = make_call(recording=make_recording(path=path))
    return make_judged(words, findings=findings, analysis=make_analysis(words, **{"call": call, **changes}))


def failed(path: Path, code: str = "audio.corrupt") -> FailedCall:
    return FailedCall(path=path, call_id=path.stem, code=code, message="m", hint="h", stage="decode")


def flawed() -> Evaluation:
    truths = {
        ONE: Truth(
            utterances=(said("不要脸", 12_000),),
            hangup=TrueHangup(10_000, "customer", "busy_tone"),
            findings=(committed(),),
        ),
        TWO: Truth(utterances=(said("您好", 12_000),)),
        BROKEN: Truth(error="audio."),
    }
    outcomes = [
        judged(ONE, "不要练", hangup=make_hangup(10_600)),
        judged(TWO, "您好", hangup=make_hangup(2_000), findings=(make_finding(),)),
        failed(BROKEN),
    ]
    return evaluate(outcomes, truths)


def test_counts_are_summed_over_calls() -> None:
    evaluation = flawed()
    assert evaluation.cer["agent"].errors == 1
    assert evaluation.cer["agent"].characters == 5
    assert evaluation.hangup_errors_ms == (600,)
    insult = evaluation.all_findings
    assert (insult.true, insult.found, insult.reported, insult.right) == (1, 0, 1, 0)
    assert evaluation.failed_as_expected == (BROKEN,)


def test_the_dictionary_is_json_with_every_measure() -> None:
    data = json.loads(json.dumps(flawed().to_dict()))
    assert data["schema"] == "callaudit.evaluation/1"
    assert "Arabic numerals" in data["cer_normalisation"]
    assert data["cer"]["all"] == {"rate": 0.2, "errors": 1, "characters": 5}
    assert data["hangup"] == {
        "found": 1,
        "missed": 0,
        "elsewhere": 0,
        "false": 1,
        "none": 0,
        "within_500_ms": 0,
        "median_error_ms": 600,
        "p95_error_ms": 600,
        "max_error_ms": 600,
    }
    assert data["findings"]["insult"]["precision"] == 0.0
    one, two = data["calls"]
    assert one["missed"][0]["quote"] == "不要脸"
    assert two["false"][0]["category"] == "insult"


def test_the_table_names_every_mistake() -> None:
    rows = table_rows(flawed())
    assert all(len(row) == 3 for row in rows)
    measures = [row[0] for row in rows]
    for expected in ("character error rate, agent", "hang-ups found", "findings, insult", "false", "missed"):
        assert expected in measures
    assert ("false hang-up", "two.wav", "") in rows
    assert ("failed as it should", "broken.wav", "") in rows


def test_a_perfect_run_lists_no_mistakes() -> None:
    truth = Truth(utterances=(said("不要脸", 12_000),), findings=(committed(),))
    evaluation = evaluate([judged(ONE, findings=(make_finding(),))], {ONE: truth})
    assert evaluation.cer["all"].rate == 0.0
    assert {row[0] for row in table_rows(evaluation)} == {
        "character error rate, agent",
        "character error rate, all",
        "hang-ups found",
        "findings, insult",
        "findings, all",
        "findings, rude, any category",
        "innocent calls flagged",
    }


def test_a_call_that_failed_without_reason_or_with_another_code_is_listed() -> None:
    evaluation = evaluate([failed(ONE), failed(BROKEN, "speech.engine")], {ONE: Truth(), BROKEN: Truth(error="audio.")})
    assert evaluation.failed == ((BROKEN, "speech.engine"), (ONE, "audio.corrupt"))
    assert evaluation.failed_as_expected == ()


def test_a_call_that_should_have_failed_is_listed() -> None:
    assert evaluate([judged(BROKEN)], {BROKEN: Truth(error="audio.")}).not_failed == (BROKEN,)


def test_truth_without_outcome_is_listed_and_outcomes_without_truth_are_left_out() -> None:
    evaluation = evaluate([judged(ONE)], {TWO: Truth()})
    assert evaluation.not_scanned == (TWO,)
    assert evaluation.calls == ()


def test_paths_are_the_same_however_they_are_written() -> None:
    evaluation = evaluate([judged(Path("calls/../calls/one.wav"))], {ONE.absolute(): Truth()})
    assert len(evaluation.calls) == 1


def test_a_call_that_was_treated_as_mixed_is_compared_as_one_stream() -> None:
    outcome = judged(ONE, "您好你好", call=make_call(mixed=True, recording=make_recording(path=ONE, channels=1)))
    truth = Truth(utterances=(said("您好", 12_000), said("你好", 12_400, Party.CUSTOMER)))
    assert evaluate([outcome], {ONE: truth}).cer["mixed"].errors == 0


def test_results_of_categories_that_the_truth_leaves_open_are_not_counted() -> None:
    open_truth = Truth(utterances=(said("不要脸", 12_000),), categories=(Category.POST_HANGUP,))
    evaluation = evaluate([judged(ONE, findings=(make_finding(),))], {ONE: open_truth})
    assert evaluation.categories == {}


def test_misplaced_hangups_count_as_missed_and_false_and_not_for_the_error() -> None:
    truth = Truth(hangup=TrueHangup(10_000, "customer", "busy_tone"))
    evaluation = evaluate([judged(ONE, hangup=make_hangup(20_000))], {ONE: truth})
    rates = evaluation.endings
    assert (rates.hangups, rates.found, rates.false, rates.median_ms) == (1, 0, 1, None)
    assert evaluation.hangup_errors_ms == ()
    assert ("misplaced hang-up", "one.wav", "busy_tone") in table_rows(evaluation)


def test_ends_of_calls_are_given_group_by_group() -> None:
    data = flawed().to_dict()["endings"]
    assert data["all"]["hangups"] == 1
    assert data["by"]["evidence"].keys() == {"busy_tone"}
    assert data["by"]["recording"]["stereo"]["calls"] == 2


def test_two_evaluations_stand_side_by_side() -> None:
    truth = Truth(utterances=(said("不要脸", 12_000),), findings=(committed(),))
    good = evaluate([judged(ONE, findings=(make_finding(),))], {ONE: truth})
    bad = evaluate([judged(ONE)], {ONE: truth})
    rows = {measure: cells for measure, *cells in side_by_side_rows({"oracle": good, "engine": bad})}
    assert rows["findings, insult"] == [
        "precision 100.0%, recall 100.0% (1 of 1 right, 1 of 1 found)",
        "precision –, recall 0.0% (0 of 0 right, 0 of 1 found)",
    ]
    assert rows["missed: one.wav insult 12.0–13.0 s"] == ["–", "不要脸"]
