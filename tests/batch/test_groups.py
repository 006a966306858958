from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch import groups
from callaudit.batch.admission import Work
from callaudit.batch.groups import Grouping, Prepared
from callaudit.batch.intake import Taken
from callaudit.domain.analysis import CallSource
from callaudit.pipeline import prepare
from tests.batch.executors import fixed
from tests.fakes import make_engines

ENGINES = make_engines()


def prepared(name):
    source = CallSource(path=Path(f"{name}.wav"))
    return Prepared(Work(Taken(source, None), fixed(source)), prepare(source, ENGINES))


def grouping_of(waiting, most=4):
    grouping = Grouping(most)
    for number in range(waiting):
        grouping.add(prepared(number))
    return grouping


def taken(grouping, **state):
    return [item.work.source.path.stem for item in grouping.take(**state)]


@pytest.mark.parametrize(
    ("waiting", "coming", "hearers", "is_ready"),
    [
        (0, 0, 2, False),  # nothing waits
        (0, 100, 2, False),
        (3, 100, 2, False),  # a whole group will come together
        (4, 100, 2, True),
        (3, 0, 1, True),  # no more will come
        (3, 1, 1, False),  # one more will
        (2, 2, 2, True),  # two for each
        (1, 3, 2, False),
        (1, 0, 9, True),
        (2, 5, 0, False),  # nobody is there at the moment: as for one
    ],
)
def test_a_group_waits_until_it_is_what_one_worker_should_take(waiting, coming, hearers, is_ready):
    assert grouping_of(waiting).is_ready(coming, hearers) is is_ready


def test_a_group_that_holds_too_much_sound_waits_for_no_more(monkeypatch):
    grouping = grouping_of(2, most=9)
    assert (grouping.is_ready(100, 1), grouping.has_room()) == (False, True)

    monkeypatch.setattr(groups, "MAX_HELD_BYTES", 1)
    assert (grouping.is_ready(100, 1), grouping.has_room()) == (True, False)


def test_calls_may_come_to_wait_until_a_whole_group_does_though_those_who_are_busy_will_take_fewer():
    grouping = grouping_of(3)
    assert grouping.is_ready(coming=0, hearers=4)
    assert grouping.has_room()

    grouping.add(prepared("last"))
    assert not grouping.has_room()


@pytest.mark.parametrize(
    ("waiting", "coming", "hearers", "free", "size"),
    [
        (5, 100, 1, 1, 4),  # never more than go together
        (4, 100, 2, 2, 2),  # as much for the other who is free
        (4, 0, 2, 1, 2),  # as much for the other who will be
        (3, 0, 2, 1, 2),
        (1, 0, 4, 4, 1),
    ],
)
def test_one_takes_what_leaves_enough_for_the_others(waiting, coming, hearers, free, size):
    assert len(grouping_of(waiting).take(coming, hearers, free)) == size


def test_calls_leave_in_the_order_in_which_they_came():
    grouping = grouping_of(5, most=2)
    state = {"coming": 0, "hearers": 1, "free": 1}

    assert [taken(grouping, **state) for _ in range(3)] == [["0", "1"], ["2", "3"], ["4"]]
    assert not grouping
