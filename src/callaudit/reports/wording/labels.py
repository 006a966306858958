"""Names of the members of the domain's enums."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.findings import Category, MatchPath, Phase, Severity
from callaudit.domain.hangups import EndShape, HangupBy, HangupSource, PassedOverReason
from callaudit.domain.holds import HoldSource
from callaudit.domain.line import LineChangeKind, ToneKind
from callaudit.domain.runs import Duplicates, SkipReason, Stage
from callaudit.domain.talk import TalkKind
from callaudit.domain.transcripts import DropReason

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def to(self, lang: Lang) -> str:
        """The text in one language."""
        return self.zh if lang == "zh" else self.en


LABELS: dict[type[StrEnum], dict[StrEnum, Text]] = {
    Category: {
        Category.INSULT: Text("辱骂", "Insult"),
        Category.MOCKERY: Text("嘲讽", "Mockery"),
        Category.SHIRKING: Text("推诿", "Shirking"),
        Category.IMPATIENCE: Text("不耐烦", "Impatience"),
        Category.REPROACH: Text("质问", "Reproach"),
        Category.THREAT: Text("威胁斗气", "Threat"),
        Category.COLDNESS: Text("生冷硬", "Coldness"),
        Category.POST_HANGUP: Text("挂机后讲话", "Speech after hang-up"),
        Category.ON_HOLD: Text("保持中讲话", "Contempt on hold"),
        Category.LATE_HANGUP: Text("非正常挂机", "Late hang-up"),
    },
    Stage: {
        Stage.PREPARE: Text("解码与检测", "Preparing"),
        Stage.TRANSCRIBE: Text("转写", "Transcribing"),
        Stage.JUDGE: Text("判定", "Judging"),
    },
    SkipReason: {
        SkipReason.FINISHED_EARLIER: Text("先前已处理", "Finished earlier"),
        SkipReason.COPY: Text("与另一录音相同", "Copy of another recording"),
        SkipReason.STILL_WRITTEN: Text("仍在写入", "Still being written"),
        SkipReason.OLDER: Text("早于起始时间", "Older than asked for"),
        SkipReason.OVER_LIMIT: Text("超出数量限制", "Over the limit"),
    },
    Duplicates: {
        Duplicates.SKIP: Text("只计数", "Counted"),
        Duplicates.LINK: Text("记为副本", "Noted as copies"),
        Duplicates.PROCESS: Text("各自判定", "Judged each"),
    },
    Severity: {
        Severity.MINOR: Text("一般", "Minor"),
        Severity.MAJOR: Text("严重", "Major"),
        Severity.CRITICAL: Text("致命", "Critical"),
    },
    Phase: {
        Phase.BEFORE_HANGUP: Text("通话中", "During the call"),
        Phase.AFTER_HANGUP: Text("挂机后", "After the hang-up"),
        Phase.ON_HOLD: Text("保持或静音中", "On hold or muted"),
    },
    Party: {
        Party.AGENT: Text("坐席", "Agent"),
        Party.CUSTOMER: Text("客户", "Customer"),
        Party.SYSTEM: Text("系统语音", "Machine"),
        Party.UNKNOWN: Text("身份未知", "Unknown party"),
    },
    PartyBasis: {
        PartyBasis.SETTING: Text("按设置的声道对应", "channel map of the settings"),
        PartyBasis.FOLDER: Text("按文件夹的声道对应", "channel map of the folder"),
        PartyBasis.CALL_RECORD: Text("按话单的声道对应", "channel map of the call record"),
        PartyBasis.MIXED: Text("混音录音，声道无法区分双方", "mixed recording: the channels do not tell"),
        PartyBasis.WORDS: Text("混音录音，由说话内容判断", "mixed recording: told by the words"),
    },
    MatchPath: {
        MatchPath.EXACT: Text("文字一致", "same characters"),
        MatchPath.SOUND: Text("读音一致", "same sound"),
    },
    HangupSource: {
        HangupSource.CALL_RECORD: Text("话单", "call record"),
        HangupSource.TONE: Text("挂机信号音", "disconnect tone"),
        HangupSource.LINE: Text("线路变化", "change of the line"),
        HangupSource.PROMPT: Text("系统语音", "machine prompt"),
        HangupSource.CLOSING: Text("结束语", "closing exchange"),
        HangupSource.TALK: Text("背后议论", "talk about the caller"),
    },
    HangupBy: {
        HangupBy.AGENT: Text("坐席", "Agent"),
        HangupBy.CUSTOMER: Text("客户", "Customer"),
        HangupBy.SYSTEM: Text("系统", "System"),
        HangupBy.NOBODY: Text("无人", "Nobody"),
    },
    EndShape: {
        EndShape.OPEN_LINE: Text("线路未挂断", "line left open"),
        EndShape.CUSTOMER_LEFT: Text("客户已挂机，坐席侧仍在录音", "customer gone, agent's leg still recorded"),
        EndShape.MACHINE_ANSWERED: Text("外呼接通的是留言信箱或网络提示音", "mailbox or network announcement answered"),
        EndShape.ON_HOLD: Text("客户在保持或静音中", "customer on hold or muted"),
        EndShape.AFTER_TRANSFER: Text("已转入满意度调查或其他坐席", "after the transfer to a survey or another desk"),
    },
    HoldSource: {
        HoldSource.RECORD_HOLD: Text("话单中的保持", "hold by the call record"),
        HoldSource.RECORD_MUTE: Text("话单中的静音", "mute by the call record"),
        HoldSource.MUSIC: Text("等待音乐", "hold music"),
    },
    ToneKind: {
        ToneKind.BUSY: Text("忙音", "Busy tone"),
        ToneKind.CONGESTION: Text("拥塞音", "Congestion tone"),
        ToneKind.DIAL: Text("拨号音", "Dial tone"),
        ToneKind.HOWLER: Text("催挂音", "Howler tone"),
        ToneKind.RINGBACK: Text("回铃音", "Ringback tone"),
    },
    LineChangeKind: {
        LineChangeKind.DIGITAL_SILENCE: Text("变为数字静音", "digital silence from here on"),
        LineChangeKind.FLOOR: Text("背景噪声突变", "another background noise from here on"),
    },
    PassedOverReason: {
        PassedOverReason.SURVEY: Text("满意度调查或其他系统语音", "satisfaction survey or another machine prompt"),
        PassedOverReason.SILENT_CALLER: Text(
            "客户长时间无声，坐席按规范结束通话", "the customer had fallen silent and the agent closed the call"
        ),
        PassedOverReason.DIALOGUE_WENT_ON: Text(
            "道别后客户又开口，对话仍在继续", "the customer spoke again after goodbye"
        ),
        PassedOverReason.CLOSING_WORDS: Text("属于结束语本身", "goodbyes that belong to the closing"),
        PassedOverReason.READ_BACK: Text("坐席边录入边复述工单", "the agent reads the work order aloud"),
        PassedOverReason.NEXT_CALL: Text("同一录音中的下一通电话", "the agent's next call in the same recording"),
        PassedOverReason.CHAT: Text("一两句无害的闲话", "a harmless word or two"),
        PassedOverReason.UNNOTICED: Text("坐席未察觉客户已挂机", "the agent has not noticed that the customer is gone"),
        PassedOverReason.UNKNOWN_SPEAKER: Text(
            "混音录音且线路未挂断，无法判断是谁在说话", "mixed recording on an open line: nothing tells who speaks"
        ),
        PassedOverReason.ASIDE: Text(
            "混音录音且线路未挂断，有人在说与来电无关的话",
            "mixed recording on an open line: talk about anything but the call",
        ),
        PassedOverReason.ON_HOLD: Text("客户保持期间坐席在咨询", "the agent consults while the customer is on hold"),
    },
    TalkKind: {
        TalkKind.TO_CUSTOMER: Text("与客户的对话", "to the customer"),
        TalkKind.READ_BACK: Text("复述工单", "work order read aloud"),
        TalkKind.ABOUT_CALLER: Text("背后议论客户", "about the caller"),
        TalkKind.ASIDE: Text("与来电无关的话", "about something else"),
        TalkKind.SURVEY: Text("满意度调查", "satisfaction survey"),
        TalkKind.ANNOUNCEMENT: Text("系统提示音", "announcement"),
    },
    DropReason: {
        DropReason.LOOP: Text("识别引擎重复输出", "the engine repeated itself"),
        DropReason.BOILERPLATE: Text("识别引擎臆造的字幕套话", "subtitle credits the engine made up"),
        DropReason.NO_SPEECH: Text("该处没有人声", "no speech under it"),
        DropReason.EMPTY: Text("只有标点", "punctuation only"),
    },
    Warn: {
        Warn.TRUNCATED: Text(
            "录音不完整：实际音频比文件头声明的短",
            "The recording is cut short: it holds less audio than its header says",
        ),
        Warn.CHANNELS_ALIKE: Text(
            "两个声道内容相同，按混音录音处理", "Both channels hold the same sound: treated as a mixed recording"
        ),
        Warn.CHANNEL_DEAD: Text(
            "有一个声道完全没有声音，按混音录音处理", "One channel is dead: the recording is treated as mixed"
        ),
        Warn.CHANNEL_MAP_DOUBTFUL: Text(
            "从说话内容看，坐席与客户的声道可能对调了：请核对，必要时用 --channel-map 指定后重新扫描",
            "The words suggest that agent and customer channels are swapped: check, and scan again with --channel-map",
        ),
        Warn.RECORD_DISTRUSTED: Text(
            "话单与录音长度不符，未采用话单时间",
            "The call record does not fit the recording's length: its times were not used",
        ),
        Warn.RECORD_INCONSISTENT: Text(
            "话单时间先后自相矛盾，未采用话单时间", "The call record contradicts itself: its times were not used"
        ),
        Warn.RECORD_UNPLACED: Text(
            "话单没有录音开始时间（recording_start），未采用话单时间",
            "The call record names no recording_start: its times could not be used",
        ),
        Warn.RECORD_REFUTED: Text(
            "话单的挂机时间之后客户仍在对话，该时间仅作为不一致的依据",
            "The customer talks on after the call record's hang-up: its time counts as evidence against",
        ),
        Warn.SYNTHETIC_MODEL: Text(
            "由只适用于合成语音的 mini 模型转写，真实通话请换用正式模型",
            "Transcribed by the mini model, which knows synthetic speech only: use a real model for real calls",
        ),
    },
}


def label(member: StrEnum, lang: Lang) -> str:
    """Name of an enum member.

    >>> label(Party.AGENT, "zh")
    '坐席'
    """
    return LABELS[type(member)][member].to(lang)
