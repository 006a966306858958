from __future__ import annotations

from typing import Any

import pytest

from callaudit.domain.hangups import EndShape, HangupBy, HangupEvidence, HangupSource
from callaudit.hangup.prompts import SURVEY_HEARD
from callaudit.hangup.weigh import weigh


def witness(source: HangupSource, at_ms: int, **changes: Any) -> HangupEvidence:
    defaults: dict[str, Any] = {"uncertainty_ms": 300, "confidence": 0.8}
    return HangupEvidence(source=source, at_ms=at_ms, **{**defaults, **changes})


def record(at_ms: int, **changes: Any) -> HangupEvidence:
    known = {"uncertainty_ms": 1000, "confidence": 0.9, "by": HangupBy.CUSTOMER}
    return witness(HangupSource.CALL_RECORD, at_ms, **{**known, **changes})


def tone(at_ms: int, **changes: Any) -> HangupEvidence:
    return witness(HangupSource.TONE, at_ms, **changes)


def closing(at_ms: int, **changes: Any) -> HangupEvidence:
    return witness(HangupSource.CLOSING, at_ms, **changes)


@pytest.mark.parametrize(
    ("witnesses", "spoken_ms", "at_ms", "supports"),
    [
        ([record(20_000)], [], 20_000, [True]),
        ([tone(20_000)], [], 20_000, [True]),
        ([closing(20_000)], [], 20_000, [True]),
        # A tone within the record's second is finer.
        ([record(20_000), tone(20_700)], [], 20_700, [True, True]),
        # So is one a little further off: clocks are; the record then speaks against it.
        ([record(20_000), tone(22_600)], [], 22_600, [False, True]),
        ([record(20_000), tone(17_400)], [], 17_400, [False, True]),
        # A tone elsewhere is not.
        ([record(20_000), tone(25_000)], [], 20_000, [True, False]),
        # The end of the record says only when the line dropped.
        ([record(30_000, detail="event=end"), tone(20_000)], [], 20_000, [False, True]),
        ([record(30_000, detail="event=end"), closing(20_000)], [], 20_000, [False, True]),
        # The hang-up cannot come before the goodbye.
        ([record(20_000), closing(20_300)], [], 20_500, [True, True]),
        # A goodbye a moment before the hang-up agrees with it, one long before does not.
        ([record(20_000), closing(17_000)], [], 20_000, [True, True]),
        ([tone(20_000), closing(17_000)], [], 20_000, [True, True]),
        ([tone(20_000), closing(9000)], [], 20_000, [True, False]),
        ([tone(20_000), closing(25_000)], [], 20_000, [True, False]),
        # Speech on the line left open: over with the goodbye.
        ([record(30_000), closing(20_000)], [22_000], 20_000, [False, True]),
        ([record(20_500), closing(20_000)], [20_400], 20_000, [True, True]),
        ([tone(30_000), closing(20_000)], [22_000], 20_000, [False, True]),
        ([tone(20_000), closing(17_000)], [21_000], 20_000, [True, True]),
        # Who speaks against himself does not choose.
        ([record(10_000, supports=False), closing(20_000)], [], 20_000, [False, True]),
    ],
)
def test_time_and_votes(
    witnesses: list[HangupEvidence], spoken_ms: list[int], at_ms: int, supports: list[bool]
) -> None:
    hangup = weigh(witnesses, spoken_ms)
    assert hangup is not None
    assert hangup.at_ms == at_ms
    assert [vote.supports for vote in hangup.evidence] == supports


def test_no_supporting_witness_is_no_hangup() -> None:
    assert weigh([], []) is None
    assert weigh([tone(20_000, supports=False)], []) is None


def test_agreement_raises_and_contradiction_lowers_the_confidence() -> None:
    def confidence(*witnesses: HangupEvidence) -> float:
        hangup = weigh(witnesses, [])
        assert hangup is not None
        return hangup.confidence

    assert (
        confidence(record(20_000), tone(20_400)) > confidence(record(20_000)) > confidence(record(20_000), tone(27_000))
    )


def test_a_finer_witness_leaves_less_uncertainty() -> None:
    hangup = weigh([record(20_000), closing(20_300)], [])
    assert hangup is not None
    assert (hangup.uncertainty_ms, hangup.by) == (500, HangupBy.CUSTOMER)


def test_an_open_line_was_hung_up_by_nobody() -> None:
    hangup = weigh([record(30_000), closing(20_000)], [22_000])
    assert hangup is not None
    assert hangup.by is HangupBy.NOBODY


@pytest.mark.parametrize(
    ("survey_ms", "by", "shape"),
    [
        (21_000, HangupBy.AGENT, EndShape.AFTER_TRANSFER),
        (40_000, HangupBy.NOBODY, EndShape.OPEN_LINE),
    ],
)
def test_a_call_handed_to_a_survey_at_once_was_not_left_open(survey_ms: int, by: HangupBy, shape: EndShape) -> None:
    survey = witness(HangupSource.PROMPT, survey_ms, by=HangupBy.AGENT, detail=SURVEY_HEARD)
    hangup = weigh([closing(20_000), survey], [23_000])
    assert hangup is not None
    assert (hangup.at_ms, hangup.by, hangup.shape) == (20_000, by, shape)
