"""Whole ends of calls: what is located, flagged and passed over."""

from __future__ import annotations

import pytest

from callaudit.detectors.fusion import fuse
from callaudit.domain.calls import Party
from callaudit.domain.hangups import HangupBy, HangupSource, PassedOverReason
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion
from tests.builders import make_utterance
from tests.hangup.dialogues import (
    GOODBYES,
    MIDDLE,
    A,
    C,
    S,
    Turn,
    after_hangup,
    analyse,
    busy,
    dialogue,
    record,
    talk_reader,
)

SCORN: tuple[Turn, ...] = ((A, "这人可真够难缠的"), (A, "芝麻大的事也值得打电话"))
END_OF_GOODBYES = dialogue(*MIDDLE, *GOODBYES)[-1].span.end_ms


@pytest.mark.parametrize("drop_ms", [1000, 4000, 10_000])
@pytest.mark.parametrize("pause_ms", [500, 2000, 6000])
@pytest.mark.parametrize("mixed", [False, True])
def test_scorn_on_a_line_nobody_closed_is_flagged(drop_ms: int, pause_ms: int, mixed: bool) -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *SCORN, mixed=mixed, pause_ms={-2: pause_ms})
    analysis = analyse(said, drop_ms=drop_ms)
    assert analysis.hangup is not None
    assert abs(analysis.hangup.at_ms - END_OF_GOODBYES) <= 300
    assert analysis.hangup.by is HangupBy.NOBODY
    (finding,) = after_hangup(analysis)
    assert finding.party is (Party.UNKNOWN if mixed else Party.AGENT)
    assert finding.span.start_ms == said[-2].span.start_ms
    assert "难缠" in finding.quote


