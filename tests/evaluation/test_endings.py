from __future__ import annotations

from typing import Any

from callaudit.evaluation.endings import ENDING_GROUPINGS, EndingScore, grouped, labels_of, summed
from callaudit.evaluation.matching import CategoryScore
from callaudit.evaluation.report import ENDING_HEADINGS, ending_row
from callaudit.evaluation.timing import HangupScore, HangupVerdict
from callaudit.evaluation.truth import TrueHangup, Truth

CLOSING = TrueHangup(10_000, "nobody", "closing")


def score(error_ms: int | None = 0, verdict: HangupVerdict = HangupVerdict.FOUND, **changes: Any) -> EndingScore:
    late = changes.pop("late", CategoryScore())
    return EndingScore(hangup=HangupScore(verdict, error_ms), late_speech=late, labels=changes)


def test_errors_are_those_of_found_hangups_alone_and_without_sign() -> None:
    rates = summed([score(-100), score(200), score(300), score(5_000, HangupVerdict.ELSEWHERE)])
    assert (rates.hangups, rates.found, rates.false) == (4, 3, 1)
    assert (rates.median_ms, rates.p95_ms) == (200, 290)


def test_a_call_without_a_hangup_is_none_to_find() -> None:
    rates = summed([score(None, HangupVerdict.NONE), score(None, HangupVerdict.FALSE)])
    assert (rates.calls, rates.hangups, rates.false, rates.median_ms) == (2, 0, 1, None)


def test_flags_on_innocent_calls_are_counted_by_the_call() -> None:
    guilty = score(late=CategoryScore(true=2, found=2, reported=1, right=1))
    rates = summed([guilty, score(late=CategoryScore(reported=3)), score()])
    assert (rates.innocent, rates.innocent_flagged) == (2, 1)
    assert rates.late_speech == CategoryScore(2, 2, 4, 1)


def test_labels_of_any_name_make_groups_the_usual_ones_first() -> None:
    groups = grouped([score(shape="S2", weather="rain"), score(shape="S1", codec="gsm"), score(shape="S1")])
    assert list(groups) == ["shape", "codec", "weather"]
    assert {name: rates.calls for name, rates in groups["shape"].items()} == {"S1": 2, "S2": 1}
    assert list(groups["shape"]) == ["S1", "S2"]


def test_recording_and_evidence_are_known_without_labels() -> None:
    assert labels_of(Truth(hangup=CLOSING, is_mixed=True)) == {"recording": "mixed", "evidence": "closing"}
    assert labels_of(Truth()) == {"recording": "stereo"}


def test_labels_of_the_truth_go_before_what_is_told_from_it() -> None:
    labels = labels_of(Truth(hangup=CLOSING, labels={"evidence": "record", "shape": "S1"}))
    assert labels["evidence"] == "record"
    assert labels["shape, recording"] == "S1 stereo"
    assert labels.keys() <= set(ENDING_GROUPINGS)


def test_a_row_has_a_cell_below_every_heading() -> None:
    row = ending_row("S1", summed([score()]), "oracle")
    assert row[:2] == ("S1", "oracle")
    assert len(row) == 2 + len(ENDING_HEADINGS)
    assert ending_row("none", summed([])).count("–") == 6
