"""Evidence spelled out, so that a reviewer can defend a flag without knowing the program."""

from __future__ import annotations

from callaudit.domain.analysis import NotRun, Warn
from callaudit.domain.calls import Call, CallRecord
from callaudit.domain.contradictions import contradiction
from callaudit.domain.findings import (
    ClassifierEvidence,
    ContextEvidence,
    Evidence,
    LexiconEvidence,
    MatchPath,
    OnHoldEvidence,
    OpenLineEvidence,
    PostHangupEvidence,
)
from callaudit.domain.hangups import Hangup, HangupBy, HangupEvidence, HangupSource
from callaudit.domain.line import LineChangeKind
from callaudit.hangup.timer import TimerReading
from callaudit.reports.units import clock, give_or_take, percent, seconds
from callaudit.reports.wording.keys import entry_category, fact_label, not_run_label, stage_label
from callaudit.reports.wording.labels import Lang, Text, label


def evidence_sentence(evidence: Evidence, lang: Lang) -> str:
    """One piece of evidence as a sentence."""
    if isinstance(evidence, LexiconEvidence):
        return _lexicon(evidence, lang)
    if isinstance(evidence, ClassifierEvidence):
        return _classifier(evidence, lang)
    if isinstance(evidence, PostHangupEvidence):
        return _post_hangup(evidence, lang)
    if isinstance(evidence, OpenLineEvidence):
        return _open_line(evidence, lang)
    if isinstance(evidence, OnHoldEvidence):
        return _on_hold(evidence, lang)
    return _context(evidence, lang)


def hangup_sentence(hangup: Hangup, lang: Lang) -> str:
    """When the call was over, who ended it, how sure that is."""
    at = f"{clock(hangup.at_ms)} {give_or_take(hangup.uncertainty_ms, lang)}"
    sure = percent(hangup.confidence)
    if lang == "zh":
        return f"{at}，{_who_hung_up(hangup.by, lang)}，可信度 {sure}"
    return f"{at}, {_who_hung_up(hangup.by, lang)}, confidence {sure}"


def witness_sentence(witness: HangupEvidence, lang: Lang) -> str:
    """What one witness of the hang-up says."""
    at = f"{clock(witness.at_ms)} {give_or_take(witness.uncertainty_ms, lang)}"
    sure = percent(witness.confidence)
    by = _who_hung_up(witness.by, lang) if witness.by else ""
    details = [part for part in (by, *_details(witness.detail, lang)) if part]
    if lang == "zh":
        told = f"（{'，'.join(details)}）" if details else ""
        return f"{_WITNESSES_ZH[witness.source]}：{at}{told}，可信度 {sure}"
    told = f" ({', '.join(details)})" if details else ""
    return f"{_WITNESSES_EN[witness.source]}: {at}{told}, confidence {sure}"


def timer_sentence(timer: TimerReading, lang: Lang) -> str:
    """What a rule that only times the open line would have said, and why that is not enough."""
    limit, quiet, last = seconds(timer.limit_ms, lang), seconds(timer.quiet_ms, lang), clock(timer.last_word_ms)
    if lang == "zh":
        verdict = "会报挂机过晚，但说不出讲了什么" if timer.fires else "不会报警"
        reset = "；计时从挂机后的那句话重新开始" if timer.was_reset else ""
        return f"若只用计时规则（非正常挂机，常用 {limit}）：最后一句话（{last}）到录音结束 {quiet}，{verdict}{reset}"
    verdict = "it flags a late hang-up and names no words" if timer.fires else "it stays silent"
    reset = "; what was said after the hang-up has reset it" if timer.was_reset else ""
    return (
        f"A mere timer (usually {limit}) counts from the last sentence ({last}) to the end of the recording, {quiet}: "
        f"{verdict}{reset}"
    )


def parties_sentence(call: Call, lang: Lang) -> str:
    """Who is on which channel, and how that is known."""
    basis = label(call.party_basis, lang)
    if call.is_mixed:
        return basis
    names = [label(party, lang) for party in call.channel_parties]
    if lang == "zh":
        return f"{'，'.join(f'声道 {n} 为{name}' for n, name in enumerate(names, 1))}（{basis}）"
    return f"{', '.join(f'channel {n}: {name.lower()}' for n, name in enumerate(names, 1))} ({basis})"


