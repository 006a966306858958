"""Machines by what they say, where no set phrase is heard."""

from __future__ import annotations

import pytest

from callaudit.domain.calls import Party
from callaudit.text.parties import WordPartyAttributor
from tests.builders import make_call, make_utterance

PROMPT = "机主暂时不便接听 有事请在提示音之后讲话"
ANOTHER = "留言结束请直接挂机"


class Reader:
    """Takes for a machine what a test says."""

    version = "test"

    def __init__(self, **shares: float) -> None:
        self._shares = {PROMPT: 0.95, ANOTHER: 0.6, "不满意别打": 0.99, **shares}

    def machine_share(self, text: str) -> float:
        return self._shares.get(text, 0.0)


def parties(*said: tuple[str, Party], mixed: bool = False) -> list[Party]:
    utterances = [
        make_utterance(text, Party.UNKNOWN if mixed else party, index=at, start_ms=4000 * at)
        for at, (text, party) in enumerate(said)
    ]
    named, _ = WordPartyAttributor(Reader()).attribute(make_call(mixed=mixed), utterances)
    return [utterance.party for utterance in named]


def test_a_machine_may_speak_on_the_customers_channel_and_not_on_the_agents() -> None:
    assert parties((PROMPT, Party.CUSTOMER)) == [Party.SYSTEM]
    assert parties((PROMPT, Party.AGENT)) == [Party.AGENT]


@pytest.mark.parametrize("text", ["不满意别打", "嗯好的"])
def test_a_few_characters_are_never_a_machines(text: str) -> None:
    assert parties((text, Party.CUSTOMER)) == [Party.CUSTOMER]


def test_in_a_mixed_recording_a_machine_opens_the_call_or_has_a_neighbour() -> None:
    talk = ("你这人怎么这么啰嗦", Party.UNKNOWN)
    assert parties((PROMPT, Party.UNKNOWN), talk, mixed=True) == [Party.SYSTEM, Party.UNKNOWN]
    assert parties(talk, (PROMPT, Party.UNKNOWN), mixed=True) == [Party.UNKNOWN, Party.UNKNOWN]
    assert parties(talk, (PROMPT, Party.UNKNOWN), (ANOTHER, Party.UNKNOWN), mixed=True) == [
        Party.UNKNOWN,
        Party.SYSTEM,
        Party.UNKNOWN,
    ]
