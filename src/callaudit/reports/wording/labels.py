"""Names of the members of the domain's enums."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import Party, PartyBasis
from callaudit.domain.findings import Category, MatchPath, Phase, Severity
from callaudit.domain.hangups import HangupSource, PassedOverReason
from callaudit.domain.transcripts import DropReason, ToneKind

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
    },
    Severity: {
        Severity.MINOR: Text("一般", "Minor"),
        Severity.MAJOR: Text("严重", "Major"),
        Severity.CRITICAL: Text("致命", "Critical"),
    },
    Phase: {
        Phase.BEFORE_HANGUP: Text("通话中", "During the call"),
        Phase.AFTER_HANGUP: Text("挂机后", "After the hang-up"),
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
        HangupSource.TONE: Text("忙音", "busy tone"),
        HangupSource.CLOSING: Text("结束语", "closing exchange"),
    },
    ToneKind: {
        ToneKind.BUSY: Text("忙音", "Busy tone"),
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
            "从说话内容看，坐席与客户的声道可能对调了", "The words suggest that agent and customer channels are swapped"
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