@pytest.mark.parametrize(
    ("agent", "customer"),
    [
        ("感谢您来电在见", "好的谢谢再间"),
        ("感谢您的来电再见", "白白"),
        ("感谢您的电再见", "好地些些"),
        ("祝您生活鱼块在见", "嗯再健"),
        ("不打扰您了再简", "好"),
        ("谢谢您的理解再建", "好那就栽了"),
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_garbled_goodbyes_still_close_the_call(agent: str, customer: str, mixed: bool) -> None:
    said = dialogue(*MIDDLE, (A, agent), (C, customer), *SCORN, mixed=mixed, pause_ms={-2: 2000})
    assert len(after_hangup(analyse(said))) == 1


def test_the_customers_goodbye_may_come_without_any_text() -> None:
    said = dialogue(*MIDDLE, GOODBYES[0], *SCORN, pause_ms={-2: 3000})
    goodbye = TimeSpan(said[-3].span.end_ms + 300, said[-3].span.end_ms + 1200)
    analysis = analyse(said, regions=(SpeechRegion(goodbye, 1, -24.0),))
    assert analysis.hangup is not None
    assert analysis.hangup.at_ms == goodbye.end_ms
    assert len(after_hangup(analysis)) == 1


INNOCENT: dict[str, tuple[tuple[Turn, ...], dict[int, int], PassedOverReason | None]] = {
    "clean": ((*MIDDLE, *GOODBYES), {}, None),
    "customer closes first": ((*MIDDLE, (C, "好的谢谢再见"), (A, "不客气感谢您的来电再见")), {}, None),
    "agent says goodbye twice": (
        (*MIDDLE, *GOODBYES, (A, "好的再见")),
        {-1: 1500},
        None,
    ),
    "a late second goodbye": (
        (*MIDDLE, *GOODBYES, (A, "再见")),
        {-1: 7000},
        PassedOverReason.CLOSING_WORDS,
    ),
    "survey": (
        (*MIDDLE, *GOODBYES, (A, "请对本次服务进行评价"), (A, "满意请按一不满意请按二"), (A, "谢谢您的评价")),
        {-3: 1000, -1: 5000},
        PassedOverReason.SURVEY,
    ),
    "garbled survey": (
        (*MIDDLE, *GOODBYES, (A, "请对本次服务金星评家"), (A, "满意请安一不满意请按耳"), (A, "谢谢您的平加")),
        {-3: 1000, -1: 5000},
        PassedOverReason.SURVEY,
    ),
    "survey that the agent announces": (
        (*MIDDLE, (A, "请您稍后对我的服务进行评价再见"), (C, "好再见"), (S, "满意请按一一般请按二")),
        {-1: 1500},
        PassedOverReason.SURVEY,
    ),
    "silent caller": (
        (
            (A, "您好热线中心请问有什么可以帮您"),
            (A, "喂您好能听到我说话吗"),
            (A, "很抱歉听不到您的声音"),
            (A, "感谢来电再见"),
        ),
        {1: 5000, 2: 5000},
        PassedOverReason.SILENT_CALLER,
    ),
    "one more question": (
        (
            *MIDDLE,
            *GOODBYES,
            (C, "哎等一下我还想问个电话"),
            (A, "您请说"),
            (C, "物业的电话是多少"),
            (A, "是六二三四五六七八"),
            (C, "好的再见"),
            (A, "再见"),
        ),
        {7: 1500},
        PassedOverReason.DIALOGUE_WENT_ON,
    ),
    "late question": (
        (*MIDDLE, *GOODBYES, (C, "喂那个工单编号多少来着"), (A, "编号是三五六七"), (C, "行知道了"), (A, "好的再见")),
        {7: 4000},
        PassedOverReason.DIALOGUE_WENT_ON,
    ),
    "read-back that the customer answers": (
        (*MIDDLE, *GOODBYES, (A, "对了工单编号是三五六七八九您记一下"), (C, "哦好的记下了"), (A, "再见")),
        {7: 600},
        PassedOverReason.DIALOGUE_WENT_ON,
    ),
    "no goodbye at all": (MIDDLE, {}, None),
    "nothing said": ((), {}, None),
    "goodbye is only talked about": (
        (*MIDDLE, (A, "他当时没说再见就走了"), (C, "对就是这样"), (A, "我会把这个情况写进去")),
        {},
        None,
    ),
}


@pytest.mark.parametrize("shape", INNOCENT)
@pytest.mark.parametrize("drop_ms", [800, 6000])
def test_innocent_ends_are_not_flagged(shape: str, drop_ms: int) -> None:
    turns, pauses, reason = INNOCENT[shape]
    analysis = analyse(dialogue(*turns, pause_ms=pauses), drop_ms=drop_ms)
    assert after_hangup(analysis) == ()
    assert reason is None or reason in {item.reason for item in analysis.passed_over}


@pytest.mark.parametrize("shape", [shape for shape in INNOCENT if shape != "read-back that the customer answers"])
def test_innocent_ends_are_not_flagged_when_mixed(shape: str) -> None:
    turns, pauses, _ = INNOCENT[shape]
    analysis = analyse(dialogue(*turns, mixed=True, pause_ms=pauses))
    assert after_hangup(analysis) == ()


@pytest.mark.parametrize(("channel", "flagged"), [(0, True), (1, False)])
def test_a_survey_explains_what_is_said_on_its_own_channel_alone(channel: int, flagged: bool) -> None:
    said = dialogue(*MIDDLE, *GOODBYES)
    prompts = ("请对本次服务进行评价满意请按一", "您已超时", "感谢您的评价")
    survey = [make_utterance(text, C, END_OF_GOODBYES + 1000 + 6000 * at) for at, text in enumerate(prompts)]
    scorn = make_utterance("这人可真够难缠的芝麻大的事", A, END_OF_GOODBYES + 7500, channel=channel)
    found = after_hangup(analyse(sorted((*said, *survey, scorn), key=lambda one: one.span)))
    assert [finding.quote for finding in found] == [scorn.text] * flagged


MENUS = ["业务咨询请按一，投诉建议请按二，人工服务请按零", "普通话请按一", "本次通话将被录音"]


@pytest.mark.parametrize("menu", MENUS)
@pytest.mark.parametrize("mixed", [False, True])
def test_a_menu_before_the_agent_answers_ends_nothing(menu: str, mixed: bool) -> None:
    analysis = analyse(dialogue((C, menu), *MIDDLE, mixed=mixed))
    assert analysis.transcript.utterances[0].party is S
    assert analysis.hangup is None


def test_a_survey_that_the_agent_announces_ends_nothing() -> None:
    more = ((C, "哎等一下我再问一个事"), (A, "您请说"), (C, "水费怎么交"), (A, "可以在网上交"))
    said = dialogue(*MIDDLE, (A, "请您稍后对本次服务进行评价"), *GOODBYES, *more, *GOODBYES)
    analysis = analyse(said)
    assert analysis.hangup is not None
    assert analysis.hangup.at_ms == said[-1].span.end_ms


def test_a_queue_before_the_next_agent_answers_ends_nothing() -> None:
    queue = (
        (A, "我帮您转接"),
        (C, "好"),
        (C, "您的来电正在转接请稍候"),
        (A, "您好专席为您服务您请讲"),
        (C, "我家电梯坏了"),
    )
    said = dialogue(*MIDDLE, *queue, *GOODBYES)
    analysis = analyse(said)
    assert analysis.hangup is not None
    assert analysis.hangup.at_ms == said[-1].span.end_ms
    assert after_hangup(analysis) == ()


@pytest.mark.parametrize("mixed", [False, True])
def test_a_menu_before_the_next_agent_answers_ends_nothing(mixed: bool) -> None:
    turns = (*MIDDLE, (A, "我帮您转接"), (C, "好的"), (C, MENUS[0]), *MIDDLE)
    assert analyse(dialogue(*turns, mixed=mixed)).hangup is None


def test_the_last_closing_counts_when_the_first_was_none() -> None:
    turns, pauses, _ = INNOCENT["one more question"]
    said = dialogue(*turns, *SCORN, pause_ms={**pauses, -2: 2500})
    analysis = analyse(said)
    assert analysis.closing is not None
    assert analysis.closing.utterances[-1] == len(said) - 3
    (finding,) = after_hangup(analysis)
    assert finding.span.start_ms == said[-2].span.start_ms


@pytest.mark.parametrize("mixed", [False, True])
def test_the_next_call_in_the_same_recording_is_told_from_more_dialogue(mixed: bool) -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *MIDDLE, *GOODBYES, mixed=mixed, pause_ms={len(MIDDLE) + 2: 6000})
    analysis = analyse(said)
    assert after_hangup(analysis) == ()
    assert {item.reason for item in analysis.passed_over} == {PassedOverReason.NEXT_CALL}


def test_asking_for_one_more_question_is_no_next_call() -> None:
    more = ((C, "哎等一下我再问一个事"), (A, "好的还有什么可以帮您"), (C, "供热几号开始"))
    analysis = analyse(dialogue(*MIDDLE, *GOODBYES, *more, *GOODBYES))
    assert {item.reason for item in analysis.passed_over} == {PassedOverReason.DIALOGUE_WENT_ON}


def test_a_customer_who_hears_it_and_answers_keeps_the_dialogue_going() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *SCORN, (C, "你刚才说谁难缠"), (A, "没有没有您听错了"), pause_ms={-4: 1500})
    analysis = analyse(said)
    assert analysis.hangup is None
    assert {item.reason for item in analysis.passed_over} == {PassedOverReason.DIALOGUE_WENT_ON}
    assert [(item.party, item.quote) for item in analysis.passed_over] == [
        (A, " ".join(text for _, text in SCORN)),
        (C, "你刚才说谁难缠"),
        (A, "没有没有您听错了"),
    ]


