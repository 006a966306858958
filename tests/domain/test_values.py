from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.domain.findings import Category, Severity, finding_id, gravest
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.domain.waveform import SILENCE_DBFS, Waveform, level_dbfs
from tests.builders import SHA, make_finding, make_wave, tone

times = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(lambda pair: TimeSpan(min(pair), max(pair)))


@given(times, times)
def test_a_clipped_span_lies_within_the_other(one, other):
    clipped = one.clip(other)

    assert other.start_ms <= clipped.start_ms <= clipped.end_ms <= other.end_ms
    assert clipped.duration_ms == one.overlap_ms(other)


@given(times, times)
def test_two_spans_either_overlap_or_have_a_gap_or_touch(one, other):
    assert one.overlaps(other) == (
        one.overlap_ms(other) > 0 or (one.overlaps(other) and 0 in (one.duration_ms, other.duration_ms))
    )
    assert one.gap_ms(other) == other.gap_ms(one)
    assert not (one.gap_ms(other) and one.overlap_ms(other))
    assert one.cover(other).overlap_ms(one) == one.duration_ms


@given(times, st.integers(0, 500))
def test_a_widened_span_stays_within_the_recording(span, by_ms):
    wide = span.widen(by_ms, 10_000)

    assert 0 <= wide.start_ms <= span.start_ms
    assert span.end_ms <= wide.end_ms <= 10_000


@pytest.mark.parametrize("make", [lambda: TimeSpan(5, 4), lambda: TimeSpan(-1, 4), lambda: CharSpan(3, 2)])
def test_a_span_that_ends_before_it_begins_is_refused(make):
    with pytest.raises(ValueError, match="span"):
        make()


def test_a_text_span_cuts_code_points():
    assert CharSpan(1, 3).cut("像😀神经病") == "😀神"


def test_a_waveform_is_cut_by_time_and_ends_where_the_recording_does():
    wave = make_wave(1.0, channels=2)

    assert wave.cut(1, TimeSpan(250, 500)).shape == (4000,)
    assert wave.cut(0, TimeSpan(900, 2000)).shape == (1600,)
    assert wave.cut_float(0, TimeSpan(0, 10)).dtype == np.float32


def test_levels_are_against_full_scale():
    assert level_dbfs(tone(1000, 1.0, level=1.0)) == pytest.approx(-3.01, abs=0.05)
    assert level_dbfs(np.zeros(10, np.int16)) == SILENCE_DBFS
    assert level_dbfs(np.zeros(0, np.int16)) == SILENCE_DBFS


def test_a_waveform_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="channels, frames"):
        Waveform(np.zeros(10, np.int16))


def test_a_finding_has_the_same_id_on_every_run_and_another_elsewhere():
    first = finding_id(SHA, "rude_phrase", Category.INSULT, TimeSpan(0, 10))

    assert first == finding_id(SHA, "rude_phrase", Category.INSULT, TimeSpan(0, 10))
    assert first != finding_id(SHA, "rude_phrase", Category.INSULT, TimeSpan(0, 11))
    assert first != finding_id("cd" * 32, "rude_phrase", Category.INSULT, TimeSpan(0, 10))


@pytest.mark.parametrize("changes", [{"evidence": ()}, {"confidence": 1.2}])
def test_a_finding_without_evidence_or_with_an_impossible_confidence_is_refused(changes):
    with pytest.raises(ValueError, match=r"evidence|confidence"):
        make_finding(**changes)


def test_severity_rises_to_critical_and_no_further():
    assert [severity.raised() for severity in Severity] == [Severity.MAJOR, Severity.CRITICAL, Severity.CRITICAL]


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ((), None),
        ((Severity.MINOR,), Severity.MINOR),
        ((Severity.MINOR, Severity.CRITICAL, Severity.MAJOR), Severity.CRITICAL),
        ((Severity.MAJOR, Severity.MINOR), Severity.MAJOR),
    ],
)
def test_the_gravest_severity_is_that_of_the_highest_rank(severities, expected):
    assert gravest(make_finding(severity=severity) for severity in severities) is expected
