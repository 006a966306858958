"""Words for the keys that stages write down: error codes, stages, circumstances, reasons for not running.

A key without words here is shown as it is: a new detector is readable before its words are written.
"""

from __future__ import annotations

from typing import NamedTuple

from callaudit.domain.findings import Category
from callaudit.reports.wording.labels import Lang, Text, label


class Trouble(NamedTuple):
    """An error code in words: what is wrong, and what to do (Chinese; the error itself brings the English hint)."""

    what: Text
    remedy_zh: str


ERRORS: dict[str, Trouble] = {
    "audio.unreadable": Trouble(Text("录音无法读取", "Unreadable"), "确认文件仍在原处，且当前用户有权读取"),
    "audio.empty": Trouble(Text("空文件", "Empty file"), "重新导出；线路中断时录音系统会留下空文件"),
    "audio.not_audio": Trouble(Text("不是录音", "Not a recording"), "检查导出方式；无文件头的录音需设置编码与采样率"),
    "audio.rate_unknown": Trouble(
        Text("采样率未知", "Unknown sample rate"), "设置 audio.raw_rate_hz（电话系统多为 8000，Dialogic 板卡多为 6000）"
    ),
    "audio.corrupt": Trouble(Text("录音损坏", "Damaged"), "从录音系统重新取回并核对大小，再试听是否还有内容"),
    "audio.no_samples": Trouble(Text("没有声音数据", "No sound in it"), "重新导出；文件只有头部，没有声音"),
    "audio.silent": Trouble(Text("全程无声", "Silent"), "检查录音线路：连底噪也没有录到"),
    "audio.too_long": Trouble(
        Text("录音过长", "Too long"), "确有这么长时调高 audio.max_duration_s；文件很小却极长则可疑"
    ),
    "audio.too_large": Trouble(Text("文件过大", "Too large"), "调高 audio.max_bytes，或拆分文件"),
    "audio.too_many_channels": Trouble(Text("声道过多", "Too many channels"), "通话一般为一或两个声道，请拆分录音"),
    "audio.channels": Trouble(
        Text("声道对应不符", "Channel map does not fit"), "在设置、文件夹或话单中写明每个声道是谁"
    ),
    "audio.timeout": Trouble(Text("解码超时", "Decoding timed out"), "机器繁忙或录音很长时调高 audio.decode_timeout_s"),
    "audio.clip": Trouble(Text("片段超出录音", "Clip outside the recording"), "请附上运行日志反馈给开发者"),
    "audio.encoder": Trouble(Text("片段无法编码", "Clip not encoded"), "检查 ffmpeg 是否带有 libmp3lame 编码器"),
    "audio.decoder": Trouble(Text("解码程序故障", "Decoder failed"), "检查 ffmpeg 是否可用，以及内存和进程数是否耗尽"),
    "remote.failed": Trouble(
        Text("录音无法下载", "Cannot be fetched"), "检查网络与存储服务，待其正常后重新扫描；其余录音不受影响"
    ),
    "remote.missing": Trouble(
        Text("录音已不在存储中", "No longer in the store"), "可能在扫描期间被删除或移动；请核对地址"
    ),
    "remote.denied": Trouble(Text("存储拒绝访问", "Access denied by the store"), "检查凭证及其对该对象的读取权限"),
    "audio.changed": Trouble(Text("扫描期间录音有变动", "Changed while it was scanned"), "待录音写完后重新扫描"),
    "batch.quarantined": Trouble(
        Text("隔离：两次使工作进程崩溃", "Set aside: took its worker down"),
        "试听该录音，确认后用 callaudit retry 重新扫描",
    ),
    "calls.duplicate": Trouble(Text("话单重复", "Several call records"), "每个录音保留一条话单，或用文件夹加以区分"),
    "speech.engine": Trouble(
        Text("转写引擎故障", "Speech engine failed"), "试用 speech.device = 'cpu'；若仍失败，请附模型名称反馈"
    ),
    "speech.out_of_memory": Trouble(
        Text("转写时内存不足", "Out of memory while transcribing"), "调小 speech.batch_windows，或换用较小的模型"
    ),
    "oracle.unknown": Trouble(Text("没有标注", "No ground truth"), "为该录音补上标注文件"),
    "bug": Trouble(Text("程序错误", "Program error"), "请附上运行日志反馈给开发者"),
}

