"""When a satisfaction survey is heard on a channel: what is said there meanwhile is hardly the agent's."""

from __future__ import annotations

from collections.abc import Mapping

from callaudit.domain.analysis import CallAnalysis
from callaudit.domain.calls import Party
from callaudit.domain.hangups import PassedOverReason
from callaudit.domain.spans import TimeSpan


def surveys_by_channel(analysis: CallAnalysis) -> Mapping[int, tuple[TimeSpan, ...]]:
    """Surveys, from the first prompt to the last, by the channels on which their prompts are heard.

    On another channel an agent may talk to a colleague while the customer listens to the machine.
    """
    surveys = [item.span for item in analysis.passed_over if item.reason is PassedOverReason.SURVEY]
    prompts = [said for said in analysis.transcript.utterances if said.party is Party.SYSTEM]
    return {
        channel: tuple(
            survey
            for survey in surveys
            if any(said.channel == channel and said.span.overlaps(survey) for said in prompts)
        )
        for channel in {said.channel for said in prompts}
    }
