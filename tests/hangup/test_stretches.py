from __future__ import annotations

from callaudit.domain.calls import Party
from callaudit.domain.findings import Phase
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import SpeechRegion
from callaudit.hangup.boundary import phase_of
from callaudit.hangup.stretches import speech_stretches
from tests.builders import make_acoustics, make_call, make_hangup, make_utterance


def test_region_without_text_is_a_stretch_without_words() -> None:
    said = make_utterance("电梯坏了", Party.CUSTOMER, 1000, 2000)
    acoustics = make_acoustics([said], regions=(SpeechRegion(TimeSpan(800, 4000), 1, -24.0),))
    stretches = speech_stretches(make_call(), acoustics, [said])
    assert [(one.span, one.text, one.party) for one in stretches] == [
        (TimeSpan(1000, 2000), "电梯坏了", Party.CUSTOMER),
        (TimeSpan(2250, 4000), "", Party.CUSTOMER),
    ]


def test_padding_of_a_region_is_no_stretch() -> None:
    said = make_utterance("电梯坏了", Party.CUSTOMER, 1000, 2000)
    acoustics = make_acoustics([said], regions=(SpeechRegion(TimeSpan(600, 2400), 1, -24.0),))
    assert len(speech_stretches(make_call(), acoustics, [said])) == 1


def test_text_on_one_channel_does_not_cover_the_other() -> None:
    said = make_utterance("电梯坏了", Party.CUSTOMER, 1000, 2000)
    regions = (SpeechRegion(said.span, 0, -24.0), SpeechRegion(said.span, 1, -24.0))
    stretches = speech_stretches(make_call(), make_acoustics(regions=regions), [said])
    assert [(one.channel, one.party) for one in stretches] == [(0, Party.AGENT), (1, Party.CUSTOMER)]


def test_sides_of_the_hangup() -> None:
    hangup = make_hangup(10_000, uncertainty_ms=300)
    sides = {
        TimeSpan(9000, 10_500): Phase.BEFORE_HANGUP,  # cut off in the middle
        TimeSpan(9000, 20_000): Phase.BEFORE_HANGUP,  # begun well before
        TimeSpan(9800, 11_000): Phase.AFTER_HANGUP,  # padding
        TimeSpan(9800, 10_100): Phase.BEFORE_HANGUP,
        TimeSpan(10_000, 11_000): Phase.AFTER_HANGUP,
    }
    assert {span: phase_of(span, hangup) for span in sides} == sides
    assert phase_of(TimeSpan(0, 10), None) is Phase.BEFORE_HANGUP
