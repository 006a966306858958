"""What machines say on a line: satisfaction surveys, mailboxes, the network, queues."""

from __future__ import annotations

from functools import cache

from callaudit.text.cues import CueFinder, CueHit

SURVEY = "survey"
NETWORK = "network"
MIN_PROMPTS = 2
"""Prompts in one utterance that nobody but a machine says."""

MACHINE_PHRASES: dict[str, tuple[str, ...]] = {
    SURVEY: (
        "[满意]请[按]一",
        "非常满意请[按]",
        "一般请[按]",
        "请按一",
        "请按二",
        "请按三",
        "请按一[至]五[键]",
        "请按一[到]五[键]",
        "对[本次服务]进行评价",
        "对[本次服务]作出评价",
        "对[本次通话]进行评价",
        "对[本次服务]打分",
        "对[话务员]的服务进行[评价]",
        "谢谢您的[评价]",
        "感谢您的[评价]",
        "感谢您的[参与]",
        "您已超时",
        "[输入]有误请[重新]",
        "通话即将[挂断]",
    ),
    NETWORK: (
        "您拨打的[用户]",
        "您拨打的电话已[关机]",
        "您拨打的电话正在[通话]中",
        "您拨打的电话[暂时]无法",
        "用户[正在]通话中",
        "暂时[无法]接通",
        "暂时[无法]接听",
        "请在[嘀]声后[留言]",
        "请在[提示]音后[留言]",
        "您所拨打的号码是[空号]",
        "您的来电[正在转接]",
        "坐席[正忙]",
        "当前[排队人]数",
        "人工服务请[按]",
        "返回[上一级]请[按]",
        "请按[井号]键",
        "请按[星号]键",
        "本次通话将被[录音]",
    ),
}
"""Wordings as public descriptions of surveys and the carriers' announcements give them."""


@cache
def _finder() -> CueFinder:
    return CueFinder(MACHINE_PHRASES)


def machine_prompts(text: str) -> tuple[CueHit, ...]:
    """Machine prompts in an utterance, of group `SURVEY` or `NETWORK`; they survive recognition errors.

    >>> [hit.group for hit in machine_prompts("请您对本次服务做出平价")]
    ['survey']
    >>> machine_prompts("请您稍后对我的服务进行评价再见")
    ()
    """
    return _finder().find(text)


def is_machine(text: str) -> bool:
    """Whether a machine says the whole of an utterance: people mention its words, or speak while it does.

    At least two prompts, or one that makes up half of the characters; Latin letters do not count, announcements repeat
    themselves in English.

    >>> is_machine("您拨打的电话暂时无法接通")
    True
    >>> is_machine("我上次给您打电话暂时无法接通你是不是有病")
    False
    """
    hits = machine_prompts(text)
    return len(hits) >= MIN_PROMPTS or 2 * sum(_weight(hit.chars.cut(text)) for hit in hits) >= max(1, _weight(text))


def _weight(text: str) -> int:
    """Chinese characters and digits."""
    return sum(char.isalnum() and (not char.isascii() or char.isdigit()) for char in text)
