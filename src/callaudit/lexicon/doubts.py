"""What speaks against taking a match at face value: the words are somebody else's, or about the speaker.

他骂我神经病 is a complaint, 我没有说您不要脸 a denial, 您反映司机骂您有病 a reading back, 我真是个笨蛋 a joke at one's
own cost. The rules look at the words of the same sentence before the match, folded (您 is 你, 她 is 他, 得 and 地 are
的, 一 is 1), with a comma for every pause.
"""

from __future__ import annotations

import re

from callaudit.domain.findings import Category
from callaudit.domain.spans import CharSpan
from callaudit.text.normalize import Folded

REPORTED_SPEECH = "reported_speech"
"""转述: quoted, denied, asked or complained about."""
ABOUT_SELF = "about_self"
"""自嘲: the speaker means himself."""

_WINDOW = 30
"""Folded characters before a match that are looked at."""
_WINDOW_AFTER = 16
"""And after it."""

_OTHERS = (
    "[一-鿿]{2}员|他们?|其|人家|对方|别人|有人|[那这]个人|[那这]个[男女]的|客户|市民|群众|用户|顾客|乘客|患者|病人|来电人|当事人|司机|师傅|医生|大夫"
    "|护士|护工|教练|骗子|保安|物业|老板|店[家长主]|商户|商家|店员|售货员|快递员?|外卖员?|骑手|邻居|领导|老师|校长|警察|民警|房东|中介|售票员|乘务员|服务员"
    "|(?:工作|窗口|催收)人员|客服|坐席|接线员|话务员|窗口|前台|家属|家长|闺女|女儿|儿子|老公|老婆|丈夫|妻子|媳妇|婆婆|妈妈?|爸爸?"
    "|爷爷|奶奶|孩子|同学|同事|朋友|经理|主任|[那这]边|单位|公司|医院|学校|村里|社区|居委会|街道|网上|网友|群里|短信里?|歌里|剧里"
    "|电影里?|小品里?|台词|男主|女主|主角"
)
_WHOM = (
    "(?:我们?|咱们?|俺|你们?|他们?|其|自己|老人家?|孩子|人家|市民|客户|顾客|用户|学员|学生|员工|居民|业主|乘客|患者|病人|家属"
    "|我妈|我爸|我儿子|我女儿|爸爸|妈妈|别人|对方|人)"
)
_SAID = "(?:骂|说|讲|喊|叫|吼|嚷|问|称|回复?|告诉|威胁|恐吓|辱骂|指责|嘲笑|嫌|形容|侮辱|嘟囔|嘀咕|念叨)(?:了|着|过)?"
_LEAD = "(?:是|都|就|真|真是|像|像个|像是|个|这个|这种|有点|要|还|1句|几句|什么|大|,|我|你|你这个|你个)*"
_FORBID = (
    "(?:不能|不可以|不许|不准|禁止|不得|不该|不应该|不要|别|不会|不敢|没有?|没人|不是|从来没|从没|怎么会|怎么敢|哪敢)"
)

