"""Headings, buttons and remarks of the HTML report and of `show CALL`."""

from __future__ import annotations

from types import SimpleNamespace

from callaudit.reports.wording.labels import Lang, Text

PAGE: dict[str, Text] = {
    "title": Text("通话录音质检报告", "Call recording audit"),
    "generated": Text("生成时间", "Generated"),
    "suspicion": Text(
        "本报告由程序自动生成，所列均为疑似问题，须经质检员听音复核后方可定性。",
        "Made by a program: everything listed is a suspicion until a reviewer has listened to it.",
    ),
    "calls": Text("通话", "Calls"),
    "flagged": Text("疑似问题通话", "Flagged calls"),
    "failed": Text("未能处理", "Failed"),
    "findings": Text("疑似问题", "Findings"),
    "after_hangup": Text("发生在挂机后", "After the hang-up"),
    "audio_total": Text("录音总长", "Audio"),
    "by_category": Text("按类别", "By category"),
    "by_severity": Text("按严重程度", "By severity"),
    "nothing_found": Text("没有发现疑似问题。", "Nothing was found."),
    "no_calls": Text("没有处理任何通话。", "No calls were scanned."),
    "ranking": Text("通话排名", "Calls by score"),
    "rank": Text("序号", "No."),
    "call": Text("通话", "Call"),
    "score": Text("得分", "Score"),
    "severity": Text("最高严重程度", "Gravest"),
    "categories": Text("类别", "Categories"),
    "agent": Text("坐席工号", "Agent"),
    "queue": Text("技能组", "Queue"),
    "duration": Text("时长", "Length"),
    "filter_text": Text("查找通话、工号、文件名", "Find call, agent or file"),
    "any_severity": Text("全部严重程度", "Any severity"),
    "any_category": Text("全部类别", "Any category"),
    "shown": Text("显示", "shown"),
    "clean_calls": Text("未发现疑似问题的通话", "Calls without findings"),
    "clean": Text("未发现疑似问题", "nothing found"),
    "failures": Text("未能处理的录音", "Recordings that could not be scanned"),
    "problem": Text("问题", "Problem"),
    "remedy": Text("处理办法", "What to do"),
    "stage": Text("环节", "Stage"),
    "facts": Text("通话信息", "The call"),
    "recording": Text("录音文件", "Recording"),
    "copies": Text("内容相同的文件", "Copies"),
    "format": Text("格式", "Format"),
    "sha256": Text("文件指纹", "SHA-256"),
    "parties": Text("双方声道", "Parties"),
    "started": Text("开始时间", "Started"),
    "engine": Text("转写引擎", "Engine"),
    "fingerprint": Text("判定版本", "Fingerprint"),
    "hangup": Text("挂机", "Hang-up"),
    "hangup_unknown": Text(
        "没有可用的挂机依据，无法判断挂机后是否讲话。",
        "Nothing says when the call was hung up: speech after it could not be looked for.",
    ),
    "evidence_for": Text("支持", "For"),
    "evidence_against": Text("不一致", "Against"),
    "compared": Text("对照", "Compare"),
    "closing": Text("结束语", "Closing"),
    "hold": Text("保持或静音", "on hold or muted"),
    "warnings": Text("注意", "Note"),
    "not_run": Text("未执行", "Not run"),
    "confidence": Text("把握", "Confidence"),
    "evidence": Text("依据", "Evidence"),
    "play": Text("播放", "Play"),
    "audio": Text("录音片段", "Audio"),
    "no_audio": Text(
        "本报告未附该通话的音频（生成报告时录音不在原处，或选择了不附音频）。",
        "No audio is attached: the recording was not in its place, or the report was made without audio.",
    ),
    "timeline": Text("时间轴", "Timeline"),
    "uncertain": Text("误差范围", "uncertainty"),
    "audible": Text("可播放", "audio attached"),
    "transcript": Text("对话文本", "Transcript"),
    "no_words": Text("没有转写出任何话语。", "Nothing was transcribed."),
    "after_this": Text("以下为挂机之后", "What follows is after the hang-up"),
    "passed_over": Text("未标记的话语及原因", "Speech not flagged, and why"),
    "dropped": Text("未采信的转写文本", "Transcribed text that was set aside"),
    "back": Text("返回排名", "Back to the ranking"),
    "low_confidence": Text("识别把握较低", "recognition was not sure"),
    "channel": Text("声道", "Channel"),
    "mono": Text("单声道", "mono"),
    "channels": Text("声道", "channels"),
}


def page_words(lang: Lang) -> SimpleNamespace:
    """All texts of `PAGE` in one language, by attribute."""
    return SimpleNamespace(**{key: text.to(lang) for key, text in PAGE.items()})