FAMILIES: dict[str, Text] = {
    "audio": Text("录音问题", "Recording"),
    "remote": Text("下载失败", "Fetching"),
    "calls": Text("话单问题", "Call record"),
    "speech": Text("转写失败", "Transcription"),
}
"""Codes without words of their own, by what stands before the dot."""

STAGES: dict[str, Text] = {
    "prepare": Text("读取录音", "Reading"),
    "call_record": Text("读取话单", "Call record"),
    "decode": Text("解码", "Decoding"),
    "speech": Text("人声检测", "Speech detection"),
    "tones": Text("信号音检测", "Tone detection"),
    "line": Text("线路变化检测", "Line changes"),
    "music": Text("等待音乐检测", "Hold music detection"),
    "transcribe": Text("转写", "Transcription"),
    "attribute": Text("区分双方", "Telling parties apart"),
    "hangup": Text("挂机判定", "Hang-up"),
    "detect": Text("问题检测", "Detection"),
    "judge": Text("判定", "Judging"),
    "post_hangup": Text("挂机后讲话检测", "Speech after the hang-up"),
    "hangup.call_record": Text("按话单判定挂机", "Hang-up from the call record"),
    "customer_silence_by_channel": Text("按客户声道判断静默", "Customer silence by channel"),
}

NOT_RUN: dict[str, Text] = {
    "no_speech_found": Text("录音中没有检测到人声", "no speech was found in the recording"),
    "no_words": Text("有人声，但没有识别出任何内容", "there is speech, but no words were recognised"),
    "no_hangup_evidence": Text("找不到挂机时间的依据", "nothing says when the call was hung up"),
    "no_call_record": Text("没有话单", "no call record"),
    "mixed_recording": Text("混音录音，双方在同一声道", "mixed recording: both parties on one channel"),
}

FACTS: dict[str, Text] = {
    "after_hangup": Text("发生在挂机之后，以为客户听不到", "said after the hang-up, out of the customer's hearing"),
    "on_hold": Text("客户在保持或静音中，以为客户听不到", "said on hold or muted, out of the customer's hearing"),
    "within_uncertainty": Text("离挂机太近，可能在挂机之前", "so close to the hang-up that it may lie before it"),
    "apology_nearby": Text("前后有道歉", "an apology stands nearby"),
    "low_recognition_confidence": Text("该句识别把握较低", "recognition was not sure of this sentence"),
    "party_unknown": Text("无法确定是谁说的", "who said it is not known"),
    "polite_words": Text("句中有礼貌用语", "polite words stand in the sentence"),
    "in_survey": Text("与满意度调查同时", "at the time of a satisfaction survey"),
    "addresses_customer": Text("像是在对客户说话", "seems to address the customer"),
    "no_words": Text("有人声，但没有识别出内容", "there is speech, but no words were recognised"),
}


def error_label(code: str, lang: Lang) -> str:
    """What is wrong, in a few words."""
    if code in ERRORS:
        return ERRORS[code].what.to(lang)
    family = FAMILIES.get(code.partition(".")[0])
    return family.to(lang) if family else code


def error_remedy(code: str, hint: str, lang: Lang) -> str:
    """What to do about it; `hint` is what the error itself advises, in English."""
    return ERRORS[code].remedy_zh if lang == "zh" and code in ERRORS else hint


def stage_label(stage: str, lang: Lang) -> str:
    """Name of a stage, or of a part of one."""
    return STAGES[stage].to(lang) if stage in STAGES else stage


def not_run_label(reason: str, lang: Lang) -> str:
    """Why a stage did not run."""
    return NOT_RUN[reason].to(lang) if reason in NOT_RUN else reason


def fact_label(fact: str, lang: Lang) -> str:
    """A circumstance that weighs for or against a finding."""
    return FACTS[fact].to(lang) if fact in FACTS else fact


def entry_category(entry_id: str, lang: Lang) -> str | None:
    """Category that a lexicon entry's id begins with, in words; None where it names none."""
    beginning = entry_id.partition(".")[0]
    return label(Category(beginning), lang) if beginning in {member.value for member in Category} else None
