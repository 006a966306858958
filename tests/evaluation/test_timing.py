from __future__ import annotations

import pytest

from callaudit.domain.calls import Party
from callaudit.evaluation.timing import HangupScore, HangupVerdict, score_hangup
from callaudit.evaluation.truth import TrueHangup, Truth
from tests.builders import make_hangup
from tests.evaluation.builders import said


@pytest.mark.parametrize(("found_ms", "error_ms"), [(10_400, 400), (9_700, -300), (10_000, 0)])
def test_the_error_is_signed(found_ms: int, error_ms: int) -> None:
    truth = Truth(hangup=TrueHangup(10_000, "customer", "busy_tone"))
    assert score_hangup(truth, make_hangup(found_ms)) == HangupScore(HangupVerdict.FOUND, error_ms, "busy_tone")


def test_a_hangup_that_was_not_found_is_missed() -> None:
    truth = Truth(hangup=TrueHangup(10_000, "nobody", "closing"))
    assert score_hangup(truth, None) == HangupScore(HangupVerdict.MISSED, None, "closing")


def test_where_nobody_hung_up_nothing_is_right() -> None:
    assert score_hangup(Truth(utterances=(said("您好"),)), None).verdict is HangupVerdict.NONE


def test_a_hangup_in_the_middle_of_the_conversation_is_false() -> None:
    truth = Truth(utterances=(said("您好"), said("还有一个问题", 12_000, Party.CUSTOMER)))
    assert score_hangup(truth, make_hangup(10_000)).verdict is HangupVerdict.FALSE


def test_a_hangup_after_the_last_word_of_the_parties_does_no_harm() -> None:
    truth = Truth(utterances=(said("再见", 9_000), said("请对服务评价", 12_000, Party.SYSTEM)))
    assert score_hangup(truth, make_hangup(10_000)).verdict is HangupVerdict.NONE


@pytest.mark.parametrize(("set_ms", "verdict"), [(12_000, "found"), (12_001, "elsewhere"), (7_999, "elsewhere")])
def test_a_hangup_over_two_seconds_off_is_another(set_ms: int, verdict: str) -> None:
    truth = Truth(hangup=TrueHangup(10_000, "customer", "busy_tone"))
    assert score_hangup(truth, make_hangup(set_ms)) == HangupScore(HangupVerdict(verdict), set_ms - 10_000, "busy_tone")


def test_the_error_is_to_the_nearest_of_several_right_moments() -> None:
    truth = Truth(hangup=TrueHangup(10_000, "nobody", "closing", or_ms=(30_000,)))
    assert score_hangup(truth, make_hangup(29_800)).error_ms == -200


def test_not_to_find_an_optional_hangup_is_no_fault() -> None:
    truth = Truth(hangup=TrueHangup(10_000, "nobody", "closing", is_optional=True))
    assert score_hangup(truth, None).verdict is HangupVerdict.NONE
    assert score_hangup(truth, make_hangup(20_000)).verdict is HangupVerdict.ELSEWHERE
