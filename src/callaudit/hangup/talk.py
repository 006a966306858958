"""What is talked about near the end of a call: the work order, the customer on the line, the caller in his absence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from callaudit.text.cues import CueFinder

READ_BACK = "read_back"
MESSAGE = "message"
WORK = "work"

TALK_PHRASES: dict[str, tuple[str, ...]] = {
    READ_BACK: (
        "市民反映",
        "来电人",
        "来电反映",
        "客户反映",
        "用户反映",
        "群众反映",
        "业主反映",
        "反映人",
        "诉求",
        "诉求人",
        "反映问题",
        "反映称",
        "来电称",
        "客户称",
        "用户称",
        "咨询件",
        "投诉件",
        "普通件",
        "工单类型",
        "工单编号",
        "派单",
        "派至",
        "派给",
        "转派",
        "转办",
        "承办单位",
        "联系电话",
        "联系方式",
        "来电号码",
        "详细地址",
        "具体地址",
        "地址是",
        "事发地",
        "工作日",
        "办理时限",
        "要求核实",
        "要求尽快",
        "希望尽快",
        "请相关部门",
        "望核实",
        "请核实",
        "予以回复",
        "予以处理",
        "回复市民",
        "回复客户",
        "备注",
        "提交",
        "保存",
        "归档",
        "录入",
        "身份证号",
        "订单号",
        "故障类型",
        "报修",
        "登记人",
        "户号",
        "单元",
        "多次拨打",
        "至今未",
        "一事",
    ),
    MESSAGE: (
        "给您留言",
        "给您留个言",
        "听到留言",
        "收到留言",
        "看到后",
        "听到后",
        "请回电",
        "请您回电",
        "给我们回电",
        "给我们回个电话",
        "给您来电",
        "联系不上您",
        "再给您打",
        "再联系您",
    ),
    WORK: ("下一个电话", "下一通", "这单", "这个单", "工单", "客户", "投诉", "接电话", "坐席", "小休", "质检", "话务"),
}
"""Set phrases of work orders, messages and the trade, as hotlines write and speak them; found by sound too."""

_CALLER = re.compile(
    r"(?:刚才|刚刚|刚)?(?:这|那|刚才那)(?:个|位|种)?(?:人|家伙|老头|老太|大爷|大妈|大姐|阿姨|女的|男的|客户|用户|小伙|哥们|货|东西|主儿|奇葩|神经)"
    r"|这种人|这些人|什么人[呐呢啊嘛]?|有的人|有些人|(?<![给问找叫让跟])[他她](?!们)|打发|人家还"
)
"""Somebody who is not there and is no office: what callers are called behind their backs."""
_TO_CUSTOMER = re.compile(r"您|先生|女士|喂")
_LAUGHTER = re.compile(r"(?:哈|呵|嘿|嘻){2,}|笑死|笑[我]?[得]?不行")
_MIN_READ_BACK = 2
_FRAGMENTS = re.compile(r"[0-9零〇一二三四五六七八九十百幺两]{3,}|号楼|单元|小区|路[^过上]|街道|村|元|局|公司|科")


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkWords:
    """What one piece of speech is about."""

    read_back: int = 0
    """Phrases of a work order."""
    fragment: bool = False
    """Numbers, addresses, offices: what work orders are made of, and other things too."""
    to_customer: bool = False
    """Somebody is addressed as a customer is: 您, 先生, 喂."""
    message: bool = False
    """A message is left."""
    about_caller: bool = False
    """Somebody who is not there is talked about."""
    work: bool = False
    """The trade: calls, work orders, customers."""
    laughter: bool = False


@cache
def _finder() -> CueFinder:
    return CueFinder(TALK_PHRASES)


@lru_cache(maxsize=4096)
def read_talk(text: str) -> TalkWords:
    """Look for what a piece of speech is about.

    >>> read_talk("市民反映路灯损坏 派住建局 三个工作日").read_back
    2
    >>> read_talk("这人真够烦的 她还教育我").about_caller
    True
    """
    hits = _finder().find(text)
    return TalkWords(
        read_back=sum(hit.group == READ_BACK for hit in hits),
        fragment=bool(_FRAGMENTS.search(text)),
        to_customer=bool(_TO_CUSTOMER.search(text)),
        message=any(hit.group == MESSAGE for hit in hits),
        about_caller=bool(_CALLER.search(text)),
        work=any(hit.group == WORK for hit in hits),
        laughter=bool(_LAUGHTER.search(text)),
    )