_REPORTED_BEFORE = tuple(
    re.compile(rule + "$")
    for rule in (
        # 他骂我…, 司机说我是…, 客户说:…, 市民称司机骂他…
        f"(?:{_OTHERS})[^,]{{0,6}}?{_SAID}{_WHOM}?{_LEAD}",
        f"(?:{_OTHERS})[^,]{{0,6}}?{_SAID}{_WHOM}?,?{_SAID}{_WHOM}?{_LEAD}",
        # 司机让我…
        f"(?:{_OTHERS})[^,]{{0,6}}?[让叫](?:我们?|他们?|其)(?:赶紧|快)?",
        # 他骂我老不死的…: other insults may come first; but not 我就骂你…
        "[^,我就想要敢]骂(?:了|过|着|的)?" + _WHOM + "[^,]{0,8}",
        "(?:^|,)骂(?:市民|客户|乘客|别人|人家)[^,]{0,4}",
        "(?:威胁|恐吓|扬言|声称|侮辱)[^,]{0,10}",
        # 被骂…, 被他说成…
        "被[^,]{0,6}(?:骂|说|叫|喊|威胁)[^,]{0,6}",
        # 你怎么骂我…, 你说谁…
        "你们?(?:刚才|刚刚|怎么|凭什么|为什么|再|还|竟然|居然|敢|这是在?|是|老|又|能|可以)*(?:说|骂|叫)(?:我们?|谁)[^,]{0,6}",
        # 我没有说您…, 没人觉得您…, 不能说…
        f"{_FORBID}[^,]{{0,4}}(?:说|骂|讲|觉得|认为|嫌)(?:过)?{_WHOM}[^,]{{0,5}}",
        "(?:不能|不可以|不许|不准|禁止|不得|不该|不应该)(?:再|对[^,]{0,3}|跟[^,]{0,3})?(?:说|讲)[^,]{0,2}",
        # 说人家像…, 说自己是…
        "(?:^|[^我你跟就])说(?:人家|自己|我|我们)" + _LEAD,
        # 说了一句…, 学了句…, 原话是…
        "(?:说|骂|学|喊|回|吼|甩|撂|丢|来)(?:了|过)?(?:1|几|2)?句[^,]{0,4},?",
        "原话[^,]{0,4},?[^,]{0,8}",
        # 工单里写的是…, 您听到的是…, 转述的是…, 照原样记: …
        "(?:写|记|听到|听见|转述|登记|念|读|打|发)(?:的|了|到)?(?:内容)?(?:是|就是|着),?[^,]{0,8}",
        # 严禁使用…, 不得出现…, 禁语第七条…, 考试题里…, 讲师举了个例子 说…
        "(?:严禁|禁止|不准|不得|不许|杜绝)(?:使用|出现|说|讲)[^,]{0,10},?[^,]{0,10}",
        "(?:禁语|忌语|禁用语|考试题?|题目|课件|讲师|老师|培训|例子|举例|条例|规范|手册|第[0-9]+条)[^,]{0,12},?[^,]{0,10}",
        # 第三句…
        "第[0-9]+[句题],?[^,你]{0,4}",
        # 那句…, 扮客户说…, 口头禅是…
        "(?:^|[^懂白清])[那这]句(?:话)?",
        "(?:扮演?|扮成|演练里?|排练|口头禅|模仿)[^,你]{0,6},?[^,你]{0,10}(?:你们?)?(?:都|就)?是?",
        # 别写…, 不要称…
        "(?:别|不要|不能|不许|千万别)(?:再)?(?:写|称呼?)(?:成|出)?(?:人家|别人|客户|市民)?[^,]{0,2}",
        # 什么叫…, 所谓的…, 那首歌叫…
        "(?:什么叫|什么是|叫做?什么|所谓的?)",
        "(?:歌|名字?|电影|书|店|剧|群|网名|小品|外号|绰号)[^,]{0,3}(?:叫|是)[^,]{0,2}",
        # 您反映的是工作人员态度不好说…
        "(?:反映|反应|投诉|举报|诉求|录音里|内容是?|登记的?是).{0,20}(?:骂|说|态度|称|讲|语气|言语)[^,]{0,8}",
        "(?:态度|语气)(?:恶劣|不好|很差|差)?,?(?:还)?(?:说|骂|讲)[^,]{0,6}",
    )
)
_REPORTED_AFTER = re.compile(
    # …这种话, …这三个字, …这个角色, …那首歌
    "^,?(?:这样|这种|之类|这类|这些|等等?|那样|那种)的?(?:话|字眼|词|言语|词汇|脏话|语言|说法|句子|标题)|^的?(?:字眼|脏话|骂人)"
    "|^(?:[这那]?[2-9几]|[这那])个(?:词|字|角色|说法|写法|梗|歌名)|^[这那]句是|^[这那](?:词|首歌?|部[剧片电])"
    # …是网名, …那是客户原话, …是忌语, …那句是他骂的
    "|^,?[这那]?个?就?(?:是|叫|属于)(?!你)[^,你]{0,8}(?:网名|歌名?|电影|小说|角色|台词|原[话文]|[忌禁]语|方言|粤语|川话|词条|小吃|[菜店书]名)"
    "|^,?[这那]?是[^,你]{0,6}(?:骂的|写的|说的|讲的|话里的)"
)
_SELF_BEFORE = re.compile(
    "(?:^|,)[^,]{0,3}?我(?:这|这个|这人|是|真是|真|就是|像|像个|是个|自己|自认|怎么|又|都|太|大|简直|可能|当时|那|的|有点|个|,)*$"
)
_SELF_CATEGORIES = frozenset({Category.INSULT, Category.MOCKERY})
_QUOTES = (("“", "”"), ("‘", "’"), ("「", "」"), ("『", "』"))


def doubts_about(category: Category, raw: str, folded: Folded, start: int, end: int) -> tuple[str, ...]:
    """Keys of the doubts about a match at the folded stretch `[start, end)`; none where it may be taken as it is."""
    before = _words_before(folded, start)
    doubts: list[str] = []
    if (
        _is_quoted(raw, folded.raw_span(start, end))
        or _REPORTED_AFTER.match(_words_after(folded, end))
        or any(rule.search(before) for rule in _REPORTED_BEFORE)
    ):
        doubts.append(REPORTED_SPEECH)
    if category in _SELF_CATEGORIES and _SELF_BEFORE.search(before):
        doubts.append(ABOUT_SELF)
    return tuple(doubts)


def _words_before(folded: Folded, start: int) -> str:
    """The end of the sentence so far, with a comma for each pause."""
    first = max([0, start - _WINDOW, *(at for at in folded.breaks if at <= start)])
    return "".join(
        ("," if at in folded.pauses and at > first else "") + (folded.text[at] if at < start else "")
        for at in range(first, start + 1)
    )


def _words_after(folded: Folded, end: int) -> str:
    """The words after a match, with a comma for each pause."""
    last = min(len(folded.text), end + _WINDOW_AFTER)
    return "".join(("," if at in folded.pauses else "") + folded.text[at] for at in range(end, last))


def _is_quoted(raw: str, span: CharSpan) -> bool:
    """Whether the stretch lies between quotation marks."""
    before, after = raw[: span.start], raw[span.end :]
    if any(before.count(opening) > before.count(closing) for opening, closing in _QUOTES):
        return True
    return any(before.count(mark) % 2 == 1 and mark in after for mark in ('"', "＂"))
