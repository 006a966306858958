from __future__ import annotations

import pytest

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.transcripts import Utterance
from callaudit.text.cues import CueFinder
from callaudit.text.parties import WordPartyAttributor
from callaudit.text.prompts import is_machine, machine_prompts
from tests.builders import make_call, make_dialogue, make_utterance

A, C, U, S = Party.AGENT, Party.CUSTOMER, Party.UNKNOWN, Party.SYSTEM


def named(*texts: str) -> list[Party]:
    said = make_dialogue(*((U, text) for text in texts))
    utterances, _ = WordPartyAttributor().attribute(make_call(mixed=True), said)
    assert all((one.party_basis is PartyBasis.WORDS) == (one.party is not U) for one in utterances)
    return [one.party for one in utterances]


@pytest.mark.parametrize(
    "text",
    [
        "您好很高兴为您服务",
        "请问有什么可以帮您",
        "您好工号3057",
        "您好工号二零七请讲",
        "我的工号是3057",
        "您说的问题我帮您登记",
        "请问您的联系方式",
        "感谢您的来电再见",
        "感谢您来电",
        "我帮您查一下",
        "好的我帮您登记",
        "请问还有其他可以帮您的吗",
        "有什么可以邦您",
    ],
)
def test_agents_set_phrases_name_the_agent(text: str) -> None:
    assert named(text) == [A]


@pytest.mark.parametrize(
    "text", ["我要投诉物业", "我想反映一个问题", "我想咨询一下社保", "我想问一夏公积金", "麻烦你们快一点"]
)
def test_customers_set_phrases_name_the_customer(text: str) -> None:
    assert named(text) == [C]


@pytest.mark.parametrize(
    "text",
    [
        "你们这是怎么办事的",
        "你有完没完",
        "神经病",
        "不要脸",
        "他妈的你们怎么回事",
        "今天再不来我就骂死你们",
        "这种人真够烦的",
        "为了四十五块钱打了仨电话",
        "帮我查一下",
        "好的",
        "再见",
        "你工号多少",
        "您想投诉谁",
        "嗯",
        "",
        "您好",
        "我要投诉请问有什么可以帮您",
        "您好您是一二三四五热线吗",
        "您好请问是供水公司吗",
        "请问您的投诉电话是多少",
        "请问您的公司地址在哪",
        "你们的人说帮您登记就不管了真不要脸",
        "上次那个人答应我帮您登记结果没下文",
        "你的工号是3057对吧",
        "我家我住三楼",
        "他说我要投诉真是神经病",
    ],
)
def test_weak_rude_or_contradictory_words_name_nobody(text: str) -> None:
    assert named(text) == [U]


def test_a_weak_sign_counts_as_the_answer_to_a_question() -> None:
    assert named("请问您贵姓", "我姓王") == [A, C]
    assert named("我姓王") == [U]
    assert named("请问有什么可以帮您", "我家停水了") == [A, C]


def test_an_answer_must_come_soon() -> None:
    said = make_dialogue((U, "请问您贵姓"), (U, "我姓王", 9000))
    utterances, _ = WordPartyAttributor().attribute(make_call(mixed=True), said)
    assert [one.party for one in utterances] == [A, U]


@pytest.mark.parametrize(
    "text",
    [
        "满意请按一不满意请按二",
        "满意请按1",
        "请对本次服务进行评价",
        "请您对本次服务做出平价",
        "谢谢您的评价",
        "您拨打的用户正在通话中",
        "您拨打的电话暂时无法接通",
        "请在滴声后留言",
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_machine_prompts_are_the_system_on_any_channel(text: str, mixed: bool) -> None:
    call = make_call(mixed=mixed)
    for party in (U,) if mixed else (A, C):
        utterances, _ = WordPartyAttributor().attribute(call, [make_utterance(text, party)])
        assert [(one.party, one.party_basis) for one in utterances] == [(S, PartyBasis.WORDS)]


@pytest.mark.parametrize(
    "text",
    [
        "请您稍后对我的服务进行评价再见",
        "感谢您的来电再见",
        "感谢您的配合",
        "您拨打的是市民热线",
        "我对你们的服务不满意",
        "请按时到窗口办理",
        "他的电话没人接听",
    ],
)
def test_what_people_say_is_no_machine_prompt(text: str) -> None:
    assert machine_prompts(text) == ()


def stereo_warnings(*turns: tuple[Party, str]) -> tuple[Warn, ...]:
    said: tuple[Utterance, ...] = make_dialogue(*turns)
    utterances, warnings = WordPartyAttributor().attribute(make_call(), said)
    assert utterances == said
    return warnings


def test_a_swapped_channel_map_is_doubted() -> None:
    swapped = ((C, "您好很高兴为您服务"), (A, "我要投诉物业"), (C, "我帮您登记一下"), (C, "感谢您的来电再见"))
    assert stereo_warnings(*swapped) == (Warn.CHANNEL_MAP_DOUBTFUL,)


@pytest.mark.parametrize(
    "turns",
    [
        ((A, "您好很高兴为您服务"), (C, "我要投诉物业"), (A, "我帮您登记一下")),
        ((A, "您好很高兴为您服务"), (C, "您好很高兴为您服务"), (C, "我帮您登记一下")),
        ((A, "喂"), (C, "你们说什么为您服务")),
        (),
    ],
    ids=["as mapped", "both", "one cue", "nothing said"],
)
def test_a_channel_map_stands_without_clear_contradiction(turns: tuple[tuple[Party, str], ...]) -> None:
    assert stereo_warnings(*turns) == ()


def test_courtesy_on_the_customers_channel_does_not_cast_doubt_on_the_map() -> None:
    turns = ((A, "喂"), (C, "您好请问是供水公司吗"), (C, "您好您是一二三四五热线吗"))
    assert stereo_warnings(*turns) == ()


@pytest.mark.parametrize(
    "text",
    [
        "我上次给您打电话暂时无法接通你是不是有病",
        "你让她请按一她都不会，跟神经病一样",
        "谢谢您的评价我跟你说你这个人真是不要脸",
    ],
)
def test_people_who_mention_a_prompt_are_no_machine(text: str) -> None:
    assert machine_prompts(text)
    said = make_dialogue((A, text), (C, text))
    utterances, _ = WordPartyAttributor().attribute(make_call(), said)
    assert [one.party for one in utterances] == [A, C]


def test_the_english_half_of_an_announcement_does_not_make_it_human() -> None:
    assert is_machine("您拨打的电话已关机 sorry the subscriber you dialed is power off")


def test_cue_places_are_in_the_raw_text() -> None:
    text = "嗯，请 按１，好"
    (hit,) = CueFinder({"key": ["请按一"]}).find(text)
    assert hit.chars.cut(text) == "请 按１"


def test_bracketed_characters_of_a_cue_are_not_edited() -> None:
    finder = CueFinder({"cue": ["感谢您的[评价]"]})
    assert finder.find("感谢你您的评价")
    assert not finder.find("感谢您的来电")
