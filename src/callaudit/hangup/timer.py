"""What a mere timer would say of a call: the rule other products have (非正常挂机), for comparison.

It counts from the last sentence to the end of the recording and fires where that takes longer than a limit. What is
said after the call should have been hung up is the last sentence then: it resets the timer instead of tripping it.
Alibaba Cloud's quality inspection documents the rule (检测通话最后一句话至挂机之间的时长), usually with 5 s:
https://help.aliyun.com/document_detail/605986.html
"""

from __future__ import annotations

from dataclasses import dataclass

from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.spans import TimeSpan
from callaudit.hangup.boundary import is_after

USUAL_LIMIT_MS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerReading:
    """One reading of the timer."""

    last_word_ms: int
    """End of the last sentence, whoever said it."""
    quiet_ms: int
    """From there to the end of the recording."""
    limit_ms: int
    was_reset: bool
    """Whether that sentence was said after the hang-up."""

    @property
    def fires(self) -> bool:
        """Whether the timer flags the call."""
        return self.quiet_ms > self.limit_ms


def read_timer(analysis: CallAnalysis, limit_ms: int = USUAL_LIMIT_MS) -> TimerReading | None:
    """What the timer says of a call on which a hang-up was located; None where none was, or nobody speaks.

    The last sentence is the last utterance with words; where the engine wrote none, the last speech region is.
    """
    if analysis.hangup is None:
        return None
    spoken = [said.span for said in analysis.transcript.utterances if said.text]
    spans = spoken or [region.span for region in analysis.acoustics.regions]
    if not spans:
        return None
    last = max(spans, key=_end)
    end_ms = min(last.end_ms, analysis.acoustics.duration_ms)
    return TimerReading(
        last_word_ms=end_ms,
        quiet_ms=analysis.acoustics.duration_ms - end_ms,
        limit_ms=limit_ms,
        was_reset=is_after(last, analysis.hangup),
    )


def _end(span: TimeSpan) -> tuple[int, int]:
    return span.end_ms, span.start_ms
