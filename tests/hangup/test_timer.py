from __future__ import annotations

from typing import Any

import pytest

from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.timer import TimerReading, read_timer
from tests.builders import make_acoustics, make_analysis, make_hangup, make_utterance

GOODBYE = make_utterance("再见", start_ms=9_600)
REMARK = make_utterance("总算走了", start_ms=12_000, index=1)


def call(*said: Utterance, duration_ms: int = 20_000, **changes: Any) -> CallAnalysis:
    acoustics = make_acoustics(said, duration_ms=duration_ms)
    return make_analysis(said, **{"acoustics": acoustics, "hangup": make_hangup(10_000), **changes})


def test_it_counts_from_the_last_sentence_to_the_end_of_the_recording() -> None:
    assert read_timer(call(GOODBYE, REMARK)) == TimerReading(
        last_word_ms=12_800, quiet_ms=7_200, limit_ms=5_000, was_reset=True
    )


@pytest.mark.parametrize(("duration_ms", "fires"), [(13_800, False), (17_800, False), (17_801, True), (22_800, True)])
def test_it_fires_only_where_the_line_stays_open_after_the_remark(duration_ms: int, fires: bool) -> None:
    timer = read_timer(call(GOODBYE, REMARK, duration_ms=duration_ms))
    assert timer is not None
    assert timer.fires is fires


def test_nothing_resets_it_where_nobody_talks_after_the_hangup() -> None:
    timer = read_timer(call(GOODBYE))
    assert timer is not None
    assert (timer.was_reset, timer.quiet_ms, timer.fires) == (False, 10_000, True)


def test_whoever_speaks_last_resets_it_also_on_another_channel() -> None:
    customer = make_utterance("孩子别闹", Party.CUSTOMER, 12_500, index=2)
    timer = read_timer(call(GOODBYE, REMARK, customer))
    assert timer is not None
    assert timer.last_word_ms == 13_300


def test_a_long_sentence_that_ends_last_counts_though_another_began_later() -> None:
    long = make_utterance("这种人天天打电话烦不烦呢", start_ms=11_000, index=1)
    timer = read_timer(call(GOODBYE, long, make_utterance("嗯", Party.CUSTOMER, 12_000, index=2)))
    assert timer is not None
    assert timer.last_word_ms == long.span.end_ms


def test_noise_without_words_is_no_sentence_but_speech_without_any_words_is_better_than_nothing() -> None:
    wordless = make_utterance("", start_ms=15_000, index=2)
    told = read_timer(call(GOODBYE, REMARK, wordless))
    assert told is not None
    assert told.last_word_ms == 12_800
    untold = read_timer(call(wordless))
    assert untold is not None
    assert untold.last_word_ms == wordless.span.end_ms


def test_a_sentence_that_is_said_to_end_after_the_recording_leaves_no_quiet() -> None:
    timer = read_timer(call(GOODBYE, REMARK, duration_ms=12_500))
    assert timer is not None
    assert timer.quiet_ms == 0


def test_without_a_hangup_or_speech_it_says_nothing() -> None:
    assert read_timer(call(GOODBYE, hangup=None)) is None
    assert read_timer(call()) is None
