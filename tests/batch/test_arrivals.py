from __future__ import annotations

import threading
import time
from pathlib import Path

from callaudit.batch.arrivals import LOOK_AHEAD, Arrivals
from callaudit.batch.intake import Taken, Waiting
from callaudit.domain.analysis import CallSource


def sources(*stems):
    return [CallSource(path=Path(f"{stem}.wav")) for stem in stems]


def stems_of(arrivals):
    found = []
    while arrivals.left:
        arrival = arrivals.next(1.0)
        if arrival is not None:
            found.append((arrival[0].path.stem, type(arrival[1]).__name__))
    return found


def test_recordings_come_in_the_order_in_which_they_were_found():
    gate = threading.Event()

    def take(source):
        if source.path.stem == "a":
            gate.wait(5)  # later ones are ready first
        else:
            gate.set()
        return Taken(source, None)

    arrivals = Arrivals(sources(*"abcd"), take, patience_s=0)

    assert [stem for stem, _ in stems_of(arrivals)] == list("abcd")
    arrivals.close()


def test_one_that_is_still_written_comes_when_it_is_done():
    looks = []

    def take(source):
        looks.append(source.path.stem)
        return Waiting(0.0) if looks.count("a") < 3 and source.path.stem == "a" else Taken(source, None)

    arrivals = Arrivals(sources("a", "b"), take, patience_s=5)

    assert stems_of(arrivals) == [("b", "Taken"), ("a", "Taken")]
    arrivals.close()


def test_one_that_never_ends_comes_as_such_once_patience_is_over():
    now = [0.0]

    def take(source):
        now[0] += 1.0
        return Waiting(0.0)

    arrivals = Arrivals(sources("a"), take, patience_s=10, clock=lambda: now[0])

    assert stems_of(arrivals) == [("a", "Waiting")]
    assert now[0] > 10
    arrivals.close()


def test_patience_begins_when_nothing_else_is_left():
    now = [0.0]

    def take(source):
        now[0] += 100.0
        return Waiting(0.0) if source.path.stem == "a" and now[0] < 500 else Taken(source, None)

    arrivals = Arrivals(sources("a", "b", "c", "d"), take, patience_s=1000, clock=lambda: now[0])

    assert dict(stems_of(arrivals))["a"] == "Taken"
    arrivals.close()


def test_no_more_is_read_ahead_than_agreed():
    taken = []

    def take(source):
        taken.append(source)
        return Taken(source, None)

    arrivals = Arrivals(sources(*map(str, range(50))), take, patience_s=0)
    arrivals.next(1.0)
    arrivals.close()

    assert len(taken) <= LOOK_AHEAD + 1
    assert {item.source.path for item in arrivals.taken_ahead()} == {source.path for source in taken[1:]}


def test_a_download_that_takes_long_holds_up_nobody_who_wants_to_stop():
    arrivals = Arrivals(sources("a", "b", "c"), lambda source: time.sleep(20), patience_s=0)
    arrivals.next(0.05)

    begun_s = time.monotonic()
    arrivals.close()
    assert time.monotonic() - begun_s < 5
    assert list(arrivals.taken_ahead()) == []


def test_patience_begins_anew_when_something_else_has_come():
    now = [0.0]
    growing = {"a", "b"}

    def take(source):
        return Waiting(now[0]) if source.path.stem in growing else Taken(source, None)

    arrivals = Arrivals(sources("a", "b"), take, patience_s=10, clock=lambda: now[0])

    def come_within(steps):
        found = []
        for _ in range(steps):
            now[0] += 1.0
            if (arrival := arrivals.next(1.0)) is not None:
                found.append((arrival[0].path.stem, type(arrival[1]).__name__))
        return found

    assert come_within(8) == []
    growing.remove("a")
    assert come_within(8) == [("a", "Taken")]  # and its work takes time, in which the other may end
    growing.remove("b")
    assert come_within(2) == [("b", "Taken")]
    arrivals.close()


def test_one_that_comes_again_is_waited_for_as_long_as_any():
    now = [0.0]
    growing = {"a"}

    def take(source):
        return Waiting(now[0]) if source.path.stem in growing else Taken(source, None)

    arrivals = Arrivals(sources("a", "b"), take, patience_s=10, clock=lambda: now[0])
    changed = arrivals.next(1.0)[0]
    now[0] = 1.0
    assert arrivals.next(1.0) is None  # patience with the other begins
    now[0] = 50.0
    growing.add("b")
    arrivals.again(changed, 51.0)
    assert arrivals.next(1.0) is None  # given up neither the one nor the other
    now[0] = 52.0
    growing.remove("b")

    assert isinstance(arrivals.next(1.0)[1], Taken)
    arrivals.close()


def test_one_that_is_read_when_others_are_left_is_handed_out_and_waited_for_no_longer():
    may_end = threading.Event()

    def take(source):
        may_end.wait(5)
        return Waiting(1e9)

    arrivals = Arrivals(sources("a"), take, patience_s=1e9)
    assert arrivals.next(0.0) is None
    assert arrivals.leave(lambda source: True) == []
    may_end.set()

    assert isinstance(arrivals.next(5.0)[1], Waiting)
    assert arrivals.left == 0
    arrivals.close()


def test_recordings_that_wait_may_be_left_as_well_as_those_that_nobody_has_looked_at():
    def take(source):
        return {"a": Waiting(1e9), "b": Waiting(1e9, is_for_room=True)}.get(source.path.stem) or Taken(source, None)

    arrivals = Arrivals(sources(*"ab", *map(str, range(LOOK_AHEAD + 2))), take, patience_s=1e9)
    assert arrivals.next(1.0)[0].path.stem == "0"
    left = arrivals.leave(lambda source: source.path.stem != str(LOOK_AHEAD))

    assert {source.path.stem for source in left} == {"a", "b", str(LOOK_AHEAD + 1)}
    assert arrivals.left + len(left) == LOOK_AHEAD + 3
    arrivals.close()


def test_patience_is_for_those_that_are_written_and_not_for_those_that_wait_for_room():
    now = [0.0]

    def take(source):
        now[0] += 1.0
        is_full = now[0] < 500
        return Waiting(now[0], is_for_room=True) if is_full else Taken(source, None)

    arrivals = Arrivals(sources("a"), take, patience_s=10, clock=lambda: now[0])

    assert stems_of(arrivals) == [("a", "Taken")]
    arrivals.close()
