from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch.silence import MOST_SILENCES, Silences
from callaudit.domain.addresses import label_of
from callaudit.errors import AudioError, FetchError

ONE, OTHER = label_of("s3://monday/1.wav"), label_of("s3://tuesday/1.wav")


def ask(silences, path, code=None):
    with silences.asking(path):
        if code:
            raise FetchError("no", code=code, hint="wait")


def fail(silences, path, times, code="remote.failed"):
    for _ in range(times):
        with pytest.raises(FetchError, match="no"):
            ask(silences, path, code)


def test_a_store_that_failed_a_few_times_in_a_row_is_asked_no_more_and_others_are():
    silences = Silences()
    fail(silences, ONE, MOST_SILENCES)

    with pytest.raises(FetchError, match="not asked for"):
        ask(silences, ONE)
    ask(silences, OTHER)


@pytest.mark.parametrize("code", [None, "remote.missing", "remote.denied"])
def test_a_store_that_answers_in_between_is_asked_again(code):
    silences = Silences()
    fail(silences, ONE, MOST_SILENCES - 1)
    if code:
        fail(silences, ONE, 1, code)
    else:
        ask(silences, ONE)
    fail(silences, ONE, MOST_SILENCES)


def test_a_store_that_hands_a_damaged_recording_over_has_answered():
    silences = Silences()
    fail(silences, ONE, MOST_SILENCES - 1)
    with pytest.raises(AudioError), silences.asking(ONE):
        raise AudioError("damaged", code="audio.corrupt", hint="fetch it again")
    fail(silences, ONE, 1)
    ask(silences, ONE)


def test_recordings_that_are_gone_are_no_reason_to_ask_for_no_more():
    silences = Silences()
    fail(silences, ONE, 2 * MOST_SILENCES, "remote.missing")
    ask(silences, ONE)


def test_files_of_this_machine_are_always_asked_for():
    silences = Silences()
    fail(silences, Path("calls/1.wav"), 2 * MOST_SILENCES)
    ask(silences, Path("calls/1.wav"))
