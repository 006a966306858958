from __future__ import annotations

import pytest

from callaudit.lexicon.doubts import ABOUT_SELF, REPORTED_SPEECH
from callaudit.lexicon.matcher import LexiconMatcher


def flagged(matcher: LexiconMatcher, text: str) -> list[str]:
    return [match.entry.id for match in matcher.match(text) if match.entry.alone and not match.doubts]


@pytest.mark.parametrize(
    "text",
    [
        "他骂我神经病",
        "司机骂我是个神经病",
        "她说我不要脸",
        "他骂我老不死的神经病",
        "客户说：“你们都是废物”",
        "有人威胁说你等着",
        "您反映司机骂您神经病对吧",
        "您反映的是工作人员态度恶劣，说您有病吧",
        "我没有说您不要脸",
        "没有人说您是神经病",
        "请您不要骂人神经病",
        "你怎么骂我神经病",
        "神经病这三个字是他骂的 不是我们",
        "王八蛋那是客户原话 我打的引号",
        "饭桶这句是他对保安说的 对吧",
        "老混蛋是网名 他自己起的",
        "第七条 严禁使用滚 神经病等侮辱性语言",
        "工单里别写刁民 写市民",
        "催收员骂她老赖 她要投诉",
        "来 你扮演那个骂人的 就说你们都是废物",
        "您说谁不要脸呢",
        "我被他骂神经病",
        "什么叫不要脸",
        "神经病这样的话他都说得出来",
        "来电人称对方让他滚蛋",
        "他说了句他妈的就挂了",
        "咱们不能说不归我管",
        "他原话是你给我等着",
        "她说保安骂她不要脸",
    ],
)
def test_words_of_others_are_doubted(matcher: LexiconMatcher, text: str) -> None:
    matches = [match for match in matcher.match(text) if match.entry.alone]
    assert matches, "the phrase itself must be found"
    assert all(REPORTED_SPEECH in match.doubts for match in matches)


@pytest.mark.parametrize(
    "text",
    [
        "你神经病啊",
        "我说你神经病",
        "就他妈骂你了怎么了",
        "我骂你神经病怎么了",
        "他真不要脸，像个神经病一样",
        "你说你是不是神经病",
        "他又打电话来了。真不要脸",
        "她打了三个电话，神经病",
        "跟你说了不归我管",
        "这种人都不要脸",
        "跟他妈智障一样 三个字听不懂",
        "傻逼叫你报姓名听不懂吗",
        "傻逼是你自己点的菜",
        "饭桶叫你去店里听不懂",
        "神经病是不是没写名字",
        "你神经病这部分费用你自己交",
        "傻逼换成别人早挂了",
        "你听不懂这句话 傻逼",
        "第3项你看不懂吗你个傻逼",
        "模拟机都比你强 傻逼",
        "他神经病 这话我就放这儿了",
    ],
)
def test_words_of_ones_own_are_not_doubted(matcher: LexiconMatcher, text: str) -> None:
    assert flagged(matcher, text)


@pytest.mark.parametrize("text", ["我真是个笨蛋", "我这猪脑子", "哎呀我就是个傻子", "我有病吧"])
def test_insults_at_ones_own_cost_are_doubted(matcher: LexiconMatcher, text: str) -> None:
    matches = [match for match in matcher.match(text) if match.entry.alone]
    assert matches
    assert all(ABOUT_SELF in match.doubts for match in matches)


@pytest.mark.parametrize("text", ["我烦死了", "我懒得理你", "我呸，神经病", "跟我说也没用"])
def test_first_person_is_no_excuse_for_rudeness_to_others(matcher: LexiconMatcher, text: str) -> None:
    assert flagged(matcher, text)
