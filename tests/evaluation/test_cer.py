from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.domain.calls import Party
from callaudit.evaluation.cer import CharErrors, char_errors, edit_distance
from callaudit.evaluation.truth import Truth
from tests.builders import make_utterance
from tests.evaluation.builders import said

WORDS = st.text("不要脸神经病", max_size=12)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "distance"),
    [
        ("", "", 0),
        ("不要脸", "", 3),
        ("", "不要脸", 3),
        ("不要脸", "不要脸", 0),
        ("不要脸", "不要练", 1),
        ("不要脸", "要脸", 1),
        ("不要脸", "你不要脸", 1),
        ("打了仨电话", "打三电话了", 3),
    ],
)
def test_edit_distance(reference: str, hypothesis: str, distance: int) -> None:
    assert edit_distance(reference, hypothesis) == distance


@given(WORDS, WORDS, WORDS)
def test_edit_distance_is_a_metric(one: str, two: str, three: str) -> None:
    assert edit_distance(one, two) == edit_distance(two, one)
    assert (edit_distance(one, two) == 0) is (one == two)
    assert edit_distance(one, three) <= edit_distance(one, two) + edit_distance(two, three)


def test_errors_count_for_the_party_that_spoke() -> None:
    truth = Truth(utterances=(said("您好请讲"), said("我要投诉", 2000, Party.CUSTOMER)))
    heard = (make_utterance("您好请讲"), make_utterance("我要头诉", Party.CUSTOMER, 2000))
    assert char_errors(truth, heard) == {"agent": CharErrors(0, 4), "customer": CharErrors(1, 4)}


@pytest.mark.parametrize("heard", ["四十五块钱", "45块钱", "４５块钱。", "四十五塊錢", " 45 块钱 "])
def test_spelling_is_no_error(heard: str) -> None:
    truth = Truth(utterances=(said("四十五块钱"),))
    assert char_errors(truth, (make_utterance(heard),))["agent"].errors == 0


def test_fillers_count() -> None:
    truth = Truth(utterances=(said("嗯好的"),))
    assert char_errors(truth, (make_utterance("好的"),))["agent"] == CharErrors(1, 3)


def test_another_cut_into_utterances_is_no_error() -> None:
    truth = Truth(utterances=(said("像个神经病"), said("不要脸", 1400)))
    heard = (make_utterance("像个"), make_utterance("神经病不要脸", start_ms=400, end_ms=2000))
    assert char_errors(truth, heard) == {"agent": CharErrors(0, 8)}


def test_words_in_another_place_are_deleted_there_and_inserted_here() -> None:
    truth = Truth(utterances=(said("不要脸"),))
    assert char_errors(truth, (make_utterance("不要脸", start_ms=9000),)) == {"agent": CharErrors(6, 3)}


def test_words_on_the_other_channel_are_errors_of_both_parties() -> None:
    truth = Truth(utterances=(said("不要脸"),))
    heard = (make_utterance("不要脸", Party.CUSTOMER),)
    assert char_errors(truth, heard) == {"agent": CharErrors(3, 3), "customer": CharErrors(3, 0)}


def test_text_where_nobody_spoke_is_an_error_without_a_rate() -> None:
    errors = char_errors(Truth(), (make_utterance("请不吝点赞"),))["agent"]
    assert errors == CharErrors(5, 0)
    assert errors.rate is None


def test_a_call_without_a_transcript_is_all_errors() -> None:
    errors = char_errors(Truth(utterances=(said("您好请讲"),)), ())["agent"]
    assert errors.rate == 1.0


@pytest.mark.parametrize("by_truth", [True, False])
def test_a_mixed_recording_is_one_stream(by_truth: bool) -> None:
    truth = Truth(utterances=(said("您好"), said("你好", 500, Party.CUSTOMER)), is_mixed=by_truth)
    heard = (make_utterance("您好你好", Party.UNKNOWN),)
    assert char_errors(truth, heard, is_mixed=not by_truth) == {"mixed": CharErrors(0, 4)}


def test_a_machine_on_the_agents_channel_is_a_party_of_its_own() -> None:
    truth = Truth(utterances=(said("再见"), said("请按一", 3000, Party.SYSTEM, channel=0)))
    heard = (make_utterance("再见"), make_utterance("请问一", start_ms=3000))
    assert char_errors(truth, heard) == {"agent": CharErrors(0, 2), "system": CharErrors(1, 3)}