def warning_sentence(warning: Warn, record: CallRecord | None, lang: Lang) -> str:
    """What a reviewer should know about a call; of a record that contradicts itself, which of its fields do."""
    told = label(warning, lang)
    fields = contradiction(record) if record and warning is Warn.RECORD_INCONSISTENT else None
    if fields is None:
        return told
    late, early = fields
    return f"{told}（{late} 早于 {early}）" if lang == "zh" else f"{told} ({late} lies before {early})"


def not_run_sentence(item: NotRun, lang: Lang) -> str:
    """What was not looked for, and why."""
    return f"{stage_label(item.stage, lang)}{'：' if lang == 'zh' else ': '}{not_run_label(item.reason, lang)}"


_WITNESSES_ZH = {
    HangupSource.CALL_RECORD: "话单记录",
    HangupSource.TONE: "线路上的挂机信号音",
    HangupSource.LINE: "客户声道的线路变化",
    HangupSource.PROMPT: "系统语音",
    HangupSource.TALK: "背后议论客户",
    HangupSource.CLOSING: "互道结束语后客户不再讲话",
}
_WITNESSES_EN = {
    HangupSource.CALL_RECORD: "Call record",
    HangupSource.TONE: "Disconnect tone on the line",
    HangupSource.LINE: "The customer's channel changed for good",
    HangupSource.PROMPT: "A machine speaks",
    HangupSource.TALK: "Somebody talks about the caller",
    HangupSource.CLOSING: "Goodbyes, after which the customer is silent",
}


_FACTS = {
    ("event", "customer_hangup"): Text("客户挂机事件", "customer's hang-up event"),
    ("event", "agent_hangup"): Text("坐席挂机事件", "agent's hang-up event"),
    ("event", "survey_start"): Text("转入满意度调查", "transfer to the survey"),
    ("event", "end"): Text("通话结束时间", "end of the call"),
    ("goodbyes", "both"): Text("双方道别", "both said goodbye"),
    ("goodbyes", "agent"): Text("坐席道别", "the agent said goodbye"),
    ("goodbyes", "customer"): Text("客户道别", "the customer said goodbye"),
    ("goodbyes", "unknown"): Text("有人道别", "somebody said goodbye"),
    ("kind", "busy"): Text("忙音", "busy tone"),
    ("kind", "congestion"): Text("拥塞音", "congestion tone"),
    ("kind", "dial"): Text("拨号音", "dial tone"),
    ("kind", "howler"): Text("催挂音", "howler tone"),
    ("silent_caller", "1"): Text("客户此前已无声", "the customer had fallen silent"),
    ("prompt", "survey"): Text("满意度调查开始", "a satisfaction survey begins"),
    ("prompt", "announcement"): Text("留言信箱或网络提示音", "a mailbox or an announcement of the network"),
    ("laughter", "1"): Text("有笑声", "with laughter"),
}
_AMOUNTS = {
    "frequency_hz": Text("{} Hz", "{} Hz"),
    "cycles": Text("{} 个周期", "{} cycles"),
    "before_dbfs": Text("此前背景 {} dBFS", "background {} dBFS before"),
    "after_dbfs": Text("此后 {} dBFS", "{} dBFS after"),
    "about_caller": Text("议论客户的话 {} 段", "times the caller is talked about: {}"),
    "fainter_db": Text("声音比平时轻 {} dB", "{} dB fainter than usual"),
}


def _lexicon(evidence: LexiconEvidence, lang: Lang) -> str:
    category = entry_category(evidence.entry_id, lang)
    by_sound = evidence.path is MatchPath.SOUND
    if lang == "zh":
        source = f"词条 {evidence.entry_id}{f'，{category}' if category else ''}，词库 {evidence.lexicon}"
        found = "读音与服务禁语一致：" if by_sound else "命中服务禁语"
        return f"{found}「{evidence.phrase}」，原文“{evidence.matched}”（{source}）"
    source = f"entry {evidence.entry_id}{f', {category.lower()}' if category else ''}, lexicon {evidence.lexicon}"
    found = "Sounds like the forbidden phrase" if by_sound else "Forbidden phrase"
    return f"{found} 「{evidence.phrase}」, heard as “{evidence.matched}” ({source})"


