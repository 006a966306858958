from __future__ import annotations

import os
import signal

import pytest

from callaudit.cli.interrupts import StopRequest, stop_on_signals

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def usual_handlers():
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell sets it aside for what runs in the background
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_asks_for_the_end(number):
    request = StopRequest()
    with stop_on_signals(request):
        assert not request.requested
        os.kill(os.getpid(), number)

        assert request.requested
    assert request.number == number


@pytest.mark.parametrize("second", SIGNALS)
def test_the_second_signal_is_the_end(second):
    request = StopRequest()
    with stop_on_signals(request):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(SystemExit) as leaving:
            os.kill(os.getpid(), second)

    assert leaving.value.code == 128 + second
    assert request.number == signal.SIGINT


def test_a_signal_that_was_set_aside_stays_so():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    request = StopRequest()
    with stop_on_signals(request):
        os.kill(os.getpid(), signal.SIGHUP)

        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert not request.requested


def test_signals_do_afterwards_what_they_did_before():
    before = [signal.getsignal(number) for number in SIGNALS]
    with stop_on_signals(StopRequest()):
        assert [signal.getsignal(number) for number in SIGNALS] != before

    assert [signal.getsignal(number) for number in SIGNALS] == before
