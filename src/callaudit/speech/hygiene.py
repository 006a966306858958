"""What Whisper makes up, set aside with the reason: loops, subtitle credits, text without speech, bare punctuation.

The time after a hang-up is silence and tones, which is where Whisper invents most. Nothing is thrown away: what is set
aside stays in the transcript as dropped, for the report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from callaudit.domain.transcripts import DroppedUtterance, DropReason, SpeechRegion, Utterance

_NOT_WORDS = re.compile(r"[\W_]+")

_CREDITS_ANYWHERE = re.compile(
    "请不吝点赞|打赏支持明镜|明镜与?点点栏目|明镜需要您的支持|订阅转发打赏|点赞订阅(转发|收藏|分享)|记得(点赞)?订阅"
    "|字幕由.{0,24}(提供|制作)|由?Amaraorg(社区|社群)|字幕(制作|翻译|校对|组|志愿者|by)|中文字幕(组|志愿者)"
    "|优优独播剧场|YoYoTelevision|独播剧场",
    re.IGNORECASE,
)
"""Subtitle credits that nobody says on a telephone."""
_CREDITS_ALONE = re.compile(
    "(谢谢|感谢)(大家|各位|您|你们?)?的?(观看|收看|收听|聆听|订阅)(本期(视频|节目))?|(我们)?(下集|下期|下个视频)再见"
    "|(谢谢|感谢)(大家)?(观看|收看)(我们)?(下集|下期)再见|字幕|字幕结束|待续|未完待续|本集完|剧终",
)
"""Words a person might say, but not as a whole utterance on a call."""

MIN_REPEATS = {1: 8, 2: 5, 3: 4}
"""Repeats from which a run may be a loop, by the length of what is repeated; 3 from 4 characters on."""
LONGEST_UNIT = 40
LOOP_SHARE = 0.5
"""Share of the text that the run must make up."""
FASTEST_REPEATS = 7.0
"""Characters a second that people reach when they repeat themselves (喂喂喂, 好好好)."""
HURRIED_SPEECH = 8.5
"""Characters a second that few people pass."""
FASTEST_SPEECH = 14.0
"""Characters a second that nobody reaches."""
FEW_CHARACTERS = 6
"""Texts up to this length are not judged by their pace: region edges are not that exact."""
SILENT_NO_SPEECH_PROB = 0.6
SILENT_AVG_LOGPROB = -1.0


def set_aside(
    utterances: Sequence[Utterance], regions: Sequence[SpeechRegion], prompt: str = ""
) -> tuple[tuple[Utterance, ...], tuple[DroppedUtterance, ...]]:
    """Part what was said from what was made up.

    Args:
        utterances: of one call, text in simplified script.
        regions: the call's speech regions.
        prompt: what the model was shown; it likes to read it back.

    Returns:
        Utterances that count, numbered anew by time, and the dropped ones.
    """
    ordered = sorted(utterances, key=lambda utterance: (utterance.span, utterance.channel))
    kept: list[Utterance] = []
    dropped: list[DroppedUtterance] = []
    for utterance in ordered:
        reason = drop_reason(utterance, _speech_ms(utterance, regions), prompt)
        if reason is None:
            kept.append(replace(utterance, index=len(kept)))
        else:
            dropped.append(DroppedUtterance(utterance, reason))
    return tuple(kept), tuple(dropped)


def drop_reason(utterance: Utterance, speech_ms: int, prompt: str = "") -> DropReason | None:
    """Why an utterance does not count; None where it does.

    Args:
        utterance: text in simplified script.
        speech_ms: length of the speech region under it; 0 where there is none.
        prompt: what the model was shown.
    """
    words = _NOT_WORDS.sub("", utterance.text)
    if not words:
        return DropReason.EMPTY
    if _CREDITS_ANYWHERE.search(words) or _CREDITS_ALONE.fullmatch(words) or words == _NOT_WORDS.sub("", prompt):
        return DropReason.BOILERPLATE
    pace = len(words) * 1000 / max(1, speech_ms)
    if _repeats_itself(words) and pace > FASTEST_REPEATS:
        return DropReason.LOOP
    if speech_ms == 0 or (pace > FASTEST_SPEECH and len(words) > FEW_CHARACTERS):
        return DropReason.NO_SPEECH
    if utterance.no_speech_prob > SILENT_NO_SPEECH_PROB and utterance.avg_logprob < SILENT_AVG_LOGPROB:
        return DropReason.NO_SPEECH
    return None


def is_doubtful(text: str, heard_ms: int) -> bool:
    """Whether a text deserves a second hearing: it stutters, or is too long for its time.

    Stricter than what drops an utterance, for asking again costs little and people do stutter.

    Args:
        text: of one segment.
        heard_ms: length of the segment, by the engine's own account.
    """
    words = _NOT_WORDS.sub("", text)
    too_fast = len(words) > 3 and len(words) * 1000 > HURRIED_SPEECH * heard_ms
    return too_fast or any(
        _longest_run(words, unit) >= (4 if unit == 1 else max(6, 2 * unit)) for unit in range(1, len(words) // 2 + 1)
    )


def _repeats_itself(words: str) -> bool:
    """Whether a run of one repeated unit makes up most of the text; needs no spaces between words."""
    return any(
        _longest_run(words, unit) >= max(unit * MIN_REPEATS.get(unit, 3), LOOP_SHARE * len(words))
        for unit in range(1, min(LONGEST_UNIT, len(words) // 3) + 1)
    )


def _longest_run(words: str, unit: int) -> int:
    """Characters of the longest stretch in which every character equals the one `unit` before it."""
    longest = run = 0
    for before, after in zip(words, words[unit:], strict=False):
        run = run + 1 if before == after else 0
        longest = max(longest, run)
    return longest + unit if longest else 0


def _speech_ms(utterance: Utterance, regions: Sequence[SpeechRegion]) -> int:
    """Length of the speech region the utterance was heard in; 0 where there is none."""
    return max(
        (
            region.span.duration_ms
            for region in regions
            if region.channel == utterance.channel and region.span.overlaps(utterance.span)
        ),
        default=0,
    )
