from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callaudit.domain.analysis import FailedCall, JudgedCall
from callaudit.domain.calls import CallRecord, ClockSpan, Party
from callaudit.domain.findings import (
    Category,
    ClassifierEvidence,
    ContextEvidence,
    Finding,
    LexiconEvidence,
    OnHoldEvidence,
    OpenLineEvidence,
    PostHangupEvidence,
)
from callaudit.domain.holds import Hold
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.transcripts import Utterance
from callaudit.storage.codec import CodecError, from_plain, from_plain_tuple, to_plain
from tests.builders import make_finding, make_utterance
from tests.reports.origin_case import failed_call, origin_call

SPANS = st.tuples(st.integers(0, 10**7), st.integers(0, 10**6)).map(lambda pair: TimeSpan(pair[0], sum(pair)))
CHAR_SPANS = st.tuples(st.integers(0, 500), st.integers(0, 50)).map(lambda pair: CharSpan(pair[0], sum(pair)))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(codec=None), max_size=20)
EVIDENCE = st.one_of(
    st.builds(LexiconEvidence, chars=CHAR_SPANS, matched=TEXTS, phrase=TEXTS, kind=st.just("lexicon")),
    st.builds(
        ClassifierEvidence,
        features=st.lists(st.tuples(TEXTS, NUMBERS), max_size=3).map(tuple),
        score=NUMBERS,
        threshold=NUMBERS,
        kind=st.just("classifier"),
    ),
    st.builds(PostHangupEvidence, kind=st.just("post_hangup")),
    st.builds(OpenLineEvidence, kind=st.just("open_line")),
    st.builds(OnHoldEvidence, hold=st.builds(Hold, span=SPANS), kind=st.just("on_hold")),
    st.builds(ContextEvidence, weight=NUMBERS, kind=st.just("context")),
)
FINDINGS = st.builds(
    Finding,
    span=SPANS,
    confidence=st.floats(0, 1),
    quote=TEXTS,
    chars=st.none() | CHAR_SPANS,
    utterances=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    evidence=st.lists(EVIDENCE, min_size=1, max_size=3).map(tuple),
)
RECORDS = st.builds(
    CallRecord,
    recording_start_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    ended_at=st.none() | st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))),
    possible_starts_at=st.lists(st.datetimes(timezones=st.just(UTC)), max_size=2).map(tuple),
    hold_spans=st.lists(st.datetimes(timezones=st.just(UTC)).map(lambda at: ClockSpan(at, at)), max_size=2).map(tuple),
    channel_parties=st.none() | st.lists(st.sampled_from(Party), max_size=3).map(tuple),
)


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(to_plain(value)))


@settings(deadline=None, max_examples=60)
@given(value=st.one_of(FINDINGS, RECORDS, st.builds(FailedCall, path=st.just(Path("a/b.wav")), message=TEXTS)))
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    assert from_plain(type(value), through_json(value)) == value


def test_a_whole_judged_call_comes_back_as_it_was() -> None:
    assert from_plain(JudgedCall, through_json(origin_call())) == origin_call()


def test_a_path_with_bytes_that_are_no_utf8_comes_back_as_it_was() -> None:
    failed = failed_call("\udcb2\udce2.wav")
    assert from_plain(FailedCall, through_json(failed)) == failed


def test_a_missing_field_takes_its_default() -> None:
    plain = to_plain(make_utterance("你好", temperature=0.4))
    del plain["temperature"]
    assert from_plain(Utterance, plain).temperature == 0.0


def test_a_number_without_fraction_becomes_a_float_again() -> None:
    value = from_plain(Utterance, {**to_plain(make_utterance("你好")), "avg_logprob": -1})
    assert isinstance(value.avg_logprob, float)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"colour": "red"}, "no field colour"),
        ({"severity": "dire"}, "no such Severity"),
        ({"severity": 3}, "Severity expected"),
        ({"confidence": True}, "float expected"),
        ({"confidence": 1.5}, "contradict"),
        ({"span": {"start_ms": 5, "end_ms": 1}}, "contradict"),
        ({"span": [1, 2]}, "object for TimeSpan"),
        ({"utterances": "0"}, "array expected"),
        ({"utterances": ["0"]}, "int expected"),
        ({"evidence": [{"kind": "hearsay"}]}, "none of LexiconEvidence"),
        ({"evidence": ["lexicon"]}, "none of LexiconEvidence"),
        ({"evidence": []}, "contradict"),
    ],
)
def test_data_of_another_shape_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(CodecError, match=complaint):
        from_plain(Finding, {**to_plain(make_finding()), **changes})


def test_a_missing_field_without_default_is_refused_by_name() -> None:
    plain = to_plain(make_finding())
    del plain["quote"]
    with pytest.raises(CodecError, match="Finding lacks quote"):
        from_plain(Finding, plain)


def test_a_complaint_never_repeats_the_data() -> None:
    with pytest.raises(CodecError) as caught:
        from_plain(Finding, {**to_plain(make_finding()), "category": "不要脸"})
    assert "不要脸" not in str(caught.value)


def test_a_foreign_object_is_not_written() -> None:
    with pytest.raises(CodecError, match="complex"):
        to_plain((1, 2j))


def test_a_tuple_is_read_item_by_item() -> None:
    assert from_plain_tuple(Category, ["insult", "threat"]) == (Category.INSULT, Category.THREAT)
    with pytest.raises(CodecError):
        from_plain_tuple(Category, "insult")
