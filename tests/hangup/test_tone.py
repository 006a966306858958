"""What a tone tells of the hang-up, by its kind and length."""

from __future__ import annotations

import pytest

from callaudit.domain.hangups import HangupEvidence
from callaudit.domain.line import Tone, ToneKind
from callaudit.domain.spans import TimeSpan
from tests.hangup.dialogues import MIDDLE, analyse, dialogue

SAID = dialogue(*MIDDLE)
AT_MS = SAID[-1].span.end_ms + 700


def sent(kind: ToneKind, length_ms: int = 4000, cycles: int = 0, *, is_cut_in: bool = False) -> Tone:
    return Tone(TimeSpan(AT_MS, AT_MS + length_ms), 1, kind, cycles, 449.6, is_cut_in)


def witness(tone: Tone) -> HangupEvidence | None:
    hangup = analyse(SAID, drop_ms=70_000, tones=(tone,)).hangup
    return hangup.evidence[0] if hangup else None


@pytest.mark.parametrize(
    ("tone", "detail"),
    [
        (sent(ToneKind.BUSY, cycles=6), "kind=busy frequency_hz=450 cycles=6"),
        (sent(ToneKind.CONGESTION, cycles=3), "kind=congestion frequency_hz=450 cycles=3"),
        (sent(ToneKind.DIAL), "kind=dial frequency_hz=450"),
        (sent(ToneKind.HOWLER), "kind=howler frequency_hz=450"),
    ],
)
def test_every_tone_that_ends_a_call_is_a_witness(tone: Tone, detail: str) -> None:
    heard = witness(tone)

    assert heard is not None
    assert (heard.at_ms, heard.detail) == (AT_MS, detail)


@pytest.mark.parametrize(
    "tone",
    [
        sent(ToneKind.RINGBACK, 20_000, cycles=4),
        sent(ToneKind.BUSY, cycles=2),
        sent(ToneKind.CONGESTION, cycles=2),
        sent(ToneKind.DIAL, 1400),
        sent(ToneKind.HOWLER, 1400),
    ],
)
def test_ringback_and_tones_too_short_are_none(tone: Tone) -> None:
    assert witness(tone) is None


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (sent(ToneKind.BUSY, cycles=3), sent(ToneKind.BUSY, cycles=5)),
        (sent(ToneKind.DIAL, 1600), sent(ToneKind.DIAL, 5000)),
        (sent(ToneKind.DIAL, 2000), sent(ToneKind.HOWLER, 2000)),
        (sent(ToneKind.HOWLER, 60_000), sent(ToneKind.BUSY, cycles=80)),
    ],
)
def test_the_longer_and_the_less_like_music_the_surer(short: Tone, long: Tone) -> None:
    less, more = witness(short), witness(long)

    assert less is not None
    assert more is not None
    assert less.confidence <= more.confidence <= 0.95


def test_a_tone_that_begins_with_sound_tells_its_time_more_exactly() -> None:
    told = [
        witness(tone)
        for tone in (
            sent(ToneKind.BUSY, cycles=6),
            sent(ToneKind.BUSY, cycles=6, is_cut_in=True),
            sent(ToneKind.DIAL),
        )
    ]

    assert [one.uncertainty_ms for one in told if one] == [350, 175, 175]
