from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callaudit.domain.addresses import label_of
from callaudit.errors import AudioError
from callaudit.storage.rereading import Rereading, Unreadable, first_run_at, known_recordings, reread
from callaudit.storage.store import SqlStore

NOW = datetime.now(UTC)


def absent(path: Path) -> str | None:
    return None


def touched(folder: Path, at: datetime) -> Path:
    """A folder that last changed at a moment."""
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder, (at.timestamp(), at.timestamp()))
    return folder


def test_each_recording_is_counted_once() -> None:
    def digest(path: Path) -> str | None:
        if path.name == "d":
            raise AudioError("Permission denied", code="audio.unreadable", hint="")
        return {"a": "1", "b": "2"}.get(path.name)

    found = reread([(Path(name), "1") for name in "abcd"], digest, None)
    assert found == Rereading(
        same=1, changed=(Path("b"),), gone=(Path("c"),), unreadable=(Unreadable(Path("d"), "Permission denied"),)
    )
    assert found.looked_for == 4
    assert not found.is_blind


@pytest.mark.parametrize(
    ("found", "is_blind"),
    [
        (Rereading(), False),
        (Rereading(same=1, gone=(Path("a"),)), False),
        (Rereading(changed=(Path("a"),)), False),
        (Rereading(gone=(Path("a"),)), True),
        (Rereading(unreadable=(Unreadable(Path("a"), "x"),)), True),
    ],
)
def test_what_is_only_gone_or_unreadable_was_not_compared(found: Rereading, is_blind: bool) -> None:
    assert found.is_blind is is_blind


@pytest.mark.parametrize("name", ["a.wav", "2026-03-02/a.wav"])
def test_a_folder_that_is_empty_and_older_than_the_first_scan_is_taken_for_a_share_that_is_not_mounted(
    tmp_path: Path, name: str
) -> None:
    share = touched(tmp_path / "share", NOW - timedelta(days=9))
    found = reread([(share / name, "1")], absent, NOW - timedelta(days=8))
    assert found.gone == ()
    assert found.unreadable[0].path == share / name
    assert found.unreadable[0].reason.startswith(f"{share} is empty")
    assert "is it mounted?" in found.unreadable[0].reason


def test_a_folder_that_was_emptied_since_the_first_scan_has_lost_its_recordings(tmp_path: Path) -> None:
    share = touched(tmp_path / "share", NOW - timedelta(days=9))
    (share / "a.wav").touch()
    (share / "a.wav").unlink()
    assert reread([(share / "a.wav", "1")], absent, NOW - timedelta(days=8)).gone == (share / "a.wav",)


def test_a_folder_with_other_recordings_has_lost_those_that_are_not_there(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "b.wav").touch()
    touched(share, NOW - timedelta(days=9))
    wanted = [share / "a.wav", share / "2026-03-02" / "a.wav"]
    assert reread([(path, "1") for path in wanted], absent, NOW - timedelta(days=8)).gone == tuple(wanted)


def test_remote_recordings_and_those_of_which_no_run_is_known_are_gone_where_they_are_not_there(tmp_path: Path) -> None:
    share = touched(tmp_path / "share", NOW - timedelta(days=9))
    assert reread([(share / "a.wav", "1")], absent, None).gone == (share / "a.wav",)
    remote = label_of("s3://calls/a.wav")
    assert reread([(remote, "1")], absent, NOW).gone == (remote,)


@pytest.mark.parametrize(("share", "chosen"), [(0.0, []), (1e-6, ["4"]), (1.0, ["0", "1", "2", "3", "4"])])
def test_of_few_recordings_one_at_least_is_chosen(store: SqlStore, share: float, chosen: list[str]) -> None:
    for number in range(5):
        store.link(Path(str(number)), f"{9 - number}" * 64)
    with store._reading() as connection:
        assert known_recordings(connection, share) == [(Path(name), f"{9 - int(name)}" * 64) for name in chosen]


def test_the_first_run_is_the_one_that_began_first(store: SqlStore) -> None:
    with store._reading() as connection:
        assert first_run_at(connection) is None
    for day in (0, 1):
        store.begin_run(NOW + timedelta(days=day), "f")
    with store._reading() as connection:
        assert first_run_at(connection) == NOW