@pytest.mark.parametrize("mixed", [False, True])
def test_a_goodbye_that_was_none_does_not_excuse_what_follows_the_hangup(mixed: bool) -> None:
    turns = (*MIDDLE, *GOODBYES, (A, "对了编号是三五六七您记一下"), (C, "我还想问个电话"), (A, "烦死了神经病一样"))
    said = dialogue(*turns, mixed=mixed, pause_ms={-1: 7000})
    tone_ms = said[-2].span.end_ms + 1000
    analysis = analyse(said, tones=(busy(tone_ms, tone_ms + 4000, channel=0 if mixed else 1),))
    assert analysis.hangup is not None
    (finding,) = after_hangup(analysis)
    assert finding.quote == "烦死了神经病一样"
    went_on = [item for item in analysis.passed_over if item.reason is PassedOverReason.DIALOGUE_WENT_ON]
    assert all(item.span.end_ms <= tone_ms for item in went_on)
    assert PassedOverReason.DIALOGUE_WENT_ON in {item.reason for item in analysis.passed_over}


def test_a_late_call_into_the_line_that_nobody_answers_is_no_dialogue() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *SCORN, (C, "喂喂"), pause_ms={-3: 1500, -1: 4000})
    analysis = analyse(said)
    assert len(after_hangup(analysis)) == 1


