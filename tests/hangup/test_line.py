"""What a customer's channel that changes for good tells of the hang-up."""

from __future__ import annotations

from typing import Any

import pytest

from callaudit.domain.hangups import EndShape, Hangup, HangupBy, HangupEvidence, HangupSource
from callaudit.domain.line import LineChange, LineChangeKind
from tests.hangup.dialogues import GOODBYES, MIDDLE, A, C, after_hangup, analyse, dialogue, record

CUSTOMER_CHANNEL = 1


def change(at_ms: int, **changes: Any) -> LineChange:
    defaults: dict[str, Any] = {
        "channel": CUSTOMER_CHANNEL,
        "kind": LineChangeKind.DIGITAL_SILENCE,
        "uncertainty_ms": 30,
        "before_dbfs": -58.3,
        "after_dbfs": -100.0,
    }
    return LineChange(at_ms=at_ms, **{**defaults, **changes})


def of_line(hangup: Hangup | None) -> HangupEvidence | None:
    votes = hangup.evidence if hangup else ()
    return next((vote for vote in votes if vote.source is HangupSource.LINE), None)


def test_a_caller_cut_off_without_a_goodbye_left_when_the_line_changed() -> None:
    said = dialogue(*MIDDLE, (C, "你们这些人真是没用"), (A, "总算打发走了"), pause_ms={-1: 2000})
    at_ms = said[-2].span.end_ms + 400
    analysis = analyse(said, line_changes=(change(at_ms),))
    assert analysis.hangup is not None
    assert (analysis.hangup.at_ms, analysis.hangup.uncertainty_ms) == (at_ms, 30)
    assert (analysis.hangup.by, analysis.hangup.shape) == (HangupBy.CUSTOMER, EndShape.CUSTOMER_LEFT)
    assert [finding.span for finding in after_hangup(analysis)] == [said[-1].span]
    witness = of_line(analysis.hangup)
    assert witness is not None
    assert witness.detail == "change=digital_silence before_dbfs=-58 after_dbfs=-100"


def test_without_the_change_nothing_tells_of_it() -> None:
    said = dialogue(*MIDDLE, (C, "你们这些人真是没用"), (A, "总算打发走了"), pause_ms={-1: 2000})
    assert analyse(said).hangup is None


def test_the_agent_s_own_channel_tells_nothing() -> None:
    said = dialogue(*MIDDLE, (C, "你们这些人真是没用"), (A, "总算打发走了"), pause_ms={-1: 2000})
    assert analyse(said, line_changes=(change(said[-2].span.end_ms, channel=0),)).hangup is None


def test_a_mixed_recording_tells_nothing() -> None:
    said = dialogue(*MIDDLE, (A, "总算打发走了"), mixed=True)
    assert of_line(analyse(said, line_changes=(change(said[-1].span.start_ms - 100, channel=0),)).hangup) is None


def test_a_change_before_any_word_tells_nothing() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, pause_ms={0: 3000})
    assert of_line(analyse(said, line_changes=(change(1000),)).hangup) is None


def test_a_customer_who_speaks_again_refutes_it() -> None:
    said = dialogue(*MIDDLE, (C, "那我再问一下什么时候能修好"), (A, "明天上午"), *GOODBYES)
    analysis = analyse(said, line_changes=(change(said[2].span.end_ms, kind=LineChangeKind.FLOOR, after_dbfs=-70.0),))
    assert analysis.hangup is not None
    witness = of_line(analysis.hangup)
    assert witness is not None
    assert not witness.supports
    assert analysis.hangup.at_ms >= said[-1].span.end_ms


def test_it_narrows_down_the_whole_seconds_of_a_call_record() -> None:
    said = dialogue(*MIDDLE, *GOODBYES)
    at_ms = said[-1].span.end_ms + 1200
    written = record(customer_hangup_at=at_ms + 600)
    analysis = analyse(said, line_changes=(change(at_ms),), record=written)
    assert analysis.hangup is not None
    assert (analysis.hangup.at_ms, analysis.hangup.uncertainty_ms) == (at_ms, 30)
    assert all(vote.supports for vote in analysis.hangup.evidence)


def test_a_line_left_open_until_later_was_over_with_the_goodbyes() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (A, "这人真是不要脸烦死了"), pause_ms={-1: 3000})
    analysis = analyse(said, line_changes=(change(said[-1].span.end_ms + 4000),), drop_ms=9000)
    assert analysis.hangup is not None
    assert (analysis.hangup.by, analysis.hangup.shape) == (HangupBy.NOBODY, EndShape.OPEN_LINE)
    assert after_hangup(analysis)


@pytest.mark.parametrize(
    ("before_dbfs", "after_dbfs", "left_ms", "at_least", "at_most"),
    [(-60.0, -67.0, 1000, 0.55, 0.6), (-60.0, -75.0, 1000, 0.6, 0.7), (-60.0, -75.0, 9000, 0.7, 0.8)],
)
def test_a_larger_step_that_lasts_is_surer_and_none_as_sure_as_silence(
    before_dbfs: float, after_dbfs: float, left_ms: int, at_least: float, at_most: float
) -> None:
    said = dialogue(*MIDDLE, (C, "你们这些人真是没用"))
    step = {"kind": LineChangeKind.FLOOR, "before_dbfs": before_dbfs, "after_dbfs": after_dbfs}
    witness = of_line(analyse(said, line_changes=(change(said[-1].span.end_ms, **step),), drop_ms=left_ms).hangup)
    assert witness is not None
    assert at_least <= witness.confidence < at_most
    silent = of_line(analyse(said, line_changes=(change(said[-1].span.end_ms),), drop_ms=left_ms).hangup)
    assert silent is not None
    assert silent.confidence > at_most
