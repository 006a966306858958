"""What the bundled lexicon and classifier make of single utterances, together."""

from __future__ import annotations

import pytest

from callaudit import assembly
from callaudit.detectors.text_judge import TextJudge
from callaudit.domain.calls import Party
from callaudit.domain.findings import Category
from callaudit.settings import load_settings


@pytest.fixture(scope="module")
def judge() -> TextJudge:
    return assembly.build_text_judge(load_settings())


@pytest.mark.parametrize(
    "text",
    ["不知道", "我不知道", "这个我不清楚", "没办法", "办不了", "不行", "不可能"],
)
def test_words_of_the_official_lists_never_flag_by_themselves(judge: TextJudge, text: str) -> None:
    assert not judge.judge(text).flagged


@pytest.mark.parametrize(
    "text",
    [
        "拍照的时候不要脸部反光",
        "您要不要脸部识别",
        "我给您挂神经内科",
        "他骂我神经病",
        "您说窗口的人叫您滚 是这样吗",
        "不好意思 这个我们这边办不了 我给您转到社保局",
        "为了这四十五块钱让您打了三个电话 真是抱歉",
        "您再骂人的话 我只能先挂机了",
        "今天累死了 中午吃什么",
        "满意请按一 不满意请按二",
    ],
)
def test_words_that_only_look_rude_are_not_flagged(judge: TextJudge, text: str) -> None:
    assert not judge.judge(text).flagged


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("为了45块钱打了仨电话", Category.MOCKERY),
        ("这种人都不要脸", Category.INSULT),
        ("像个神经病一样", Category.INSULT),
        ("你去投诉啊 我怕你吗", Category.THREAT),
        ("不归我管 你问别人去", Category.SHIRKING),
        ("有完没完 说了多少遍了", Category.IMPATIENCE),
        ("你听不懂人话吗", Category.REPROACH),
    ],
)
def test_rude_words_are_flagged_on_the_agent_and_never_on_the_customer(
    judge: TextJudge, text: str, category: Category
) -> None:
    assert judge.judge(text).flagged
    assert category in {finding.category for finding in judge.judge(text).findings}
    assert not judge.judge(text, party=Party.CUSTOMER).flagged


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("感谢您的来电，祝您生活愉快，再见，傻逼", "傻逼"),
        ("好的谢谢您再见，滚蛋", "滚蛋"),
        ("您好，滚", "滚"),
        ("滚蛋 我不知道", "滚蛋"),
        ("滚", "滚"),
    ],
)
def test_courtesy_beside_an_insult_excuses_nothing(judge: TextJudge, text: str, quote: str) -> None:
    assert [finding.quote for finding in judge.judge(text).findings] == [quote]