@pytest.mark.parametrize(
    "noise",
    [
        SpeechRegion(TimeSpan(END_OF_GOODBYES + 3000, END_OF_GOODBYES + 3400), 1, -24.0),
        SpeechRegion(TimeSpan(END_OF_GOODBYES + 3000, END_OF_GOODBYES + 5400), 1, -50.0),
    ],
    ids=["short", "faint"],
)
def test_noise_on_the_customers_channel_is_no_speech(noise: SpeechRegion) -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *SCORN, pause_ms={-2: 2000})
    assert len(after_hangup(analyse(said, regions=(noise,)))) == 1


def test_wordless_speech_of_the_customer_is_speech() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *SCORN, pause_ms={-2: 1000})
    reply = TimeSpan(said[-1].span.end_ms + 300, said[-1].span.end_ms + 2300)
    assert analyse(said, regions=(SpeechRegion(reply, 1, -24.0),)).hangup is None


def test_echo_of_the_agent_is_not_the_customer() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *SCORN, pause_ms={-2: 1000})
    echo = tuple(SpeechRegion(one.span.shift(60), 1, one.level_dbfs - 25) for one in said[-2:])
    assert len(after_hangup(analyse(said, regions=echo))) == 1


def test_harmless_chat_is_flagged_too() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (A, "一会儿去吃面吧"), (A, "叫上小李一起"), pause_ms={-2: 2000})
    (finding,) = after_hangup(analyse(said))
    assert finding.utterances == (7, 8)


@pytest.mark.parametrize("words", ["请您对本次服务评个分吧", "请您按键打分，满意按一，傻逼"])
def test_what_sounds_like_a_survey_on_the_agents_channel_is_the_agents(words: str) -> None:
    assert talk_reader().machine_share(words) > 0.5
    analysis = analyse(dialogue(*MIDDLE, *GOODBYES, (A, words), pause_ms={-1: 3000}))
    assert [(item.party, item.reason) for item in analysis.passed_over] == [(A, PassedOverReason.UNNOTICED)]
    assert [finding.quote for finding in after_hangup(analysis)] == [words]  # the fusion drops it unless it is rude


def test_scorn_in_the_same_utterance_as_the_goodbye_is_cut_off() -> None:
    said = dialogue(*MIDDLE, (C, "好的谢谢再见"), (A, "感谢您的来电再见这人可真够难缠的"))
    analysis = analyse(said)
    (finding,) = after_hangup(analysis)
    assert finding.quote == "这人可真够难缠的"
    assert said[-1].span.start_ms < finding.span.start_ms < finding.span.end_ms == said[-1].span.end_ms


def test_one_goodbye_in_a_mixed_recording_proves_nothing() -> None:
    said = dialogue(*MIDDLE, (A, "嗯再见"), (C, "电梯里面还一直有一股怪味"), (A, "这个也一起记下来了"), mixed=True)
    assert analyse(said).hangup is None


def test_speech_without_text_after_the_hangup_counts() -> None:
    said = dialogue(*MIDDLE, *GOODBYES)
    mumbling = TimeSpan(END_OF_GOODBYES + 3000, END_OF_GOODBYES + 5000)
    analysis = analyse(said, drop_ms=8000, regions=(SpeechRegion(mumbling, 0, -30.0),))
    (finding,) = after_hangup(analysis)
    assert (finding.span, finding.quote, finding.utterances) == (mumbling, "", ())


def test_a_short_sound_after_the_hangup_does_not_count() -> None:
    click = SpeechRegion(TimeSpan(END_OF_GOODBYES + 3000, END_OF_GOODBYES + 3500), 0, -30.0)
    assert after_hangup(analyse(dialogue(*MIDDLE, *GOODBYES), drop_ms=8000, regions=(click,))) == ()


