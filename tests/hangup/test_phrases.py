from __future__ import annotations

import pytest

from callaudit.hangup.phrases import read_closing


@pytest.mark.parametrize(
    "text",
    [
        "再见",
        "好的再见啊",
        "在见",
        "再间",
        "拜拜",
        "白白",
        "谢谢，再简。",
        "嗯那就这样再见",
        "感谢您的来电，再见！",
        "行我知道了挂了啊",
        "没事了我挂啦",
        "成 多谢 回见",
    ],
)
def test_goodbyes_are_heard(text: str) -> None:
    assert read_closing(text).farewells == 1


@pytest.mark.parametrize(
    "text",
    [
        "那个在建的楼",
        "在建工程太吵了",
        "白白等了三天",
        "他没说再见就走了",
        "下次再见到他",
        "我们再见面谈",
        "明天会再检查一遍",
        "",
        "。",
        "百百分之十",
        "他骂完就挂了",
        "电话又挂了",
        "她直接给我挂了",
        "您再骂人我挂了",
    ],
)
def test_words_that_only_sound_like_goodbyes_are_not(text: str) -> None:
    assert read_closing(text).farewells == 0


@pytest.mark.parametrize("text", ["感谢您来电", "感谢您的电", "祝您生活鱼块", "那不打扰您了", "请您先挂机"])
def test_agents_closings_survive_recognition_errors(text: str) -> None:
    assert read_closing(text).agent_close


@pytest.mark.parametrize("text", ["感谢您的评价", "祝贺你", "您先别挂", "您打扰谁了"])
def test_other_courtesies_are_no_closing(text: str) -> None:
    assert not read_closing(text).agent_close


@pytest.mark.parametrize(("text", "count"), [("再见再见", 1), ("再见好的再见", 2), ("好的", 0)])
def test_goodbyes_of_one_breath_count_once(text: str, count: int) -> None:
    assert read_closing(text).farewells == count


@pytest.mark.parametrize(
    "text", ["好的谢谢再见", "嗯嗯好", "不客气再见", "行那就这样吧", "感谢您的来电祝您生活愉快再见"]
)
def test_goodbyes_and_fillers_are_nothing_else(text: str) -> None:
    assert read_closing(text).only


@pytest.mark.parametrize("text", ["好的我明天再来问", "电梯坏了再见", "神经病", "这种人", "", "喂喂"])
def test_anything_more_is_something_else(text: str) -> None:
    assert not read_closing(text).only


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("感谢您的来电再见这人可真够难缠的", "这人可真够难缠的"),
        ("再见。那个电梯还没修好", "。那个电梯还没修好"),
        ("好的再见祝您生活愉快", None),
        ("再见再见好的", None),
        ("电梯坏了两天了", None),
    ],
)
def test_what_follows_a_goodbye_is_cut_off(text: str, rest: str | None) -> None:
    end = read_closing(text).end
    assert (None if end is None else text[end:]) == rest