def _classifier(evidence: ClassifierEvidence, lang: Lang) -> str:
    name, score, threshold = label(evidence.label, lang), f"{evidence.score:.2f}", f"{evidence.threshold:.2f}"
    reasons = [f"“{feature}” {weight:+.2f}" for feature, weight in evidence.features]
    if lang == "zh":
        rests = f"，主要依据：{'、'.join(reasons)}" if reasons else ""
        return f"分类模型 {evidence.model} 判为{name}，得分 {score}，阈值 {threshold}{rests}"
    rests = f"; weighed most: {', '.join(reasons)}" if reasons else ""
    return f"Classifier {evidence.model} says {name.lower()}: score {score}, threshold {threshold}{rests}"


def _post_hangup(evidence: PostHangupEvidence, lang: Lang) -> str:
    sources = [label(source, lang) for source in evidence.sources]
    at = f"{clock(evidence.hangup_at_ms)} {give_or_take(evidence.uncertainty_ms, lang)}"
    delay, speech = seconds(evidence.delay_ms, lang), seconds(evidence.speech_ms, lang)
    shape = label(evidence.shape, lang) if evidence.shape else ""
    if lang == "zh":
        told = f"（挂机时间 {at}，依据：{'、'.join(sources) or '无'}）{'；' if shape else ''}{shape}"
        return f"挂机后 {delay}开口，讲话 {speech}{told}"
    told = f"(hang-up at {at}, from: {', '.join(sources) or '-'}){'; ' if shape else ''}{shape}"
    return f"Begins {delay} after the hang-up, {speech} of speech {told}"


def _open_line(evidence: OpenLineEvidence, lang: Lang) -> str:
    over, limit = clock(evidence.over_at_ms), seconds(evidence.limit_ms, lang)
    still = f"{seconds(evidence.open_ms, lang)} {give_or_take(evidence.uncertainty_ms, lang)}"
    ended_by = evidence.ended_by and label(evidence.ended_by, lang)
    if lang == "zh":
        until = f"直到挂断（依据：{ended_by}）" if ended_by else "直到录音结束"
        return f"对话于 {over} 结束，之后线路仍开 {still}，{until}；上限 {limit}"
    until = f"until the disconnect (from: {ended_by})" if ended_by else "to the end of the recording"
    return f"The conversation was over at {over}, the line stayed open for {still}, {until}; the limit is {limit}"


def _on_hold(evidence: OnHoldEvidence, lang: Lang) -> str:
    hold, shape = evidence.hold, label(evidence.shape, lang)
    span, source = f"{clock(hold.span.start_ms)} – {clock(hold.span.end_ms)}", label(hold.source, lang)
    speech = seconds(evidence.speech_ms, lang)
    if lang == "zh":
        return f"{shape}，坐席讲话 {speech}（{span}，依据：{source}）"
    return f"{shape[:1].upper()}{shape[1:]}, {speech} of speech ({span}, from: {source})"


def _context(evidence: ContextEvidence, lang: Lang) -> str:
    fact = fact_label(evidence.fact, lang)
    if lang == "zh":
        side = "增加" if evidence.weight >= 0 else "降低"
        return f"{fact}（{side}把握 {abs(evidence.weight):.2f}）"
    side = "adds" if evidence.weight >= 0 else "takes"
    return f"{fact[:1].upper()}{fact[1:]} ({side} {abs(evidence.weight):.2f})"


def _who_hung_up(by: HangupBy | None, lang: Lang) -> str:
    if by is None:
        return "挂机方不详" if lang == "zh" else "who hung up is not known"
    if by is HangupBy.NOBODY:
        return "无人挂机" if lang == "zh" else "nobody hung up"
    if by is HangupBy.SYSTEM:
        return "由系统结束通话" if lang == "zh" else "a machine ended the call"
    return f"{label(by, lang)}挂机" if lang == "zh" else f"{label(by, lang).lower()} hung up"


def _details(detail: str, lang: Lang) -> list[str]:
    """A witness's machine-readable facts in words; unknown ones as they are."""
    return [_detail(*part.partition("=")[::2], lang) for part in detail.split()]


def _detail(name: str, value: str, lang: Lang) -> str:
    """One fact, such as `cycles` and `6`."""
    if name in _AMOUNTS:
        return _AMOUNTS[name].to(lang).format(value)
    if name == "line_open_ms" and value.isdigit():
        rest = seconds(int(value), lang)
        return f"此后线路仍开 {rest}" if lang == "zh" else f"the line stays open for {rest}"
    if name == "change" and value in {kind.value for kind in LineChangeKind}:
        return label(LineChangeKind(value), lang)
    if (name, value) in _FACTS:
        return _FACTS[name, value].to(lang)
    return f"{name}={value}" if value else name
