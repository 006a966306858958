from __future__ import annotations

import pytest

from callaudit.domain.calls import Party
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import DropReason, SpeechRegion
from callaudit.speech.hygiene import drop_reason, is_doubtful, set_aside
from tests.builders import make_utterance

PROMPT = "以下是普通话的电话录音。"


def reason_for(text: str, seconds: float, **changes: float) -> DropReason | None:
    return drop_reason(make_utterance(text, **changes), round(seconds * 1000), PROMPT)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("好好好", 0.6),
        ("喂喂喂喂喂", 1.2),
        ("对对对对对对对对", 1.6),
        ("哈哈哈哈哈哈哈哈哈哈", 2.0),
        ("谢谢谢谢谢谢", 1.0),
        ("再见再见再见", 1.2),
        ("你们到底管不管啊你们到底管不管啊你们到底管不管啊", 5.0),
        ("一一一二二二二三三三", 2.4),
        ("工单编号是四四四四四四四四", 3.0),
        ("您好请问有什么可以帮您", 1.8),
        ("行行行知道了知道了", 1.3),
        ("感谢您的来电再见", 1.5),
        ("谢谢您的支持与理解，再见", 2.0),
        ("请您对我的服务进行评价", 2.0),
        ("我想投诉这个节目字幕看不清", 2.5),
        ("我在你们台观看节目的时候交了费", 3.0),
        ("我要取消订阅", 1.2),
        ("不要脸", 0.3),
        ("嗯", 0.2),
    ],
)
def test_what_people_say_is_kept(text, seconds):
    assert reason_for(text, seconds) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("好" * 60, 2.0),
        ("谢谢大家" * 12, 3.0),
        ("我们的的的的的的的的的的的的的的的的的的的的", 1.5),
        ("这个问题我们会处理的" * 6, 5.0),
        ("你好，" * 20, 2.0),
        ("像个神经病一样" + "一样" * 40, 4.0),
    ],
)
def test_loops_are_dropped(text, seconds):
    assert reason_for(text, seconds) is DropReason.LOOP


@pytest.mark.parametrize(
    "text",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "请不吝点赞,订阅,转发",
        "字幕由Amara.org社区提供",
        "字幕由 Amara.org 社群提供",
        "中文字幕志愿者 李宗盛",
        "谢谢观看",
        "谢谢大家观看",
        "感谢收看",
        "谢谢观看，下集再见",
        "我们下期再见",
        "优优独播剧场——YoYo Television Series Exclusive",
        "未完待续",
        PROMPT,
        "以下是普通话的电话录音",
    ],
)
def test_subtitle_credits_and_the_prompt_are_dropped(text):
    assert reason_for(text, 4.0) is DropReason.BOILERPLATE


@pytest.mark.parametrize("text", ["", "  ", "……", "，。", "♪♪", "_"])
def test_text_without_words_is_dropped(text):
    assert reason_for(text, 2.0) is DropReason.EMPTY


def test_text_faster_than_anybody_speaks_has_no_speech_under_it():
    assert reason_for("我们会在十五个工作日内答复您的问题", 0.5) is DropReason.NO_SPEECH


def test_text_outside_every_region_is_dropped():
    assert reason_for("您好", 0.0) is DropReason.NO_SPEECH


@pytest.mark.parametrize(
    ("no_speech_prob", "avg_logprob", "expected"),
    [
        (0.9, -1.5, DropReason.NO_SPEECH),
        (0.9, -0.3, None),
        (0.1, -1.5, None),
    ],
    ids=["silent and unsure", "silent but sure", "unsure but not silent"],
)
def test_silence_needs_both_signs(no_speech_prob, avg_logprob, expected):
    assert reason_for("您好", 1.0, no_speech_prob=no_speech_prob, avg_logprob=avg_logprob) is expected


def test_what_remains_is_numbered_by_time_and_what_was_dropped_keeps_its_place():
    late = make_utterance("再见", Party.AGENT, 5000)
    early = make_utterance("您好", Party.CUSTOMER, 1000)
    credits = make_utterance("谢谢观看", Party.AGENT, 3000)
    regions = [SpeechRegion(TimeSpan(0, 9000), channel, -20.0) for channel in (0, 1)]

    kept, dropped = set_aside([late, credits, early], regions)

    assert [(u.index, u.text) for u in kept] == [(0, "您好"), (1, "再见")]
    assert [(d.utterance.text, d.reason) for d in dropped] == [("谢谢观看", DropReason.BOILERPLATE)]


def test_a_region_of_the_other_channel_does_not_vouch():
    utterance = make_utterance("您好", Party.AGENT, 1000)

    kept, dropped = set_aside([utterance], [SpeechRegion(TimeSpan(0, 9000), 1, -20.0)])

    assert kept == ()
    assert [d.reason for d in dropped] == [DropReason.NO_SPEECH]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("我想问问问问问问问问问", 3.0),
        ("先生您先别着您先别着急", 2.5),
        ("感谢您的来电祝您的来电祝您", 5.0),
        ("有本事你去投诉啊我等着", 0.4),
    ],
    ids=["a stutter", "a phrase twice", "a phrase and a half", "too much for its time"],
)
def test_what_deserves_a_second_hearing(text, seconds):
    assert is_doubtful(text, round(seconds * 1000))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("您好请问有什么可以帮您", 1.8), ("喂喂喂", 0.8), ("我问问人家", 0.9), ("不要脸", 0.2), ("", 0.0), ("嗯", 0.1)],
)
def test_what_needs_no_second_hearing(text, seconds):
    assert not is_doubtful(text, round(seconds * 1000))
