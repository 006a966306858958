"""Who says what, from the words alone: for mixed recordings, and to doubt a channel map.

In a mixed recording a party is named only where words are strong: a set phrase that one side alone uses, or a
customer's weaker sign in answer to an agent. Weak signs alone name nobody, they only speak against the other party;
what one party reports of the other counts for neither. Everything else stays `UNKNOWN`. Rude words are no sign of
either party: abuse must never be pinned on somebody because it is abuse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import Call, Party, PartyBasis
from callaudit.domain.transcripts import Utterance
from callaudit.text.cues import CueFinder
from callaudit.text.prompts import is_machine

ANSWER_WITHIN_MS = 4000
"""An answer begins this soon after the question, in ms."""
MACHINE_SHARE = 0.75
"""Probability from which an utterance is a machine's though none of its set phrases is heard."""
LIKELY_SHARE = 0.5
"""Probability from which a neighbour makes it surer that a machine speaks."""
FEWEST_CHARS = 8
"""Shorter utterances are no machine's without a set phrase: 好谢谢再见 sounds like the end of a survey."""
PROMPTS_WITHIN_MS = 15_000
"""Prompts follow one another within this, in ms."""
SWAPPED_CUES = 2
"""Agent phrases on the customer's channel that put the channel map in doubt."""

AGENT_PHRASES: dict[str, tuple[str, ...]] = {
    "agent_strong": (
        "很高兴为您服务",
        "有什么可以帮您",
        "有什么可以帮到您",
        "有什么可以帮助您",
        "为您服务",
        "还有什么可以帮",
        "还有其他可以帮您",
        "还有其他问题需要帮",
        "还需要其他帮助吗",
        "请问您还有其他问题",
        "感谢您的来[电]",
        "谢谢您的来[电]",
        "感谢您的耐心等待",
        "祝您生活愉快",
        "祝您工作顺利",
        "我帮您查",
        "给您查一下",
        "帮您登记",
        "给您登记",
        "帮您转",
        "为您转接",
        "帮您核实",
        "请您稍等",
        "请您保持电话畅通",
        "您的诉求已经受理",
        "您[反映]的问题",
        "工作日内答复您",
        "请问您贵姓",
        "请问怎么称呼您",
        "请问您的[联系]电话",
        "请问您的[具体地址]",
        "给您带来不便",
        "给您带来麻烦",
        "让您久等了",
        "[对我的]服务进行[评价]",
        "[对我的]服务[评价]",
        "请您先挂机",
        "不打扰您了",
        "给您回访",
        "请您放心",
        "您请说",
        "您请讲",
    ),
    "agent_weak": ("请问", "请稍等", "您好", "工单", "受理", "您是", "您的", "您在", "您家"),
    "customer_strong": (
        "我要投诉",
        "我想投诉",
        "我要反映",
        "我想反映",
        "我要举报",
        "我想咨询",
        "我想问一下",
        "我想问问",
        "我想请问",
        "我再问一下",
        "我还想问",
        "麻烦你们",
        "请你们",
        "我等你们电话",
        "我等你们的答复",
        "谢谢你们",
        "我的电话是",
        "我们家住在",
    ),
    "customer_weak": (
        "我姓",
        "我家",
        "我住",
        "我们小区",
        "你们这",
        "你们怎么",
        "你们什么时候",
        "你们到底",
        "好的谢谢",
        "好谢谢你",
        "谢谢你啊",
        "那我知道了",
        "我明白了",
    ),
}
_BADGE = re.compile(r"(?:我的|(?<![你您他她的]))工号(?:是|为)?[0-9零〇一二三四五六七八九幺两]{2,}")
_NOT_AGENT = re.compile(r"你们|(?<![您请])(?:说|讲|告诉|答应|承诺|回复|回答|问我|跟我)")
"""Before an agent's phrase: a customer speaks of what agents said. 您说 and 请讲 are an agent's."""
_NOT_CUSTOMER = re.compile(r"[您他她人]们?(?:刚才|还|就|老|总)?(?:说|讲|喊|问)")
"""Before a customer's phrase: somebody else repeats it."""
_GOODBYE = re.compile("再见|拜拜|再会")
"""People end calls with the words with which surveys end."""
_QUESTION = re.compile(r"请问|贵姓|什么|哪|多少|几|怎么|吗|没有$|是不是|有没有|可以帮")
_ANSWER = re.compile(r"^(?:嗯|对|是的|是啊|没有|有的|好的|好|不是|行|可以|我|在)")
_LONGEST_ANSWER = 14


