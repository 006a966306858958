from __future__ import annotations

from datetime import timedelta

import pytest

from callaudit.domain.analysis import Warn
from callaudit.domain.calls import Party
from callaudit.domain.hangups import HangupBy
from callaudit.hangup.record import read_record
from tests.builders import make_record
from tests.hangup.dialogues import START, record

TOLERANCE_MS = 2000


@pytest.mark.parametrize(
    ("offsets", "at_ms", "by", "detail"),
    [
        ({"customer_hangup_at": 20_000}, 20_000, Party.CUSTOMER, "event=customer_hangup"),
        ({"agent_hangup_at": 20_000}, 20_000, Party.AGENT, "event=agent_hangup"),
        ({"customer_hangup_at": 20_000, "agent_hangup_at": 25_000}, 20_000, Party.CUSTOMER, "event=customer_hangup"),
        ({"customer_hangup_at": 25_000, "agent_hangup_at": 20_000}, 20_000, Party.AGENT, "event=agent_hangup"),
        ({"customer_hangup_at": 20_000, "ended_at": 30_000}, 20_000, Party.CUSTOMER, "event=customer_hangup"),
        ({"survey_start_at": 18_000, "customer_hangup_at": 28_000}, 18_000, None, "event=survey_start"),
        ({"ended_at": 30_000}, 30_000, None, "event=end"),
        ({"customer_hangup_at": 31_500}, 30_000, Party.CUSTOMER, "event=customer_hangup"),
        ({"customer_hangup_at": -400}, 0, Party.CUSTOMER, "event=customer_hangup"),
    ],
)
def test_first_event_ends_the_conversation(offsets: dict[str, int], at_ms: int, by: Party | None, detail: str) -> None:
    witness = read_record(record(**offsets), 30_000, TOLERANCE_MS).witness
    assert witness is not None
    assert (witness.at_ms, witness.by, witness.detail) == (at_ms, by, detail)


@pytest.mark.parametrize(
    "offsets",
    [
        {"ended_at": 33_500},
        {"ended_at": 26_500},
        {"customer_hangup_at": 33_500},
        {"customer_hangup_at": 20_000, "ended_at": 60_000},
        {"survey_start_at": 40_000},
    ],
)
def test_record_off_from_the_recording_is_distrusted(offsets: dict[str, int]) -> None:
    reading = read_record(record(**offsets), 30_000, TOLERANCE_MS)
    assert (reading.doubt, reading.witness) == (Warn.RECORD_DISTRUSTED, None)


@pytest.mark.parametrize(
    "offsets",
    [
        {"customer_hangup_at": -1500},
        {"survey_start_at": -1500, "customer_hangup_at": 20_000},
        {"answered_at": 25_000, "customer_hangup_at": 20_000, "ended_at": 30_000},
        {"customer_hangup_at": 20_000, "ended_at": 15_000},
    ],
)
def test_record_in_an_impossible_order_is_inconsistent(offsets: dict[str, int]) -> None:
    reading = read_record(record(**offsets), 30_000, TOLERANCE_MS)
    assert (reading.doubt, reading.witness, reading.survey_start_ms) == (Warn.RECORD_INCONSISTENT, None, None)


@pytest.mark.parametrize("event", ["customer_hangup_at", "agent_hangup_at", "survey_start_at", "ended_at"])
def test_record_without_the_start_of_the_recording_cannot_be_placed(event: str) -> None:
    reading = read_record(make_record(**{event: START}), 30_000, TOLERANCE_MS)
    assert (reading.doubt, reading.witness) == (Warn.RECORD_UNPLACED, None)


@pytest.mark.parametrize("ended_ms", [27_500, 30_000, 32_500])
def test_whole_seconds_are_allowed_for(ended_ms: int) -> None:
    assert read_record(record(ended_at=ended_ms), 30_000, TOLERANCE_MS).doubt is None


def test_nothing_to_read_is_no_distrust() -> None:
    for empty in (None, make_record(), make_record(answered_at=START), record()):
        reading = read_record(empty, 30_000, TOLERANCE_MS)
        assert (reading.witness, reading.survey_start_ms, reading.doubt) == (None, None, None)


def test_uncertainty_follows_the_clock() -> None:
    fine = make_record(
        recording_start_at=START, customer_hangup_at=START + timedelta(seconds=20), clock_uncertainty_ms=1
    )
    coarse = record(customer_hangup_at=20_000)
    uncertainties = [read_record(one, 30_000, TOLERANCE_MS).witness for one in (fine, coarse)]
    assert [witness and witness.uncertainty_ms for witness in uncertainties] == [100, 1000]


def test_who_hung_up_is_taken_from_the_record() -> None:
    said = make_record(recording_start_at=START, ended_at=START + timedelta(seconds=30), hangup_by=Party.CUSTOMER)
    witness = read_record(said, 30_000, TOLERANCE_MS).witness
    assert witness is not None
    assert witness.by is HangupBy.CUSTOMER


@pytest.mark.parametrize(
    ("starts_ms", "duration_ms", "at_ms"),
    [
        ([0, 10_000], 60_000, 60_000),
        ([0, 10_000], 50_000, 50_000),
        ([0, 10_000], 51_500, 50_000),
        ([0, 10_000], 55_000, None),
        ([0, 10_000], 300_000, None),
        ([0, 500], 60_000, 60_000),
        ([0, 2_500], 59_000, None),
        ([], 60_000, None),
    ],
)
def test_of_possible_starts_the_one_that_the_length_bears_out_is_taken_and_none_where_several_do(
    starts_ms: list[int], duration_ms: int, at_ms: int | None
) -> None:
    starts = tuple(START + timedelta(milliseconds=ms) for ms in starts_ms)
    told = make_record(possible_starts_at=starts, ended_at=START + timedelta(seconds=60))
    reading = read_record(told, duration_ms, TOLERANCE_MS)
    assert (reading.witness and reading.witness.at_ms) == at_ms
    assert reading.doubt is (None if at_ms else Warn.RECORD_UNPLACED)


def test_possible_starts_are_of_no_use_without_an_end() -> None:
    told = make_record(possible_starts_at=(START,), customer_hangup_at=START + timedelta(seconds=20))
    assert read_record(told, 30_000, TOLERANCE_MS).doubt is Warn.RECORD_UNPLACED


def test_a_record_that_disagrees_with_itself_is_not_used() -> None:
    told = make_record(recording_start_at=START, ended_at=START + timedelta(seconds=30), is_distrusted=True)
    reading = read_record(told, 30_000, TOLERANCE_MS)
    assert (reading.doubt, reading.witness) == (Warn.RECORD_INCONSISTENT, None)


def test_where_the_record_is_not_as_long_as_the_recording_its_times_are_that_much_less_certain() -> None:
    told = make_record(
        recording_start_at=START,
        customer_hangup_at=START + timedelta(seconds=20),
        ended_at=START + timedelta(seconds=31, milliseconds=700),
        clock_uncertainty_ms=200,
    )
    witnesses = [read_record(told, duration_ms, TOLERANCE_MS).witness for duration_ms in (31_700, 30_000)]
    assert [witness and witness.uncertainty_ms for witness in witnesses] == [200, 1700]


def test_a_recording_did_not_begin_after_what_it_is_to_hold() -> None:
    told = make_record(
        possible_starts_at=(START + timedelta(seconds=30),),
        customer_hangup_at=START + timedelta(seconds=20),
        ended_at=START + timedelta(seconds=60),
    )
    reading = read_record(told, 30_000, TOLERANCE_MS)
    assert (reading.doubt, reading.witness) == (Warn.RECORD_UNPLACED, None)