class TestBusyTone:
    def test_alone_is_enough(self) -> None:
        said = dialogue(*MIDDLE, *SCORN, pause_ms={-2: 2500})
        tone_ms = said[-3].span.end_ms + 700
        analysis = analyse(said, tones=(busy(tone_ms, said[-1].span.end_ms),))
        assert analysis.hangup is not None
        assert (analysis.hangup.at_ms, analysis.hangup.by) == (tone_ms, Party.CUSTOMER)
        assert [vote.source for vote in analysis.hangup.evidence] == [HangupSource.TONE, HangupSource.TALK]
        assert len(after_hangup(analysis)) == 1

    def test_in_a_mixed_recording_names_nobody(self) -> None:
        said = dialogue(*MIDDLE, *SCORN, mixed=True, pause_ms={-2: 2500})
        tone_ms = said[-3].span.end_ms + 700
        analysis = analyse(said, tones=(busy(tone_ms, said[-1].span.end_ms, channel=0),))
        assert analysis.hangup is not None
        assert analysis.hangup.by is None
        assert [finding.party for finding in after_hangup(analysis)] == [Party.UNKNOWN]

    def test_on_the_agents_channel_says_nothing(self) -> None:
        said = dialogue(*MIDDLE, *SCORN)
        assert analyse(said, tones=(busy(said[-3].span.end_ms, said[-1].span.end_ms, channel=0),)).hangup is None

    def test_before_any_word_is_a_failed_call(self) -> None:
        said = dialogue((A, "怎么又占线"), pause_ms={0: 6000})
        assert analyse(said, tones=(busy(500, 5500),)).hangup is None

    def test_of_too_few_cycles_says_nothing(self) -> None:
        said = dialogue(*MIDDLE)
        assert analyse(said, tones=(busy(said[-1].span.end_ms, said[-1].span.end_ms + 1400, cycles=2),)).hangup is None

    def test_after_which_the_customer_goes_on_is_no_hangup(self) -> None:
        said = dialogue(*MIDDLE, (C, "喂刚才没声音了"), (A, "您请讲"), (C, "就这些了"), pause_ms={-3: 5000})
        tone = busy(said[4].span.end_ms + 500, said[4].span.end_ms + 4500)
        assert analyse(said, tones=(tone,)).hangup is None

    def test_is_not_taken_for_speech(self) -> None:
        said = dialogue(*MIDDLE)
        tone = busy(said[-1].span.end_ms + 700, said[-1].span.end_ms + 6700)
        analysis = analyse(
            said, duration_ms=tone.span.end_ms, tones=(tone,), regions=(SpeechRegion(tone.span, 1, -15),)
        )
        assert analysis.hangup is not None
        assert after_hangup(analysis) == ()


class TestCallRecord:
    def test_alone_is_enough(self) -> None:
        said = dialogue(*MIDDLE, *SCORN, pause_ms={-2: 2500})
        hung_up_ms = said[-3].span.end_ms + 500
        analysis = analyse(said, record=record(customer_hangup_at=hung_up_ms))
        assert analysis.hangup is not None
        assert (analysis.hangup.at_ms, analysis.hangup.by) == (hung_up_ms, Party.CUSTOMER)
        assert len(after_hangup(analysis)) == 1

    def test_is_not_used_when_it_disagrees_with_the_recording(self) -> None:
        said = dialogue(*MIDDLE, *SCORN, pause_ms={-2: 2500})
        wrong = record(customer_hangup_at=said[-3].span.end_ms, ended_at=said[-1].span.end_ms + 60_000)
        analysis = analyse(said, record=wrong)
        assert analysis.hangup is None
        assert [warning.value for warning in analysis.warnings] == ["record_distrusted"]

    def test_counts_against_itself_when_the_dialogue_goes_on(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES)
        analysis = analyse(said, record=record(customer_hangup_at=said[1].span.end_ms))
        assert analysis.hangup is not None
        assert analysis.hangup.at_ms == said[-1].span.end_ms
        assert [vote.supports for vote in analysis.hangup.evidence] == [False, True]
        assert [warning.value for warning in analysis.warnings] == ["record_refuted"]

    def test_refuted_by_a_tone_is_of_the_right_length_all_the_same(self) -> None:
        said = dialogue(*MIDDLE)
        dropped_ms = said[-1].span.end_ms + 6700
        tone = busy(said[-1].span.end_ms + 700, dropped_ms)
        wrong = record(customer_hangup_at=said[1].span.end_ms, ended_at=dropped_ms)
        analysis = analyse(said, duration_ms=dropped_ms, tones=(tone,), record=wrong)
        assert analysis.hangup is not None
        assert analysis.hangup.at_ms == tone.span.start_ms
        assert {vote.source: vote.supports for vote in analysis.hangup.evidence} == {
            HangupSource.CALL_RECORD: False,
            HangupSource.TONE: True,
        }
        assert [warning.value for warning in analysis.warnings] == ["record_refuted"]

    def test_later_than_the_recording_leaves_nothing_after_it(self) -> None:
        said = dialogue(*MIDDLE)
        analysis = analyse(said, drop_ms=500, record=record(customer_hangup_at=said[-1].span.end_ms + 1500))
        assert analysis.hangup is not None
        assert analysis.hangup.at_ms == analysis.acoustics.duration_ms
        assert after_hangup(analysis) == ()

    def test_of_the_line_dropping_late_does_not_hide_the_open_line(self) -> None:
        said = dialogue(*MIDDLE, *GOODBYES, *SCORN, pause_ms={-2: 2000})
        analysis = analyse(said, record=record(customer_hangup_at=said[-1].span.end_ms + 3000))
        assert analysis.hangup is not None
        assert abs(analysis.hangup.at_ms - END_OF_GOODBYES) <= 300
        assert {vote.source: vote.supports for vote in analysis.hangup.evidence} == {
            HangupSource.CALL_RECORD: False,
            HangupSource.CLOSING: True,
            HangupSource.TALK: True,
        }
        assert len(after_hangup(analysis)) == 1

    def test_agent_asking_after_a_customer_already_gone_is_innocent(self) -> None:
        said = dialogue(*MIDDLE, (A, "喂您还在听吗"), (A, "感谢您的来电再见"), pause_ms={-2: 2000})
        analysis = analyse(said, record=record(customer_hangup_at=said[-3].span.end_ms + 500))
        assert fuse(analysis, after_hangup(analysis)) == ()
        assert {item.reason for item in analysis.passed_over} == {
            PassedOverReason.UNNOTICED,
            PassedOverReason.SILENT_CALLER,
        }

    def test_agent_cut_off_in_the_middle_of_a_sentence_is_innocent(self) -> None:
        said = dialogue(*MIDDLE, (A, "这边需要三个工作日会有人跟您联系处理"))
        assert after_hangup(analyse(said, record=record(customer_hangup_at=said[-1].span.start_ms + 1500))) == ()


