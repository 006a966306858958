"""What became of one simulated call: the evaluation's measure of its end, and tones heard that nobody sent."""

from __future__ import annotations

from dataclasses import dataclass

from callaudit.domain.analysis import JudgedCall
from callaudit.evaluation.endings import EndingScore
from callaudit.evaluation.score import score_ending
from tests.simulator.bridge import truth_of
from tests.simulator.render import SimulatedCall
from tests.simulator.script import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMeasure:
    """One call against its truth."""

    script: Script
    ending: EndingScore
    false_tones: int
    """Tones that end a call, reported where the exchange sent none."""

    @property
    def is_wrong(self) -> bool:
        """Whether anything went wrong at all."""
        return self.false_tones > 0 or not self.ending.is_perfect


def measure(call: SimulatedCall, judged: JudgedCall) -> CallMeasure:
    """Compare one judged call with its truth."""
    sent = [heard.span for heard in call.truth.tones if heard.sound.signal.ends_the_call]
    heard = judged.analysis.acoustics.tones
    return CallMeasure(
        script=call.script,
        ending=score_ending(truth_of(call), judged),
        false_tones=sum(
            tone.kind.ends_the_call and not any(tone.span.overlaps(span) for span in sent) for tone in heard
        ),
    )
