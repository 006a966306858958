"""How calls are closed in words, and how they go on after all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from callaudit.text.cues import CueFinder, CueHit

FAREWELL = "farewell"
AGENT_CLOSE = "agent_close"
SOFT_CLOSE = "soft_close"
CUSTOMER_CLOSE = "customer_close"
SILENT = "silent"
RESUME = "resume"
SERVICE = "service"
GREETING = "greeting"

CLOSING_PHRASES: dict[str, tuple[str, ...]] = {
    FAREWELL: ("再见", "拜拜", "再会", "回见", "回头见", "我挂了", "我挂啦", "先挂了", "那挂了", "挂了啊"),
    AGENT_CLOSE: (
        "感谢您的来[电]",
        "谢谢您的来[电]",
        "感谢您[来电]",
        "感谢来电",
        "祝您生活愉快",
        "祝您工作顺利",
        "祝您身体健康",
        "祝您一切顺利",
        "祝您愉快",
        "祝您顺利",
        "不打扰您",
        "打扰您了",
        "[打扰您]休息了",
        "[欢迎]您再次[来电]",
        "有问题您再[打]",
        "有问题您随时[打电话]",
        "有疑问您再[打]",
        "请您先挂机",
        "请[您]先[挂断]",
        "[对我的]服务进行[评价]",
        "[对我的]服务[评价]",
        "为我的服务[打分]",
    ),
    SOFT_CLOSE: (
        "感谢您的支持",
        "谢谢您的支持",
        "感谢您的配合",
        "谢谢您的配合",
        "感谢您的理解",
        "谢谢您的理解",
        "支持与理解",
    ),
    CUSTOMER_CLOSE: (
        "谢谢你",
        "谢谢您",
        "谢谢啊",
        "好的谢谢",
        "好谢谢",
        "感谢你们",
        "谢谢你们",
        "麻烦你了",
        "麻烦您了",
        "辛苦你们了",
        "辛苦了",
        "就这样吧",
        "那就这样",
        "先这样",
        "没有别的了",
        "没有问题了",
        "没事了",
        "我先挂了",
        "那我挂了",
        "我等你们电话",
        "我知道了",
        "我明白了",
    ),
    SILENT: (
        "听不到您的声音",
        "听不见您的声音",
        "听不到您说话",
        "听不见您说话",
        "没有听到您的声音",
        "您那边没有声音",
        "您的电话没有声音",
        "听得见我说话吗",
        "听得到我说话吗",
        "能听到我说话吗",
        "能听见我说话吗",
        "能听见吗",
        "能听到吗",
        "请您大声一点",
        "换个电话再打",
        "换一部电话",
        "您还在听吗",
        "还在听吗",
        "您还在吗",
        "还在线吗",
        "喂您好",
    ),
    RESUME: (
        "再问一下",
        "再问一个",
        "再问您",
        "还想问",
        "想再问",
        "再咨询",
        "还有一个问题",
        "还有个问题",
        "还有一件事",
        "还有个事",
        "忘了问",
        "顺便问一下",
        "等一下",
    ),
    SERVICE: (
        "请问",
        "您请说",
        "您请讲",
        "您说",
        "您稍等",
        "请您",
        "帮您",
        "给您",
        "为您",
        "您可以",
        "您的",
        "您这边",
        "您先",
        "您放心",
    ),
    GREETING: (
        "有什么可以帮您",
        "有什么可以帮到您",
        "有什么可以帮助您",
        "为您服务",
        "[请问]您需要什么",
    ),
}
"""Closings and their neighbours, from public service scripts (12345, 10086, 96128) and everyday telephone talk."""

_NOT_A_FAREWELL = re.compile(
    r"再见(?:面|到|不到|他|她)|(?:说|讲|句|声|个|没)[了过]?再[见会]|再会(?:儿|议)"
    r"|(?:给|帮|让|叫|等|骂|跟)我挂|[他她](?:们|就|又|直接|一下)*先?挂了|电话(?:就|又)?挂了|再[^，。 ]{0,6}我挂"
)
"""Goodbyes that somebody reports or threatens with."""
_SOFT_WORDS = re.compile(
    r"不用客气|不客气|不用谢|没关系|没事|应该的|好的|好嘞|好吧|好|嗯|哦|噢|啊|哎|诶|欸|唉|呀|呢|行|可以|谢谢|感谢|多谢|谢"
    r"|你们|你|您|那就|那|就|这样|先|吧|了|再|是的|对|麻烦|辛苦|没有|没|祝|请|老师|先生|女士|同志|的|挂|也|啦"
)
_PUNCTUATION = re.compile(r"[\W_]+")
_MAX_CHAIN_GAP = 6
"""Other characters between two goodbyes of one breath."""
_MIN_TAIL = 4
"""Characters after the goodbyes that are something else."""
_GROUPS_OF_CLOSING = (FAREWELL, AGENT_CLOSE, SOFT_CLOSE, CUSTOMER_CLOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingWords:
    """What one piece of speech says about the end of the call."""

    farewells: int = 0
    """再见, 拜拜; those said in one breath count once."""
    agent_close: bool = False
    """A phrase with which agents close, such as 感谢您的来电."""
    soft_close: bool = False
    """Thanks that may close or not, such as 感谢您的理解."""
    customer_close: bool = False
    """A phrase with which customers close, such as 好的谢谢."""
    silent: bool = False
    """The agent hears nobody."""
    resume: bool = False
    """Somebody has one more question."""
    service: bool = False
    """A customer is being served: 请问, 帮您, …"""
    greeting: bool = False
    only: bool = False
    """Goodbyes and polite fillers, nothing else."""
    end: int | None = None
    """Code point after the last 再见 of the first goodbyes, where something else follows it; else None."""


@cache
def _finder() -> CueFinder:
    return CueFinder(CLOSING_PHRASES)


@lru_cache(maxsize=4096)
def read_closing(text: str) -> ClosingWords:
    """Look for goodbyes and their neighbours.

    >>> read_closing("好的，感谢您来电，在见").farewells
    1
    >>> read_closing("她还跟我说再见呢").farewells
    0
    """
    hits = [hit for hit in _finder().find(text) if hit.group != FAREWELL or _is_farewell(hit, text)]
    groups = {hit.group for hit in hits}
    chain = _chain([hit for hit in hits if hit.group in (FAREWELL, AGENT_CLOSE)], text)
    ends = [hit.chars.end for hit in chain if hit.group == FAREWELL]
    tail = _rest(text[ends[-1] :], _finder().find(text[ends[-1] :])) if ends else ""
    return ClosingWords(
        farewells=_breaths([hit for hit in hits if hit.group == FAREWELL], text),
        agent_close=AGENT_CLOSE in groups,
        soft_close=SOFT_CLOSE in groups,
        customer_close=CUSTOMER_CLOSE in groups,
        silent=SILENT in groups,
        resume=RESUME in groups,
        service=SERVICE in groups,
        greeting=GREETING in groups,
        only=_is_only_closing(text, [hit for hit in hits if hit.group in _GROUPS_OF_CLOSING]),
        end=ends[-1] if len(tail) >= _MIN_TAIL else None,
    )


def _is_farewell(hit: CueHit, text: str) -> bool:
    """A farewell by its characters anywhere; by its sound alone (在建, 白白) only where nothing follows."""
    if hit.exact:
        return not any(
            match.start() < hit.chars.end and hit.chars.start < match.end() for match in _NOT_A_FAREWELL.finditer(text)
        )
    after = _rest(text[hit.chars.end :], _finder().find(text[hit.chars.end :]))
    return not after


def _chain(hits: list[CueHit], text: str) -> list[CueHit]:
    """The first run of goodbyes with little else between them."""
    run: list[CueHit] = []
    for hit in hits:
        if run and len(_rest(text[run[-1].chars.end : hit.chars.start], ())) > _MAX_CHAIN_GAP:
            break
        run.append(hit)
    return run


def _breaths(farewells: list[CueHit], text: str) -> int:
    """Farewells, those that follow one another directly (再见再见) counted once."""
    return sum(
        at == 0 or bool(_PUNCTUATION.sub("", text[farewells[at - 1].chars.end : hit.chars.start]))
        for at, hit in enumerate(farewells)
    )


def _is_only_closing(text: str, hits: list[CueHit]) -> bool:
    """Whether hardly anything is left without the goodbyes and the polite words."""
    spoken = _PUNCTUATION.sub("", text)
    return bool(spoken) and len(_rest(text, hits)) <= max(1 if hits else 0, len(spoken) // 6)


def _rest(text: str, hits: list[CueHit] | tuple[CueHit, ...]) -> str:
    """The text without cues, polite words and punctuation."""
    chars = list(text)
    for hit in hits:
        chars[hit.chars.start : hit.chars.end] = " " * hit.chars.length
    return _SOFT_WORDS.sub("", _PUNCTUATION.sub("", "".join(chars)))
