from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.batch.space import LOOK_EVERY_S, FreeSpace
from callaudit.errors import StorageError

HERE = Path("/srv/callaudit")
MIB = 1 << 20


def test_a_disk_that_is_nearly_full_is_named_with_what_is_left():
    error = FreeSpace((HERE,), 200 * MIB, free_bytes=lambda folder: 150 * MIB)()

    assert isinstance(error, StorageError)
    assert (error.code, "150 MiB" in error.message, str(HERE) in error.message) == ("storage.low", True, True)


@pytest.mark.parametrize(("free", "wanted"), [(200 * MIB, 200 * MIB), (0, 0)])
def test_enough_room_is_no_trouble_and_zero_asks_for_none(free, wanted):
    assert FreeSpace((HERE,), wanted, free_bytes=lambda folder: free)() is None


def test_any_of_the_folders_may_run_full():
    free = {Path("/a"): 500 * MIB, Path("/b"): 1}

    assert "/b" in FreeSpace(tuple(free), 200 * MIB, free_bytes=free.__getitem__)().message


def test_the_system_is_asked_now_and_then_only():
    asked, now = [], [0.0]

    def free(folder):
        asked.append(now[0])
        return 1 if len(asked) > 1 else 500 * MIB

    space = FreeSpace((HERE,), 200 * MIB, free_bytes=free, clock=lambda: now[0])
    assert space() is None
    now[0] = LOOK_EVERY_S / 2
    assert space() is None
    now[0] = LOOK_EVERY_S
    assert space() is not None
    assert asked == [0.0, LOOK_EVERY_S]


def test_a_folder_that_is_gone_is_left_to_whoever_writes_there():
    def gone(folder):
        raise FileNotFoundError

    assert FreeSpace((HERE,), 200 * MIB, free_bytes=gone)() is None
