from __future__ import annotations

import threading
import time

import pytest

from callaudit.batch.patience import AbandonedError, Patience


def patience(**changes):
    return Patience(**{"tries": 3, "pause_s": 0.5, "stall_s": 0.2, "sleep": lambda pause_s: None, **changes})


def failing(times, error=ConnectionError):
    """Work that fails so many times, and then says `done`."""
    tried = []

    def work(pulse):
        tried.append(pulse)
        if len(tried) <= times:
            raise error
        return "done"

    return work, tried


def never(error):
    return False


def test_work_that_fails_is_tried_again():
    work, tried = failing(2)

    assert patience().persist(work, never) == "done"
    assert len(tried) == 3


def test_the_last_error_is_the_one_that_is_told():
    work, tried = failing(3)
    with pytest.raises(ConnectionError):
        patience().persist(work, never)
    assert len(tried) == 3


def test_a_final_error_is_not_tried_again():
    work, tried = failing(3)
    with pytest.raises(ConnectionError):
        patience().persist(work, lambda error: True)
    assert len(tried) == 1


def test_pauses_grow_and_are_not_the_same_for_all():
    pauses = []
    for _ in range(20):
        with pytest.raises(ConnectionError):
            patience(tries=4, sleep=pauses.append).persist(failing(9)[0], never)
    firsts, seconds, thirds = (pauses[place::3] for place in range(3))

    assert all(0.25 <= pause <= 0.5 for pause in firsts)
    assert all(0.5 <= pause <= 1 for pause in seconds)
    assert all(1 <= pause <= 2 for pause in thirds)
    assert len(set(firsts)) > 1


def test_work_without_a_sign_of_life_is_left_behind():
    released, ended = threading.Event(), []

    def stall(pulse):
        released.wait(10)
        try:
            pulse.beat()
        except AbandonedError:
            ended.append(True)
            raise

    begun_s = time.monotonic()
    with pytest.raises(TimeoutError):
        patience(tries=2).persist(stall, never)
    assert 0.4 <= time.monotonic() - begun_s < 5
    released.set()
    for thread in threading.enumerate():
        if thread.name == "callaudit-fetch":
            thread.join(5)
    assert ended == [True, True]


def test_slow_work_that_gets_on_is_waited_for():
    def slowly(pulse):
        for _ in range(5):
            time.sleep(0.1)
            pulse.beat()
        return "done"

    assert patience(tries=1, stall_s=0.3).persist(slowly, never) == "done"


def test_work_that_cannot_give_signs_may_be_given_longer():
    def silent(pulse):
        time.sleep(0.4)
        return "done"

    assert patience(tries=1, stall_s=0.1).persist(silent, never, 5.0) == "done"