class MachineReader(Protocol):
    """Tells machines from people by what they say."""

    @property
    def version(self) -> str:
        """Changes when what it says may change."""

    def machine_share(self, text: str) -> float:
        """How probable it is that a machine says a raw text, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Signs:
    """How many signs of either party."""

    agent_strong: int
    agent_weak: int
    customer_strong: int
    customer_weak: int

    def named(self, answers: bool = False) -> Party:
        """The party the words give away; unknown where they do not, or give away both.

        Args:
            answers: whether this is the short answer to an agent's question.
        """
        customer = bool(self.customer_strong or self.customer_weak or answers)
        if self.agent_strong and not customer:
            return Party.AGENT
        if (self.customer_strong or (self.customer_weak and answers)) and not self.agent_strong + self.agent_weak:
            return Party.CUSTOMER
        return Party.UNKNOWN


@cache
def _finder() -> CueFinder:
    return CueFinder(AGENT_PHRASES)


def _signs(text: str) -> _Signs:
    """Signs in one utterance by its own words; a weak cue inside a strong one adds nothing, nor does a reported one."""
    hits = _finder().find(text)
    strong = [hit.chars for hit in hits if hit.group.endswith("strong")]
    counts = dict.fromkeys(AGENT_PHRASES, 0)
    for hit in hits:
        inside = hit.group.endswith("weak") and any(hit.chars.overlaps(chars) for chars in strong)
        if not inside and not _is_reported(text, hit.chars.start, hit.group.startswith("agent")):
            counts[hit.group] += 1
    badge = _BADGE.search(text)
    if badge and not _is_reported(text, badge.start(), by_agent=True):
        counts["agent_strong"] += 1
    return _Signs(**counts)


def _is_reported(text: str, start: int, by_agent: bool) -> bool:
    """Whether the words before a phrase show that its party does not say it."""
    return (_NOT_AGENT if by_agent else _NOT_CUSTOMER).search(text, 0, start) is not None


class WordPartyAttributor:
    """Names parties by what they say (a `PartyAttributor`).

    Args:
        machine: how probable it is that a machine says a text; by set phrases alone where None.
    """

    def __init__(self, machine: MachineReader | None = None) -> None:
        self._machine = machine

    @property
    def name(self) -> str:
        """Name in fingerprints."""
        return "words"

    @property
    def version(self) -> str:
        """Changes with the cues and the rules."""
        return f"3:{self._machine.version if self._machine else 'phrases'}"

    def attribute(self, call: Call, utterances: Sequence[Utterance]) -> tuple[tuple[Utterance, ...], tuple[Warn, ...]]:
        """Fill in parties.

        Utterances of set machine prompts become `SYSTEM` on any channel; those that only sound like a machine do so on
        the customer's, and in a mixed recording where another is near or nobody has spoken before, lest rude words hide
        there. In a mixed recording utterances with strong words get their party, with `PartyBasis.WORDS`. With a
        channel map the parties stand as mapped.

        Returns:
            The utterances in the same order, and `CHANNEL_MAP_DOUBTFUL` where the words contradict the map clearly.
        """
        voiced = self._machines_named(utterances)
        if call.is_mixed:
            return _name_in_turn(voiced), ()
        return tuple(voiced), (Warn.CHANNEL_MAP_DOUBTFUL,) if _looks_swapped(voiced) else ()

    def _machines_named(self, utterances: Sequence[Utterance]) -> list[Utterance]:
        """The utterances, those of machines as `SYSTEM`."""
        named: list[Utterance] = []
        by_phrase = [is_machine(utterance.text) for utterance in utterances]
        shares = [self._share(utterance) for utterance in utterances]
        judged = list(zip(utterances, by_phrase, shares, strict=True))
        likely = [utterance for utterance, phrase, share in judged if phrase or share >= LIKELY_SHARE]
        for utterance, phrase, share in judged:
            sure = share >= MACHINE_SHARE and _weight(utterance.text) >= FEWEST_CHARS
            first = all(other.party is Party.SYSTEM for other in named)
            told = utterance.party is Party.CUSTOMER or first or _has_near(utterance, likely)
            named.append(_as_system(utterance) if phrase or (sure and told) else utterance)
        return named

    def _share(self, utterance: Utterance) -> float:
        """How probable a machine is where no set phrase tells; none on the agent's own channel."""
        if self._machine is None or utterance.party is Party.AGENT or _GOODBYE.search(utterance.text):
            return 0.0
        return self._machine.machine_share(utterance.text)


def _has_near(utterance: Utterance, others: Sequence[Utterance]) -> bool:
    return any(other is not utterance and other.span.gap_ms(utterance.span) <= PROMPTS_WITHIN_MS for other in others)


def _weight(text: str) -> int:
    return sum(char.isalnum() for char in text)


def _as_system(utterance: Utterance) -> Utterance:
    return replace(utterance, party=Party.SYSTEM, party_basis=PartyBasis.WORDS)


def _name_in_turn(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Parties of a mixed recording; an answer to the agent makes a weak sign enough."""
    named: list[Utterance] = []
    for utterance in utterances:
        if utterance.party is not Party.UNKNOWN:
            named.append(utterance)
            continue
        answers = bool(named) and _answers(utterance, named[-1])
        party = _signs(utterance.text).named(answers)
        basis = utterance.party_basis if party is Party.UNKNOWN else PartyBasis.WORDS
        named.append(replace(utterance, party=party, party_basis=basis))
    return tuple(named)


def _answers(utterance: Utterance, before: Utterance) -> bool:
    """Whether this is the short answer to what the agent has just asked or closed with."""
    prompt = before.party is Party.AGENT and 0 <= utterance.span.start_ms - before.span.end_ms <= ANSWER_WITHIN_MS
    short = len(utterance.text) <= _LONGEST_ANSWER and _ANSWER.search(utterance.text) is not None
    return prompt and short and _QUESTION.search(before.text) is not None


def _looks_swapped(utterances: Sequence[Utterance]) -> bool:
    """Whether the agent's set phrases stand on the customer's channel, and none on the agent's."""
    agent_cues = {Party.AGENT: 0, Party.CUSTOMER: 0}
    for utterance in utterances:
        if utterance.party in agent_cues:
            agent_cues[utterance.party] += _signs(utterance.text).agent_strong
    return agent_cues[Party.CUSTOMER] >= SWAPPED_CUES and agent_cues[Party.AGENT] == 0
