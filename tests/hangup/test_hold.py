"""When the customer does not hear the agent: by the record's events, or by hold music and the words around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callaudit.domain.analysis import CallAnalysis, Warn
from callaudit.domain.calls import CallRecord, ClockSpan
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.line import Music
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion, Utterance
from callaudit.hangup.record import read_record
from tests.builders import make_record
from tests.hangup.dialogues import GOODBYES, MIDDLE, START, A, C, S, Turn, analyse, dialogue, record

WAIT: tuple[Turn, ...] = ((A, "请您稍等我帮您核实一下"), (C, "好的"))
BACK: tuple[Turn, ...] = ((A, "让您久等了明天可以去窗口办"), (C, "行知道了"))
ASKS_COLLEAGUE: tuple[Turn, ...] = ((A, "哎退费现在走哪个口子"), (A, "好的那先到窗口登记"))
HEARD_AT = len(MIDDLE) + len(WAIT)


def clock(start_ms: int, end_ms: int) -> ClockSpan:
    return ClockSpan(START + timedelta(milliseconds=start_ms), START + timedelta(milliseconds=end_ms))


def held(*talk: Turn, mixed: bool = False, wait: tuple[Turn, ...] = WAIT) -> tuple[tuple[Utterance, ...], TimeSpan]:
    """A call with a talk while the customer waits, and when that is: 2 s of quiet on either side of the talk."""
    turns = (*MIDDLE, *wait, *talk, *BACK, *GOODBYES)
    first, after = len(MIDDLE) + len(wait), len(MIDDLE) + len(wait) + len(talk)
    said = dialogue(*turns, mixed=mixed, pause_ms={first: 4000, after: 4000})
    return said, TimeSpan(said[first].span.start_ms - 3000, said[after - 1].span.end_ms + 3000)


def music(span: TimeSpan, channel: int = 1, level_dbfs: float = -24.0) -> Music:
    return Music(span, channel, level_dbfs)


def sources(analysis: CallAnalysis) -> list[HoldSource]:
    return [hold.source for hold in analysis.holds]


class TestRecord:
    @pytest.mark.parametrize(
        ("field", "source"), [("hold_spans", HoldSource.RECORD_HOLD), ("mute_spans", HoldSource.RECORD_MUTE)]
    )
    def test_what_is_surely_inside_counts(self, field: str, source: HoldSource) -> None:
        told = make_record(recording_start_at=START, clock_uncertainty_ms=1000, **{field: (clock(5000, 12_000),)})
        assert read_record(told, 30_000, 2000).holds == (Hold(TimeSpan(6000, 11_000), source, 1000),)

    def test_a_fine_clock_takes_off_little(self) -> None:
        told = make_record(recording_start_at=START, clock_uncertainty_ms=1, hold_spans=(clock(5000, 12_000),))
        assert read_record(told, 30_000, 2000).holds[0].span == TimeSpan(5100, 11_900)

    @pytest.mark.parametrize(("start_ms", "end_ms"), [(5000, 6900), (-4000, 500), (29_500, 31_500), (5000, 5000)])
    def test_what_may_be_none_is_none(self, start_ms: int, end_ms: int) -> None:
        told = make_record(recording_start_at=START, hold_spans=(clock(start_ms, end_ms),))
        assert read_record(told, 30_000, 2000).holds == ()

    def test_holds_and_mutes_come_by_time(self) -> None:
        told = make_record(
            recording_start_at=START,
            hold_spans=(clock(20_000, 25_000), clock(2000, 6000)),
            mute_spans=(clock(10_000, 15_000),),
        )
        starts_ms = [hold.span.start_ms for hold in read_record(told, 30_000, 2000).holds]
        assert starts_ms == [3000, 11_000, 21_000]

    @pytest.mark.parametrize(
        ("told", "doubt"),
        [
            (make_record(hold_spans=(clock(5000, 12_000),)), Warn.RECORD_UNPLACED),
            (make_record(mute_spans=(clock(5000, 12_000),)), Warn.RECORD_UNPLACED),
            (replace(record(ended_at=45_000), hold_spans=(clock(5000, 12_000),)), Warn.RECORD_DISTRUSTED),
            (replace(record(), hold_spans=(clock(5000, 42_000),)), Warn.RECORD_DISTRUSTED),
            (replace(record(), hold_spans=(clock(5000, 9000),), is_distrusted=True), Warn.RECORD_INCONSISTENT),
        ],
        ids=["no start", "no start, muted", "another length", "longer than the recording", "contradicts itself"],
    )
    def test_a_record_that_is_not_trusted_tells_no_hold(self, told: CallRecord, doubt: Warn) -> None:
        reading = read_record(told, 30_000, 2000)
        assert (reading.holds, reading.doubt) == ((), doubt)


class TestMusicApart:
    def test_on_the_customers_channel_it_is_a_hold(self) -> None:
        said, span = held(*ASKS_COLLEAGUE)
        analysis = analyse(said, music=(music(span),))
        assert analysis.holds == (Hold(TimeSpan(span.start_ms + 1000, span.end_ms - 1000), HoldSource.MUSIC, 1000),)

    def test_an_announcement_in_between_does_not_end_it(self) -> None:
        turns = (*MIDDLE, *WAIT, (S, "您的通话正在等待中请稍候"), *ASKS_COLLEAGUE, *BACK, *GOODBYES)
        said = dialogue(*turns, pause_ms={HEARD_AT: 8000, HEARD_AT + 1: 8000, HEARD_AT + 3: 3000})
        prompt, back = said[HEARD_AT].span, said[HEARD_AT + 3].span
        before = TimeSpan(prompt.start_ms - 7000, prompt.start_ms - 500)
        after = TimeSpan(prompt.end_ms + 500, back.start_ms - 500)
        (hold,) = analyse(said, music=(music(before), music(after))).holds
        assert hold.span == TimeSpan(before.start_ms + 1000, after.end_ms - 1000)

    def test_a_dialogue_in_between_ends_it(self) -> None:
        turns = (*MIDDLE, *WAIT, (A, "您好麻烦您再等一下"), (C, "快点啊"), *BACK, *GOODBYES)
        said = dialogue(*turns, pause_ms={HEARD_AT: 8000, HEARD_AT + 2: 8000})
        first, last = said[HEARD_AT].span.start_ms, said[HEARD_AT + 1].span.end_ms
        pieces = (music(TimeSpan(first - 7000, first - 500)), music(TimeSpan(last + 500, last + 7000)))
        assert len(analyse(said, music=pieces).holds) == 2

    @pytest.mark.parametrize("channel", [0, None])
    def test_elsewhere_or_nowhere_it_is_none(self, channel: int | None) -> None:
        said, span = held(*ASKS_COLLEAGUE)
        heard = () if channel is None else (music(span, channel),)
        assert analyse(said, music=heard).holds == ()

    def test_far_below_the_voice_it_plays_in_the_customers_room(self) -> None:
        said, span = held(*ASKS_COLLEAGUE)
        assert analyse(said, music=(music(span, level_dbfs=-42),)).holds == ()

    def test_under_the_customers_words_it_plays_in_the_customers_room(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES)
        assert analyse(said, music=(music(TimeSpan(2000, said[-1].span.end_ms)),)).holds == ()

    def test_heard_under_those_words_once_it_plays_there_later_too(self) -> None:
        said, span = held(*ASKS_COLLEAGUE, wait=((A, "那我看看系统"), (C, "好的")))
        early = TimeSpan(0, said[4].span.start_ms)
        assert sources(analyse(said, music=(music(span),))) == [HoldSource.MUSIC]
        assert analyse(said, music=(music(early), music(span))).holds == ()

    def test_lyrics_between_asking_and_coming_back_are_no_words_of_the_customer(self) -> None:
        said, span = held((A, "哎退费走哪个口子"), (C, "月亮代表我的心啊"), (A, "好的那先到窗口登记"))
        assert sources(analyse(said, music=(music(span),))) == [HoldSource.MUSIC]

    def test_before_the_customers_first_word_it_is_a_ringback_melody(self) -> None:
        said = dialogue((A, "这个人上次就没接电话"), *MIDDLE, *GOODBYES, pause_ms={0: 8000, 1: 8000})
        assert analyse(said, music=(music(TimeSpan(0, said[1].span.start_ms - 500)),)).holds == ()

    def test_what_the_speech_detector_hears_in_it_is_no_customer(self) -> None:
        said, span = held(*ASKS_COLLEAGUE)
        regions = (SpeechRegion(TimeSpan(span.start_ms + 200, span.end_ms - 200), 1, -24.0),)
        analysis = analyse(said, music=(music(span),), regions=regions)
        assert sources(analysis) == [HoldSource.MUSIC]


class TestMusicMixed:
    def test_asked_to_wait_and_thanked_for_it_is_a_hold(self) -> None:
        said, span = held(*ASKS_COLLEAGUE, mixed=True)
        assert sources(analyse(said, music=(music(span, 0),))) == [HoldSource.MUSIC]

    @pytest.mark.parametrize("kept", ["asked", "thanked", "neither"])
    def test_half_of_that_is_none(self, kept: str) -> None:
        said, span = held(*ASKS_COLLEAGUE, mixed=True)
        gone = {"asked": ("久等",), "thanked": ("稍等",), "neither": ("久等", "稍等")}[kept]
        left = tuple(
            replace(one, text="那个我看一下材料") if any(word in one.text for word in gone) else one for one in said
        )
        assert analyse(left, music=(music(span, 0),)).holds == ()

    def test_all_along_it_is_none(self) -> None:
        said, _ = held(*ASKS_COLLEAGUE, mixed=True)
        assert analyse(said, music=(music(TimeSpan(0, said[-1].span.end_ms), 0),)).holds == ()


class TestConsulting:
    def test_a_sober_talk_is_explained(self) -> None:
        said, span = held(*ASKS_COLLEAGUE)
        (item,) = analyse(said, music=(music(span),)).passed_over
        assert (item.reason, item.party) == (PassedOverReason.ON_HOLD, A)
        assert "退费" in item.quote
        assert "窗口登记" in item.quote

    @pytest.mark.parametrize(
        "words", ["这个客户的单子上礼拜派了还要再派吗", "他说水表换过两次了你那边能看到吗", "这位大爷问的是哪个小区"]
    )
    def test_to_speak_of_the_caller_is_work(self, words: str) -> None:
        said, span = held((A, words))
        reasons = {item.reason for item in analyse(said, music=(music(span),)).passed_over}
        assert reasons == {PassedOverReason.ON_HOLD}

    def test_to_laugh_at_the_caller_is_not(self) -> None:
        said, span = held((A, "他连自己家门牌号都说不明白"), (A, "哈哈哈笑死我了"))
        assert analyse(said, music=(music(span),)).passed_over == ()

    def test_the_customers_words_are_not_explained(self) -> None:
        said, span = held((A, "哎退费走哪个口子"), (C, "怎么还不来"))
        told = replace(record(), hold_spans=(clock(span.start_ms, span.end_ms),))
        parties = {item.party for item in analyse(said, record=told).passed_over}
        assert parties == {A}
