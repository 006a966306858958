"""Values between two processes."""

from __future__ import annotations

import socket
import threading

import numpy as np
import pytest

from callaudit.batch.channel import Channel
from callaudit.domain.waveform import Waveform
from tests.builders import make_wave


@pytest.fixture
def ends():
    one, other = map(Channel, socket.socketpair())
    yield one, other
    one.close()
    other.close()


def passed(ends, value):
    """The value as it arrives."""
    sender = threading.Thread(target=ends[0].send, args=(value,))
    sender.start()
    arrived = ends[1].recv()
    sender.join()
    return arrived


@pytest.mark.parametrize("value", [None, ("note", 5), b"", b"x" * 1_000_000, {"a": [bytearray(3)]}])
def test_a_value_arrives_as_it_was_sent(ends, value):
    assert passed(ends, value) == value


def test_sound_arrives_as_it_was_sent_and_can_be_worked_on(ends):
    waves = (make_wave(3.0), Waveform(np.zeros((1, 0), np.int16)), make_wave(1.0, channels=1, seed=2))
    arrived = passed(ends, waves)

    for wave, again in zip(waves, arrived, strict=True):
        assert again.samples.shape == wave.samples.shape
        assert again.samples.tobytes() == wave.samples.tobytes()
    arrived[0].samples[0, 0] = 7


def test_values_stay_apart(ends):
    for number in range(3):
        ends[0].send(number)

    assert [ends[1].recv() for _ in range(3)] == [0, 1, 2]


def test_the_end_is_told_from_silence(ends):
    assert not ends[1].is_at_end()
    ends[0].send(1)
    assert not ends[1].is_at_end()
    ends[0].close()
    assert not ends[1].is_at_end()
    assert ends[1].recv() == 1
    assert ends[1].is_at_end()
    with pytest.raises(EOFError):
        ends[1].recv()


def test_a_value_that_breaks_off_is_the_end(ends):
    one, other = socket.socketpair()
    one.send(b"\0" * 20)
    one.close()
    with pytest.raises(EOFError):
        Channel(other).recv()
    other.close()


def test_what_nobody_takes_is_an_error(ends):
    ends[1].close()
    with pytest.raises(OSError, match="Broken pipe"):
        ends[0].send(1)