def test_an_empty_call_has_no_hangup() -> None:
    analysis = analyse((), duration_ms=10_000)
    assert (analysis.closing, analysis.hangup, analysis.passed_over) == (None, None, ())


def test_shorter_silence_by_setting_makes_the_late_call_earlier() -> None:
    said = dialogue(*MIDDLE, *GOODBYES, (C, "喂喂"), pause_ms={-1: 1200})
    assert analyse(said, customer_silence_ms=1000).hangup is not None
    assert analyse(said, customer_silence_ms=2500).hangup is None


@pytest.mark.parametrize(
    ("pause_ms", "next_words", "is_found"),
    [
        (6000, "傻子一个糊弄两句就信了", True),
        (1200, "这人真够烦的为了几块钱打三回", True),
        (1200, "您还需要我做什么", False),
        (1200, "那我把地址再报一遍", False),
    ],
)
def test_one_goodbye_on_a_mixed_recording_holds_where_nobody_answers(
    pause_ms: int, next_words: str, is_found: bool
) -> None:
    turns = (
        *MIDDLE,
        (A, "感谢您的支持与理解再见"),
        (A, next_words),
        (A, "字都认不全还跟我讲法律" if is_found else "好的"),
    )
    analysis = analyse(dialogue(*turns, mixed=True, pause_ms={-2: pause_ms}))
    assert (analysis.hangup is not None) == is_found
    assert len(after_hangup(analysis)) == is_found


@pytest.mark.parametrize(("words", "detail"), [("", "about_caller=2"), ("哈哈哈", "about_caller=2 laughter=1")])
def test_talk_about_the_caller_supports_the_hangup_and_says_by_what(words: str, detail: str) -> None:
    analysis = analyse(dialogue(*MIDDLE, *GOODBYES, *SCORN, *([(A, words)] if words else []), pause_ms={7: 2000}))
    assert analysis.hangup is not None
    (talk,) = (vote for vote in analysis.hangup.evidence if vote.source is HangupSource.TALK)
    assert (talk.detail, talk.confidence) == (detail, 0.2 * len(detail.split()))


@pytest.mark.parametrize(
    ("words", "reasons"),
    [
        (("作业写完没有 去去去写作业去", "把电视关小点"), {PassedOverReason.ASIDE}),
        (("这人真够烦的", "为了几块钱打三回电话"), set()),
    ],
)
def test_who_speaks_of_other_things_on_an_open_mixed_line_may_be_anybody(
    words: tuple[str, str], reasons: set[PassedOverReason]
) -> None:
    said = dialogue(*MIDDLE, *GOODBYES, *((A, one) for one in words), mixed=True, pause_ms={-2: 4000})
    analysis = analyse(said)
    assert {item.reason for item in analysis.passed_over} == reasons
    assert bool(after_hangup(analysis)) != bool(reasons)
