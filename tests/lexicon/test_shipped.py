"""The lexicon that ships with callaudit."""

from __future__ import annotations

from collections import Counter

import pytest

from callaudit.domain.findings import SPEECH_CATEGORIES, Category
from callaudit.lexicon.check import check
from callaudit.lexicon.entries import ABOUT_CALLER, Lexicon
from callaudit.lexicon.matcher import LexiconMatcher
from callaudit.text.segment import Segmenter


def flagged(matcher: LexiconMatcher, text: str) -> list[str]:
    return [match.entry.id for match in matcher.match(text) if match.entry.alone and not match.doubts]


def test_every_entry_keeps_the_promises_of_its_examples(shipped: Lexicon, segmenter: Segmenter) -> None:
    assert [str(problem) for problem in check(LexiconMatcher(shipped, segmenter))] == []


def test_every_category_is_well_covered(shipped: Lexicon) -> None:
    counts = Counter(entry.category for entry in shipped.entries)
    assert set(counts) == set(SPEECH_CATEGORIES)
    assert min(counts.values()) >= 25
    assert sum(counts.values()) >= 300


def test_third_person_talk_is_tagged(shipped: Lexicon) -> None:
    assert sum(ABOUT_CALLER in entry.tags for entry in shipped.entries) >= 20


def test_what_stands_in_innocent_sentences_too_never_counts_alone(matcher: LexiconMatcher) -> None:
    for text in ("我不知道", "我不清楚", "不行", "不可能", "没办法", "我也没办法", "做不到", "无能为力", "您必须等着"):
        assert flagged(matcher, text) == []


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("为了四十五块钱打了仨电话", {Category.MOCKERY}),
        ("为了45块打了三个电话", {Category.MOCKERY}),
        ("为了三毛钱，前前后后打了五通电话", {Category.MOCKERY}),
        ("不就几十块钱嘛还打这么多次电话", {Category.MOCKERY}),
        ("这种人都不要脸", {Category.INSULT}),
        ("那个人脸皮真厚，跟神经病似的", {Category.INSULT}),
        ("像个神经病一样", {Category.INSULT}),
        ("给她解决她不接电话，狗东西", {Category.INSULT, Category.MOCKERY}),
        ("不用理，挂掉", {Category.SHIRKING}),
        ("就他妈骂你了，怎么了", {Category.THREAT}),
        ("老子没工号，爱咋咋地", {Category.THREAT}),
        ("你以为都惯着你们那", {Category.MOCKERY}),
        ("你特么听不懂人话啊", {Category.INSULT, Category.MOCKERY}),
        ("这个沙比又来投诉", {Category.INSULT}),
        ("你去投诉啊，随便投诉", {Category.THREAT}),
        ("你问我，我问谁", {Category.SHIRKING}),
        ("刚才不是告诉你了吗，怎么还问", {Category.REPROACH}),
        ("喂，再不说话我就挂了", {Category.IMPATIENCE}),
        ("又死不了，急什么", {Category.COLDNESS, Category.MOCKERY}),
    ],
)
def test_known_cases_are_found_by_general_patterns(
    matcher: LexiconMatcher, text: str, categories: set[Category]
) -> None:
    matches = [match for match in matcher.match(text) if match.entry.alone and not match.doubts]
    assert {match.entry.category for match in matches} >= categories


@pytest.mark.parametrize(
    "text",
    [
        "您好，请问有什么可以帮您",
        "为了核实您的四十五块钱，我们给医院打了两次电话",
        "请您不要脸部遮挡，正对摄像头",
        "不要脸靠太近，人脸识别会失败",
        "您要挂神经内科还是神经外科",
        "糖尿病神经病变可以申请门诊慢病",
        "孩子得了神经炎，想咨询报销",
        "您有病历本和身份证吗",
        "老人有病在身，我们可以上门办理",
        "有病请及时就医",
        "我给您滚动播放一遍",
        "楼上滚蛋糕车的声音",
        "他妈妈的身份证也要带",
        "孩子和他妈的户口在一起",
        "草莓坏了我草拟了一份说明",
        "尼玛县的电话是多少",
        "沙比例请咨询住建局",
        "发票一共二百五十元",
        "一共二百五块钱",
        "这是脑瘫儿童康复补贴",
        "智障人士补贴在社区申请",
        "医疗废物由专业公司回收",
        "猪头肉不新鲜可以投诉",
        "河里有死猪请联系畜牧部门",
        "小狗东西南北都跑过了",
        "您不要着急，慢慢说",
        "您急什么样的材料我先发您",
        "您可以去投诉台登记",
        "如果您不满意可以申请复核",
        "您投诉的问题已经受理",
        "请您先挂机",
        "您还有什么不明白的吗",
        "我这边没听清，请您再说一遍",
        "请问听得到吗",
        "抱歉，系统坏了没办法办理，我给您登记",
        "这个不归我们管，我帮您转给住建局",
        "不好意思我不太清楚，我帮您查一下",
        "您可以找物业协商，我们也会转办",
        "工作人员都下班了，明天我再联系您好吗，不好意思",
        "请您在家等通知",
        "请问您想看什么科",
        "手术时会有点疼，请您忍一忍",
        "路上滑，请您小心点",
        "麻烦您把情况给我讲一下",
        "您等着叫号就行",
        "水龙头一直滚烫",
        "耳朵聋的老人可以申请助听器",
        "您说商家蛮不讲理，我们会核实",
        "邻居没素质乱扔垃圾，我给您登记",
        "诈骗短信您不用理他们",
        "您反映垃圾没人管，我马上转给城管",
        "满意请按一，不满意请按二",
        "中午吃什么，一会儿去哪吃饭",
        "我下班了，周末去哪玩",
        "帮我带杯奶茶",
    ],
)
def test_hard_negatives_stay_unflagged(matcher: LexiconMatcher, text: str) -> None:
    assert flagged(matcher, text) == []
